import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { newcomer, setUp } from './installation.ts';
import { hasTmux, type Terminal } from './tmux.ts';

const isHere = await hasTmux();
if (!isHere) console.warn('skipped: the journeys in a terminal need tmux, which is not installed here');

const limitMs = 180_000;

/** Types the recovery words back that are asked for. */
async function typeWordsBack(terminal: Terminal): Promise<void> {
  const shown = await terminal.shows('I have it');
  const dialog = shown
    .split('\n')
    .filter((line) => line.includes('│'))
    .join('\n');
  const words = new Map(
    [...dialog.matchAll(/(\d+) ([a-z]{3,8})\b/g)].map(([, number, word]) => [Number(number), word]),
  );
  expect(words.size).toBe(24);
  await terminal.type('written');
  await terminal.keys('Tab', 'Enter');
  for (let asked = 0; asked < 3; asked++) {
    const question = await terminal.shows(/Word (\d+), from your paper/);
    const number = Number(/Word (\d+), from your paper/.exec(question)?.[1]);
    await terminal.type(words.get(number) ?? '');
    await terminal.keys('Enter');
    if (asked < 2) await terminal.shows(new RegExp(`Word (?!${number},)\\d+, from your paper`));
  }
}

describe.runIf(isHere)('in a real terminal', () => {
  it('somebody new finds the way from nothing to a restored machine', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await using terminal = await person.terminal(100, 30);
    await terminal.shows('Welcome to Holdfast');
    expect(await terminal.modes()).toMatchObject({ isAlternate: true });

    await terminal.keys('Enter');
    await terminal.shows('Add a hypervisor');
    await terminal.type('lab');
    await terminal.keys('Tab');
    await terminal.type('kvm');
    await terminal.shows('libvirt');
    await terminal.keys('Tab');
    await terminal.shows(/▐\*folder/);
    await terminal.type(person.machines);
    await terminal.shows('Configuration');
    await terminal.keys('Enter');
    await terminal.shows('── Done');
    await terminal.shows('1 of 1 can');
    await terminal.keys('Enter');

    await terminal.shows(/✓ Look at the machines/);
    await terminal.keys('Enter');
    await terminal.shows(/▐\*path/);
    await terminal.type(join(person.home, 'backup'));
    await terminal.shows('shown once, to be typed back');
    await terminal.keys('Enter');
    await typeWordsBack(terminal);
    await terminal.shows('── Done');
    await terminal.keys('Enter');

    await terminal.shows(/✓ Choose where restore points/);
    await terminal.keys('2');
    await terminal.shows(/web-07 .*unprotected/);
    await terminal.keys('p');
    await terminal.shows('Plan for');
    await terminal.keys('Enter');
    await terminal.shows(/protect · lab\/web-07 · done/);

    await terminal.keys('2');
    await terminal.shows(/web-07 .*● protected/);
    await terminal.keys('r');
    await terminal.shows('Restore web-07');
    await terminal.shows(/write web-07 as web-07-restored/);
    await terminal.keys('Enter');
    await terminal.shows(/restore · .* · done/);
    const [before, after] = await Promise.all(
      ['web-07/web-07.raw', 'web-07-restored/vda.raw'].map((name) => readFile(join(person.machines, name))),
    );
    expect(before?.equals(after ?? Buffer.alloc(0))).toBe(true);

    await terminal.keys('q');
    await terminal.ended();
    expect(await terminal.modes()).toEqual({ isAlternate: false, isCursorShown: true });
  });

  it('a run is watched, stopped into a safe state, and run again', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    // The slowest level there is, so that there is time to press a key.
    await appendFile(join(person.home, '.config/holdfast/holdfast.config.yaml'), 'compression: 19\n');
    await using terminal = await person.terminal(100, 30);
    await terminal.keys('2');
    await terminal.shows('web-07');
    await terminal.keys('p');
    await terminal.shows('Plan for');
    await terminal.keys('Enter');
    await terminal.shows(/▶ .*(proxy|reading)/);
    await terminal.keys('c');
    await terminal.shows('Stop it');
    await terminal.keys('Tab', 'Enter');
    await terminal.shows(/cancelled/);
    await terminal.shows(/cleaned: .*released the snapshot/);
    expect(JSON.parse(await person.must('point', 'list', '--json')).points).toEqual([]);
    await terminal.keys('r');
    await terminal.shows('Run it again?');
    await terminal.keys('Tab', 'Enter');
    await terminal.shows(/protect · lab\/web-07 · done/, 60_000);
    expect(JSON.parse(await person.must('point', 'list', '--json')).points).toHaveLength(1);
  });

  it('what can be undone is undone by one key', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    const before = JSON.parse(await person.must('config', 'show', '--json'));
    await using terminal = await person.terminal(100, 30);
    await terminal.shows('Needs you');
    await terminal.keys('F1');
    await terminal.type('endpoint remove');
    await terminal.shows('Remove an endpoint');
    await terminal.keys('Enter');
    await terminal.shows(/▐\*name/);
    await terminal.type('lab');
    await terminal.shows('removes endpoint lab');
    await terminal.keys('Enter');
    await terminal.shows('u undoes it');
    expect(JSON.parse(await person.must('endpoint', 'list', '--json')).endpoints).toEqual([]);
    await terminal.keys('u');
    await terminal.shows(/Add a hypervisor: done/);
    const after = JSON.parse(await person.must('config', 'show', '--json'));
    expect(after.config.endpoints).toEqual(before.config.endpoints);
  });

  it('a pasted text types, and runs nothing', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    await using terminal = await person.terminal(80, 24);
    await terminal.keys('2');
    await terminal.shows('web-07');
    await terminal.paste('q\np\n\u001b[2J');
    await terminal.keys('/');
    await terminal.paste('web\u001b]0;owned\u0007');
    await terminal.shows(/web/);
    expect(await terminal.screen()).toContain('Machines');
    expect((await person.must('run', 'list', '--json')).includes('"runs": []')).toBe(true);
  });

  it('a window that is too small says so and recovers', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    await using terminal = await person.terminal(80, 24);
    await terminal.shows('Machines');
    for (const [columns, rows] of [
      [20, 5],
      [1, 1],
      [39, 9],
    ] as const)
      await terminal.resize(columns, rows);
    await terminal.shows(/too small/i);
    await terminal.resize(500, 200);
    await terminal.shows('Machines');
    await terminal.resize(80, 24);
    await terminal.keys('2');
    await terminal.shows('web-07');
  });

  it('what another shell does is seen without a restart', { timeout: limitMs }, async () => {
    await using person = await newcomer('web-07');
    await setUp(person);
    await using terminal = await person.terminal(120, 40);
    await terminal.keys('2');
    await terminal.shows(/web-07 .*unprotected/);
    await person.must('protect', 'web-07', '--yes');
    await terminal.shows(/web-07 .*● protected/);
    await person.must('endpoint', 'remove', 'lab', '--yes');
    await terminal.shows(/no machines|Machines {2}0/);
  });
});
