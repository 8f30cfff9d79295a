import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtInCommands } from '../../core/shell/commands/all.ts';
import { argumentsOf } from '../../core/shell/registry/arguments.ts';
import { frontDeclarations } from '../../core/shell/registry/front-commands.ts';
import { type Mention, mentionsInCode, mentionsInPages } from './mentions.ts';

const root = new URL('../../', import.meta.url).pathname;

/** Flags of every command, and those of the line before it. */
const common = new Set(['json', 'dry-run', 'yes', 'break-glass', 'help', 'config', 'home', 'version']);
/** Their flags are the settings of the plugin that is named. */
const open = new Set(['endpoint.add', 'target.add', 'init']);

const commands = new Map<string, readonly string[]>([
  ...[...builtInCommands, ...frontDeclarations].map((command): [string, string[]] => [
    command.id,
    argumentsOf(command).map(({ flag }) => flag),
  ]),
  ...contributed(),
  ['help', []],
]);

describe('commands that a person is told to type exist', () => {
  test('in the README, which names the most important ones', () => {
    const readme = mentionsInPages(root, 'holdfast').filter(({ where }) => where.startsWith('README.md'));
    expect(readme.length).toBeGreaterThan(5);
    expect(faults(readme)).toEqual([]);
  });

  test('in all other pages', () => {
    expect(faults(mentionsInPages(root, 'holdfast'))).toEqual([]);
  });

  test('in every message and remedy', () => {
    const mentions = mentionsInCode(root);
    expect(mentions.length).toBeGreaterThan(50);
    expect(faults(mentions)).toEqual([]);
  });

  test('as scripts of npm', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const missing = mentionsInPages(root, 'npm run').filter(
      ({ line }) => !Object.hasOwn(scripts, line.split(' ')[0] ?? ''),
    );
    expect(missing).toEqual([]);
  });

  test.each([
    ['no-such', 'no command'],
    ['machine lost', 'no command'],
    ['machine list --no-such-flag', 'no flag --no-such-flag'],
    ['config schema extra --json', null],
    ['machine --help', null],
    ['endpoint add lab --use kvm --folder /x', null],
  ])('a planted `holdfast %s` gives: %s', (line, fault) => {
    const found = faults([{ where: 'planted:1', line }]);
    expect(found).toEqual(fault === null ? [] : [expect.stringContaining(fault)]);
  });
});

function faults(mentions: readonly Mention[]): string[] {
  return mentions.flatMap(({ where, line }) => {
    const fault = faultOf(line);
    return fault === null ? [] : [`${where}: holdfast ${line}: ${fault}`];
  });
}

function faultOf(line: string): string | null {
  const all = line.split(/\s+/).filter((word) => word !== '');
  const firstFlag = all.findIndex((word) => word.startsWith('-'));
  const words = firstFlag < 0 ? all : all.slice(0, firstFlag);
  const plain = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word));
  const names = plain < 0 ? words : words.slice(0, plain);
  const flags = all.flatMap((word) => /^--(?:no-)?([a-z][a-z-]*)/.exec(word)?.slice(0, 2) ?? []);
  if (names.length === 0) return flags.length > 0 || words.length > 0 ? null : 'no command';
  const id = longestCommand(names);
  if (id === null) return isTopic(names.join('.')) ? null : 'no command of this name';
  if (open.has(id)) return null;
  const known = commands.get(id) ?? [];
  for (let at = 0; at < flags.length; at += 2) {
    const written = flags[at]?.slice(2) ?? '';
    const bare = flags[at + 1] ?? '';
    if (![written, bare].some((flag) => known.includes(flag) || common.has(flag))) return `no flag --${written}`;
  }
  return null;
}

function longestCommand(names: readonly string[]): string | null {
  for (let length = names.length; length > 0; length--) {
    const id = names.slice(0, length).join('.');
    if (commands.has(id)) return id;
  }
  return null;
}

function isTopic(name: string): boolean {
  return [...commands.keys()].some((id) => id.startsWith(`${name}.`));
}

/** Commands that the manifests of this checkout declare. */
function contributed(): [string, string[]][] {
  return globSync('plugins/*/*/package.json', { cwd: root }).flatMap((file) => {
    const { contributes } = JSON.parse(readFileSync(join(root, file), 'utf8'));
    const declared: {
      id: string;
      args: { properties?: object };
      positionals?: string[];
      title: string;
      danger: 'read';
    }[] = contributes?.commands ?? [];
    return declared.map((command): [string, string[]] => [command.id, argumentsOf(command).map(({ flag }) => flag)]);
  });
}
