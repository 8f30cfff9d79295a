import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newcomer, setUp } from './installation.ts';
import { hasTmux, type Terminal } from './tmux.ts';

const isHere = await hasTmux();
if (!isHere) console.warn('skipped: policies in a terminal need tmux, which is not installed here');

const limitMs = 180_000;

/** Presses Tab until a field has the cursor; how many fields there are before it depends on the plugins. */
async function tabTo(terminal: Terminal, field: RegExp): Promise<void> {
  for (let pressed = 0; pressed < 40; pressed++) {
    if (field.test(await terminal.screen())) return;
    await terminal.keys('Tab');
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  throw new Error(`${field} is never reached:\n${await terminal.screen()}`);
}

/** What the house has already: a policy for machines that are not there yet, with its reasons. */
const file = `# Policies of the house.
zone: Europe/London   # where we are
policies:
  # Nobody misses these.
  scratch:
    protect: { names: ['scratch-*'] }   # by name
    workflows:
      backup:
        schedule: Sun 02:00   # when nobody works
        steps: [ snapshot, { proxy: { to: main } } ]
`;

describe.runIf(isHere)('policies in a real terminal', () => {
  it('a policy is composed by keys alone, saved, applied and then nothing is left to change', {
    timeout: limitMs,
  }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    const policies = join(person.home, 'policies.yaml');
    await writeFile(policies, file);
    await person.must('apply', '--file', policies, '--yes');
    await using terminal = await person.terminal(80, 24);
    await terminal.keys('2');
    await terminal.shows(/web-07 .*unprotected/);
    await terminal.keys('P');
    await terminal.shows('New policy');
    await terminal.shows('1 of 1: web-07');
    await terminal.type('web');
    await tabTo(terminal, /▐ when /);
    await terminal.type('every 12h');
    await terminal.shows(/When +next /);
    await terminal.keys('Tab');
    await terminal.type('1d');
    await tabTo(terminal, /▐ main /);
    await terminal.type('daily=7,weekly=4');
    await terminal.shows(/points a machine/);
    await terminal.shows(/gains 1 machine · nothing expires/);
    await terminal.keys('C-s');
    await terminal.shows('written, not in force');
    const saved = await readFile(policies, 'utf8');
    expect(saved.startsWith(file)).toBe(true);
    expect(saved).toContain('daily: 7, weekly: 4');
    await terminal.keys('e');
    await terminal.shows(/changes what is in/);
    await terminal.shows('nothing expires');
    await terminal.keys('Enter');
    await terminal.shows('No restore point expires by it');
    await terminal.keys('Tab', 'Enter');
    await terminal.shows('in force');
    expect(await readFile(policies, 'utf8')).toBe(saved);
    const plan = JSON.parse(await person.must('plan', '--file', policies, '--json'));
    const kinds = (plan.plan ?? plan).changes.map(
      ({ policy, kind }: { policy: string; kind: string }) => `${policy} ${kind}`,
    );
    expect(kinds.toSorted()).toEqual(['scratch same', 'web same']);
    await terminal.keys('Enter');
    await terminal.keys('6');
    await terminal.shows(/web +● active/);
  });
});
