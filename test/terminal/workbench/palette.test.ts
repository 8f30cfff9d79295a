import { expect, it } from 'vitest';
import { key, sitDown } from './bench.ts';

it('the palette finds a command by a few of its letters and runs it', async () => {
  const seat = await sitDown();
  await seat.press(key.ctrl('P'), ...'lst targets');
  await seat.shows('List targets');
  await seat.press(key.enter);
  await seat.shows('s3://fra');
  expect(seat.text()).toContain('holdfast target list');
});

it('what was chosen lately comes first the next time, also in another session', async () => {
  const first = await sitDown();
  await first.press(key.f1, ...'doctor', key.enter);
  await expect.poll(() => first.desk.kept.get('recent')).toEqual(['doctor']);
  const second = await sitDown({ memory: { recent: ['endpoint.list'] } });
  await second.press(key.ctrl('P'));
  expect(second.text()).toMatch(/recent[\s\S]*List endpoints[\s\S]*commands/);
});

it('a machine, a restore point and a run are opened by typing their names', async () => {
  const seat = await sitDown();
  await seat.press(key.ctrl('P'), ...'lab/web-12');
  await seat.shows('machine');
  await seat.press(key.enter);
  await seat.shows('Machine lab/web-12');
  await seat.press(key.ctrl('P'), ...'77aa0b12');
  await seat.shows('77aa0b12-0002');
  expect(seat.text()).toContain('run');
});

it('a > at the beginning looks for commands alone', async () => {
  const seat = await sitDown({ machines: ['verify-me'] });
  await seat.press(key.ctrl('P'), ...'verify');
  await seat.shows('lab/verify-me');
  await seat.escape();
  await seat.press(key.ctrl('P'), ...'>verify');
  await seat.shows('Run a command');
  await seat.shows('Read a restore point back');
  expect(seat.text()).not.toContain('lab/verify-me');
});

it('escape leaves the palette and nothing was run', async () => {
  const seat = await sitDown();
  const before = seat.desk.ran.length;
  await seat.press(key.ctrl('P'), ...'target list');
  await seat.escape();
  await seat.hides('Find and run anything');
  expect(seat.desk.ran.slice(before)).not.toContain('holdfast target list');
});

it('the colours are shown while one chooses, kept by enter and taken back by escape', async () => {
  const seat = await sitDown();
  const colourAt = async (x: number): Promise<unknown> => {
    await seat.emulator.settled();
    return seat.emulator.cell(x, 10).bg;
  };
  await expect.poll(() => colourAt(40)).not.toBeNull();
  const before = await colourAt(40);
  await seat.press(key.ctrl('K'), key.ctrl('T'));
  await seat.shows('Choose colours');
  await seat.press(...'light');
  await expect.poll(() => colourAt(1)).not.toBe(before);
  await seat.escape();
  await expect.poll(() => colourAt(40)).toBe(before);
  expect(seat.desk.kept.has('theme')).toBe(false);
  await seat.press(key.ctrl('K'), key.ctrl('T'), ...'light', key.enter);
  await expect.poll(() => seat.desk.kept.get('theme')).toBe('light');
});
