import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { builtInCommands } from '../../core/shell/commands/all.ts';
import { frontDeclarations } from '../../core/shell/registry/front-commands.ts';
import { missing } from '../e2e/ssh/open-ssh.ts';

const page = new URL('../../docs/man/holdfast.1', import.meta.url).pathname;
const roff = readFileSync(page, 'utf8');

/** Identities of commands that the manual names, as `.B holdfast session list\fR|\fPend`. */
function named(): string[] {
  const plain = roff.replaceAll(/\\f[RPBI]/g, '').replaceAll('\\-', '-');
  return [...plain.matchAll(/^\.B holdfast ([a-z]+)(?: ([a-z|]+))?(?: ([a-z|]+))?/gm)].flatMap(
    ([, topic = '', verbs, more]) => {
      if (verbs === undefined) return [topic];
      const ids = verbs.split('|').map((verb) => `${topic}.${verb}`);
      return more === undefined ? ids : more.split('|').map((verb) => `${topic}.${verbs}.${verb}`);
    },
  );
}

test('the manual names only commands that there are, and something of every topic', () => {
  const commands = [...builtInCommands, ...frontDeclarations];
  const ids = new Set<string>(commands.map(({ id }) => id));
  expect(named().filter((id) => !ids.has(id) && id !== 'help')).toEqual([]);
  const shown = commands.filter((command) => !('hidden' in command && command.hidden === true));
  const topics = new Set(shown.map(({ id }) => id.split('.')[0] ?? ''));
  const told = new Set(roff.match(/[a-z]+/g));
  expect([...topics].filter((topic) => !told.has(topic))).toEqual([]);
});

const noGroff = missing('groff');
if (noGroff !== null) console.warn(`left out: the manual is set: ${noGroff}`);

test.skipIf(noGroff !== null)('the manual is set without a warning', () => {
  const said = execFileSync('/bin/sh', ['-c', `groff -man -ww -z -Tutf8 '${page}' 2>&1`], { encoding: 'utf8' });
  expect(said).toBe('');
});
