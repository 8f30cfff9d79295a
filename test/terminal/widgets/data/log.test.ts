import type { LogView } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { LogWidget } from '../../../../core/terminal/widgets/data/log-widget.ts';
import { env, frame, now, point, press, rows } from './draw.ts';
import { log } from './examples.ts';

function widgetOf(view: LogView = log, height = 10): LogWidget {
  const widget = new LogWidget(env());
  widget.set(view);
  frame(widget, 80, height);
  return widget;
}

const line = (text: string, level: 'info' | 'warn' = 'info'): LogView['lines'][number] => ({ at: now, level, text });
const numbered = (count: number): LogView => ({
  kind: 'log',
  title: 'Log',
  lines: Array.from({ length: count }, (_, index) => line(`line ${index}`)),
});

describe('a log', () => {
  it('follows what comes, until one goes up to read', () => {
    const widget = widgetOf(numbered(50));
    widget.append([line('the newest')]);
    expect(rows(widget, 80, 10).at(-1)).toMatch(/the newest +▐$/);
    press(widget, 'up', 'up');
    const before = rows(widget, 80, 10).slice(1);
    widget.append([line('one more')]);
    expect(
      rows(widget, 80, 10)
        .slice(1)
        .map((row) => row.replace('▐', '').trimEnd()),
    ).toEqual(before.map((row) => row.replace('▐', '').trimEnd()));
    expect(rows(widget, 80, 10)[0]).toBe('Log  52 lines');
    press(widget, 'end');
    expect(rows(widget, 80, 10)[0]).toBe('Log  52 lines · following');
    expect(rows(widget, 80, 10).at(-1)).toContain('one more');
  });

  it('follows again when one has come back to the end, and stops with f', () => {
    const widget = widgetOf(numbered(50));
    press(widget, 'up');
    press(widget, 'down');
    expect(rows(widget, 80, 10)[0]).toContain('following');
    press(widget, 'f');
    widget.append([line('one more')]);
    expect(rows(widget, 80, 10).join('\n')).not.toContain('one more');
  });

  it('has a sign beside the colour of each level', () => {
    const widget = widgetOf(log, 60);
    const text = rows(widget, 120, 60).join('\n');
    expect(text).toMatch(/◐ disk 113/);
    expect(text).toMatch(/✗ disk 107/);
    expect(text).toMatch(/○ disk 105/);
  });

  it('wraps at words, and without wrapping is moved sideways', () => {
    const widget = widgetOf({ ...log, lines: [line('first half, and then the second half which does not fit')] });
    expect(rows(widget, 40, 6).slice(1, 4)).toEqual([
      '12:00:00   first half, and then the',
      '           second half which does not',
      '           fit',
    ]);
    press(widget, 'w');
    expect(rows(widget, 40, 6)[1]).toMatch(/^12:00:00 {3}first half, and then the se…$/);
    press(widget, 'right', 'right');
    expect(rows(widget, 40, 6)[1]).toMatch(/^12:00:00 {3}then the second half which …$/);
  });

  it('is searched as one types, with n for the next and N for the one before, around the ends', () => {
    const widget = widgetOf(numbered(200));
    press(widget, 'home', '/', '"line 1"');
    expect(widget.isTyping).toBe(true);
    press(widget, '"5"');
    expect(rows(widget, 80, 10).join('\n')).toContain('line 15');
    press(widget, 'enter', 'n');
    expect(rows(widget, 80, 10).join('\n')).toContain('line 150');
    press(widget, 'N', 'N');
    expect(rows(widget, 80, 10).join('\n')).toContain('line 159');
    expect(press(widget, 'escape')).toBe(true);
    expect(rows(widget, 80, 10)[0]).toBe('Log  200 lines');
  });

  it('marks each place where the word was found, and says when there is none', () => {
    const widget = widgetOf({ ...log, lines: [line('disk a, disk b')] });
    press(widget, '/', '"DISK"', 'enter');
    const grid = frame(widget, 80, 6);
    const flags = [...grid.row(1)].map((_, x) => ((grid.flags[80 + x] ?? 0) & 4) !== 0);
    expect(flags.flatMap((is, x) => (is ? [x] : []))).toEqual([11, 12, 13, 14, 19, 20, 21, 22]);
    press(widget, 'escape', '/', '"tape"');
    expect(rows(widget, 80, 6)[0]).toContain('not found');
  });

  it('of 100,000 lines looks at no more of them for a key than one of a thousand', () => {
    const looks = (count: number): number => {
      let looked = 0;
      const lines = Array.from({ length: count }, (_, index) => ({
        at: now,
        level: 'info' as const,
        get text() {
          looked += 1;
          return `line ${index} ${'and so on '.repeat(20)}`;
        },
      }));
      const widget = widgetOf({ kind: 'log', title: 'Log', lines }, 40);
      looked = 0;
      press(widget, 'pgup', 'up', 'home', 'down', 'end');
      frame(widget, 80, 40);
      return looked;
    };
    const few = looks(1_000);
    expect(looks(100_000)).toBe(few);
    expect(few).toBeLessThan(400);
  });

  it('keeps the newest 100,000 lines however many come', () => {
    const widget = widgetOf(numbered(100_000));
    for (let turn = 0; turn < 12; turn++)
      widget.append(Array.from({ length: 1000 }, (_, at) => line(`more ${turn}.${at}`)));
    frame(widget, 80, 10);
    press(widget, 'home');
    expect(rows(widget, 80, 10)[0]).toBe('Log  101,000 lines');
    expect(rows(widget, 80, 10)[1]).toContain('line 11000');
    expect(press(widget, 'end')).toBe(true);
    expect(rows(widget, 80, 10).at(-1)).toContain('more 11.999');
  });

  it('is scrolled with the wheel and at the bar', () => {
    const widget = widgetOf(numbered(200));
    expect(point(widget, 'wheel-up', 4, 4)).toBe(true);
    expect(rows(widget, 80, 10).at(-1)).toContain('line 196');
    expect(point(widget, 'press', 79, 1)).toBe(true);
    expect(rows(widget, 80, 10)[1]).toContain('line 0');
  });

  it('comes back in another session as it was read', () => {
    const widget = widgetOf(numbered(200));
    press(widget, 'w', 'home', 'pgdn');
    const next = new LogWidget(env());
    next.restore(JSON.parse(JSON.stringify(widget.state())));
    next.set(numbered(200));
    expect(rows(next, 80, 10)).toEqual(rows(widget, 80, 10));
  });
});
