import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { key, sitDown } from './bench.ts';

async function ownKeys(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-keys-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'keys.json');
  await writeFile(file, text);
  return file;
}

it('g and a letter, or a number, goes to an activity', async () => {
  const seat = await sitDown();
  await seat.press('g', 'm');
  await seat.shows('holdfast machine list');
  await seat.press('3');
  await seat.shows('holdfast run list');
});

it('g followed by a key that makes no sequence means both keys by themselves', async () => {
  const seat = await sitDown();
  await seat.press('2', key.down, key.down, 'g');
  await seat.shows('g …');
  await seat.press(key.down);
  // The first went to the top of the table, the second one row down.
  await seat.shows(/▌ mail-01/);
});

it('the help shows the keys of this view and what they do', async () => {
  const seat = await sitDown();
  await seat.press('2', '?');
  await seat.shows('Keys: Machines');
  for (const told of ['Protect', 'Restore', 'Timeline', 'Find and run anything']) expect(seat.text()).toContain(told);
  await seat.escape();
  await seat.hides('Keys: Machines');
});

it("a person's own keys go first, and the inspector shows who lost a key to whom", async () => {
  const keysFile = await ownKeys('[\n  // mine\n  { "key": "f5", "command": "target.list" }\n]');
  const seat = await sitDown({ keysFile, columns: 120, rows: 40 });
  await seat.press(key.ctrl('K'), key.ctrl('S'));
  await seat.shows('Wanted by several');
  await seat.shows('your own keys go first');
  expect(seat.text()).toContain('you, line 3');
  await seat.escape();
  await seat.press(key.f5);
  await seat.shows('s3://fra');
});

it('a bad line in the keys file is a named problem and the other lines work', async () => {
  const keysFile = await ownKeys(
    '[\n  { "key": "ctrl+", "command": "x" },\n  { "key": "f7", "command": "target.list" }\n]',
  );
  const seat = await sitDown({ keysFile, columns: 120, rows: 40 });
  await seat.shows(/\d problem/);
  await seat.press(key.ctrl('P'), ...'problems', key.enter);
  await seat.shows('own keys, line 2');
  await seat.press('\x1b[18~');
  await seat.shows('s3://fra');
});

it('keys of a plugin work, and lose to nobody but the person', async () => {
  const seat = await sitDown();
  const desk = seat.desk as { keybindings?: () => Promise<unknown> };
  desk.keybindings = () => Promise.resolve([{ plugin: '@acme/scan', binding: { key: 'f8', command: 'target.list' } }]);
  seat.desk.tell('plugins');
  await seat.emulator.settled();
  await seat.press('?');
  await seat.shows('@acme/scan');
  await seat.escape();
  await seat.press('\x1b[19~');
  await seat.shows('s3://fra');
});

it('letters typed into a filter are letters, not keys', async () => {
  const seat = await sitDown();
  await seat.press('2', '/', ...'mail-q');
  await seat.shows('mail-q');
  expect(seat.text()).toContain('Machines');
  await seat.escape();
  await seat.shows('web-07');
});
