import { expect, it } from 'vitest';
import { activities } from '../../../core/terminal/workbench/frame/activities.ts';
import { key, sitDown } from './bench.ts';
import { hostile } from './fake-desk.ts';

/** What a screen may send by itself: colours, places, modes, erasing, scrolling, the title. */
const own =
  /\x1b\[[0-9;:]*m|\x1b\[[0-9;]*[HABCDEFGJKLMPSTXdfr@]|\x1b\[\?[0-9;]*[hl]|\x1b\[[0-9]* q|\x1b\]0;Holdfast lab\x07|\x1b\]2;Holdfast lab\x07|\x1b[=>78MDEc]|\x1b\[>[0-9;]*[a-z]|\x1b\[[!?]p|\x1b\([B0]|[\r\n\b\x0e\x0f]/g;
/** C0, DEL, C1 and what reorders text. */
const acting = /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const firstActing = (sent: string): string | null => {
  const rest = sent.replace(own, '');
  const at = rest.search(acting);
  return at < 0 ? null : JSON.stringify(rest.slice(Math.max(0, at - 20), at + 20));
};

it('ten thousand hostile machine names go through every view and send nothing that acts', async () => {
  const machines = Array.from({ length: 10_000 }, (_, at) => `${hostile}-${String.fromCharCode(at % 0xa0)}-${at}`);
  const seat = await sitDown({ machines, columns: 120, rows: 40 });
  for (const [index] of activities.entries()) await seat.press(String(index + 1));
  await seat.press('2', key.pageDown, key.pageDown, ' ', '/', ...'evil', key.enter, key.enter);
  await seat.shows('Machine lab/evil');
  await seat.press(key.ctrl('P'), ...'evil-7');
  await seat.shows('evil');
  await seat.escape();
  await seat.press('?');
  await seat.escape();
  expect(firstActing(seat.emulator.sent)).toBeNull();
  expect(seat.emulator.title).toBe('Holdfast lab');
  expect(seat.emulator.bells).toBe(0);
});

it('pasted control characters are text: nothing is run, nothing is left, nothing is sent', async () => {
  const seat = await sitDown();
  await seat.press('2');
  await seat.shows('web-07');
  const before = seat.desk.ran.length;
  await seat.press(key.paste('q\x11\x1b[24~\x1b]0;owned\x07p\r3\ngs'));
  await seat.shows('holdfast machine list');
  await seat.press('/', key.paste('web\x1b[2J\x9b'));
  await seat.shows('web');
  await seat.escape();
  await seat.press(key.ctrl('P'), key.paste('target list\r'));
  await seat.escape();
  expect(seat.desk.ran.slice(before)).toEqual([]);
  expect(firstActing(seat.emulator.sent)).toBeNull();
});

it('hostile words of errors, toasts, problems and other people are shown, never obeyed', async () => {
  const problems = [{ id: '1', at: 0, source: hostile, text: hostile, remedy: hostile }];
  const seat = await sitDown({
    problems,
    actor: { name: hostile },
    columns: 120,
    rows: 40,
    answers: {
      'target.doctor': () => {
        throw new Error(hostile);
      },
    },
  });
  seat.bench.observedBy([hostile]);
  await seat.press('5', key.enter, key.ctrl('J'), key.tab, key.tab, key.enter);
  await seat.shows('evil');
  expect(firstActing(seat.emulator.sent)).toBeNull();
  expect(seat.bench.text()).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
});
