import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Toasts } from '../../../../core/terminal/widgets/dialogue/toasts.ts';
import { hostileStrings } from '../../../model/text/hostile-strings.ts';
import { drawn, oddSizes, picture, press, rowsOf } from './typing.ts';

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
  vi.useRealTimers();
});

function open() {
  let frames = 0;
  const toasts = new Toasts({
    now: () => Date.now(),
    invalidate: () => {
      frames += 1;
    },
  });
  return { toasts, frames: () => frames };
}

describe('messages in the corner', () => {
  test('stand above each other with their signs, the newest lowest, at 80×24', () => {
    const { toasts } = open();
    toasts.push('web-07 is protected: 1.1 GB new in 38 s', 'good');
    toasts.push('lab cannot be reached: the connection was refused. Its machines are shown as they were.', 'bad');
    expect(picture(toasts)).toMatchInlineSnapshot(`
      "

















                                       ▌● web-07 is protected: 1.1 GB new in 38 s

                                       ▌✗ lab cannot be reached: the connection was
                                       ▌  refused. Its machines are shown as they
                                       ▌  were."
    `);
    toasts.close();
  });

  test('are counted when there are more than are shown, and when the same is told again', () => {
    const { toasts } = open();
    for (const text of ['one', 'two', 'three', 'four', 'five', 'five']) toasts.push(text, 'active');
    const seen = picture(toasts, 60, 20);
    expect(seen).toContain('+2 more');
    expect(seen).toContain('five (2×)');
    expect(seen).not.toContain('two');
    expect(toasts.count).toBe(5);
    toasts.close();
  });

  test('go by themselves, bad news last, and the screen is told', () => {
    const { toasts, frames } = open();
    toasts.push('done', 'good');
    toasts.push('failed', 'bad');
    const before = frames();
    vi.advanceTimersByTime(6000);
    expect(picture(toasts)).not.toContain('done');
    expect(picture(toasts)).toContain('✗ failed');
    expect(frames()).toBeGreaterThan(before);
    vi.advanceTimersByTime(20_000);
    expect(toasts.count).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('are put away by Escape, newest first, and by a click', () => {
    const { toasts } = open();
    toasts.push('one', 'good');
    toasts.push('two', 'good');
    expect(press(toasts, 'escape', 'x')).toEqual([true, false]);
    expect(picture(toasts)).not.toContain('two');
    const rows = rowsOf(drawn(toasts));
    const y = rows.findIndex((row) => row.includes('one'));
    const x = rows[y]?.indexOf('one') ?? 0;
    const click = { kind: 'mouse', action: 'press', button: 'left', x, y } as const;
    expect(toasts.mouse({ ...click, x: 0 })).toBe(false);
    expect(toasts.mouse(click)).toBe(true);
    expect(toasts.count).toBe(0);
    expect(press(toasts, 'escape')).toEqual([false]);
    toasts.close();
  });

  test('leave no clock running once they are closed', () => {
    const { toasts } = open();
    toasts.push('one', 'bad');
    toasts.close();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('are drawn at any size, whatever they say', () => {
    const { toasts } = open();
    for (const text of hostileStrings(100)) {
      toasts.push(text, 'risk');
      for (const [width, height] of oddSizes.slice(0, 12)) {
        expect(drawn(toasts, width, height).chars.join('')).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }
    }
    toasts.close();
  });
});
