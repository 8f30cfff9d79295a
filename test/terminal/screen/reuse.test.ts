import { expect, test } from 'vitest';
import { openBlessed } from '../../../core/terminal/screen/blessed.ts';

test('rows that leave when others are moved come back as empty ones: scrolling makes no garbage', () => {
  const screen = openBlessed(8, 6, () => {});
  const rows = () => [...screen.lines, ...screen.olines];
  const before = new Set(rows());
  for (const [y, line] of screen.lines.entries()) for (const cell of line) cell[1] = `${y}`;
  const shown = () =>
    screen.lines
      .map((line) =>
        line
          .map(([, char]) => char)
          .join('')
          .trim()
          .slice(0, 1),
      )
      .join(',');
  screen.deleteLine(2, 1, 1, 4);
  expect(shown()).toBe('0,3,4,,,5');
  screen.insertLine(1, 0, 0, 5);
  expect(shown()).toBe(',0,3,4,,');
  expect(new Set(rows())).toEqual(before);
  expect(rows().every((row) => before.has(row))).toBe(true);
});
