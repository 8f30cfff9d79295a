import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { Grid } from '../../../core/terminal/cells/grid.ts';

const rowsOf = (grid: Grid): string[] => Array.from({ length: grid.height }, (_, y) => grid.row(y));

test('what lies outside of a rectangle is cut off, and half a wide letter is a blank', () => {
  const grid = new Grid(10, 3);
  const area = grid.surface().area(2, 1, 5, 1);
  expect(area.text(-1, 0, safeText('备份abcdef'))).toBe(10);
  area.text(0, 1, safeText('below'));
  expect(rowsOf(grid)).toEqual([' '.repeat(10), '   份ab   ', ' '.repeat(10)]);
});

test('a letter over half of a wide one leaves a blank for the other half', () => {
  const grid = new Grid(6, 1);
  const surface = grid.surface();
  surface.text(0, 0, safeText('备份机'));
  surface.text(1, 0, safeText('x'));
  surface.text(4, 0, safeText('y'));
  expect(grid.row(0)).toBe(' x份y ');
});

test('colours that a style does not name are those of what is below', () => {
  const grid = new Grid(4, 1);
  const surface = grid.surface();
  surface.fill(0, 0, 4, 1, { fg: 'tone.good', bg: 'list.activeSelectionBackground' });
  const [fg, bg] = [grid.fg[0], grid.bg[0]];
  surface.text(0, 0, safeText('ab'), { bold: true });
  expect([grid.fg[1], grid.bg[1], grid.flags[1], grid.flags[2]]).toEqual([fg, bg, 1, 0]);
});

test('whatever is drawn wherever, nothing throws and every wide letter is whole', () => {
  const at = fc.integer({ min: -20, max: 40 });
  const words = fc.constantFrom('备份机器', 'ab', '📼x', '─', '');
  fc.assert(
    fc.property(fc.array(fc.tuple(at, at, words, at, at), { maxLength: 20 }), (steps) => {
      const grid = new Grid(15, 6);
      for (const [x, y, text, width, height] of steps) {
        const area = grid.surface().area(y, x, width, height);
        area.text(x, y, safeText(text));
        area.fill(x, y, width, height, { bg: 'tone.bad' });
        area.cursor(x, y);
        grid.surface().text(x, y, safeText(text));
      }
      for (let y = 0; y < 6; y++) {
        for (let x = 0; x < 15; x++) {
          const char = grid.chars[y * 15 + x] ?? '';
          const isWide = /[备份机器📼]/u.test(char);
          const next = x + 1 < 15 ? grid.chars[y * 15 + x + 1] : null;
          expect([char, next === '']).toEqual([char, isWide]);
        }
      }
    }),
  );
});
