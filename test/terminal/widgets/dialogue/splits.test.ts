import { describe, expect, test } from 'vitest';
import { safeText } from '../../../../core/model/text/safe-text.ts';
import type { Mouse, Widget } from '../../../../core/terminal/contract.ts';
import { Splits, type SplitsOptions } from '../../../../core/terminal/widgets/dialogue/splits.ts';
import { drawn, oddSizes, picture, press, rowsOf } from './typing.ts';

class Pane implements Widget {
  readonly told: string[] = [];
  readonly letter: string;
  constructor(letter: string) {
    this.letter = letter;
  }
  draw(surface: Parameters<Widget['draw']>[0], isFocused: boolean): void {
    surface.fill(
      0,
      0,
      surface.width,
      surface.height,
      undefined,
      safeText(isFocused ? this.letter.toUpperCase() : this.letter),
    );
  }
  key({ name }: { readonly name: string }): boolean {
    this.told.push(name);
    return name === 'x';
  }
  paste(text: string): boolean {
    this.told.push(text);
    return true;
  }
  mouse({ action, x, y }: Mouse): boolean {
    this.told.push(`${action} ${x},${y}`);
    return true;
  }
}

function open(more: Partial<SplitsOptions> = {}) {
  const first = new Pane('a');
  const second = new Pane('b');
  const splits = new Splits({ direction: 'columns', first, second, invalidate: () => {}, ...more });
  return { splits, first, second };
}

const mouse = (action: Mouse['action'], x: number, y = 0): Mouse => ({ kind: 'mouse', action, button: 'left', x, y });

describe('two panes', () => {
  test('stand side by side or above each other', () => {
    expect(picture(open().splits, 41, 2)).toBe(
      `${'A'.repeat(20)}│${'b'.repeat(20)}\n${'A'.repeat(20)}│${'b'.repeat(20)}`,
    );
    expect(rowsOf(drawn(open({ direction: 'rows', share: 0.5 }).splits, 3, 9))).toEqual([
      ...Array(4).fill('AAA'),
      '───',
      ...Array(4).fill('bbb'),
    ]);
  });

  test('have a border that keys move, as far as both have what they need', () => {
    const { splits } = open();
    drawn(splits, 41, 2);
    press(splits, 'alt+shift+right');
    expect(rowsOf(drawn(splits, 41, 1))[0]?.indexOf('│')).toBe(22);
    for (let i = 0; i < 30; i++) press(splits, 'alt+shift+right');
    expect(rowsOf(drawn(splits, 41, 1))[0]?.indexOf('│')).toBe(30);
    expect(splits.moveBorder(-100)).toBe(true);
    expect(rowsOf(drawn(splits, 41, 1))[0]?.indexOf('│')).toBe(10);
    expect(press(splits, 'alt+shift+left', 'alt+shift+up')).toEqual([false, false]);
  });

  test('have a border that the mouse moves', () => {
    const { splits, first } = open();
    drawn(splits, 41, 2);
    for (const event of [mouse('press', 20), mouse('drag', 27), mouse('release', 27)]) splits.mouse(event);
    expect(rowsOf(drawn(splits, 41, 1))[0]?.indexOf('│')).toBe(27);
    expect(first.told).toEqual([]);
    splits.mouse(mouse('drag', 12));
    expect(rowsOf(drawn(splits, 41, 1))[0]?.indexOf('│')).toBe(27);
  });

  test('get the keys one at a time: F6 goes to the other, and so does a click', () => {
    const { splits, first, second } = open();
    drawn(splits, 41, 2);
    expect(press(splits, 'x', 'f6', 'x')).toEqual([true, true, true]);
    splits.paste('text');
    splits.mouse(mouse('press', 3, 1));
    press(splits, 'y');
    expect(first.told).toEqual(['x', 'f6', 'press 3,1', 'y']);
    expect(second.told).toEqual(['x', 'text']);
  });

  test('get the mouse where they are, and what is dragged out of them stays theirs', () => {
    const { splits, first, second } = open();
    drawn(splits, 41, 2);
    for (const event of [mouse('press', 21, 1), mouse('drag', 5), mouse('release', 5), mouse('wheel-up', 5)])
      splits.mouse(event);
    expect(second.told).toEqual(['press 0,1', 'drag -16,0', 'release -16,0']);
    expect(first.told).toEqual(['wheel-up 5,0']);
  });

  test('become one where there is no room for both, and keys go to what is seen', () => {
    const { splits, second } = open({ yields: 'first' });
    expect(picture(splits, 18, 1)).toBe('B'.repeat(18));
    press(splits, 'x');
    expect(second.told).toEqual(['x']);
    expect(press(splits, 'f6')).toEqual([false]);
    expect(picture(splits, 41, 1)).toBe(`${'A'.repeat(20)}│${'b'.repeat(20)}`);
  });

  test('are drawn at any size', () => {
    for (const direction of ['columns', 'rows'] as const) {
      for (const [width, height] of oddSizes) {
        const { splits } = open({ direction, share: 0.9 });
        expect(() => drawn(splits, width, height)).not.toThrow();
        splits.mouse(mouse('press', 2, 2));
        splits.moveBorder(3);
        expect(() => drawn(splits, width, height)).not.toThrow();
      }
    }
  });
});
