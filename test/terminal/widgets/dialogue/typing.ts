import { safeText } from '../../../../core/model/text/safe-text.ts';
import { Grid } from '../../../../core/terminal/cells/grid.ts';
import type { Key, Widget } from '../../../../core/terminal/contract.ts';

/** A key as the screen hands it on. */
export const key = (name: string): Key => {
  const text = name === 'space' ? ' ' : [...name].length === 1 ? name : null;
  return { kind: 'key', name, text: text === null ? null : safeText(text) };
};

/** Presses keys one after the other; answers whether each meant something. */
export const press = (widget: Widget, ...names: readonly string[]): readonly boolean[] =>
  names.map((name) => widget.key?.(key(name)) ?? false);

export const type = (widget: Widget, text: string): void => {
  for (const letter of text) widget.key?.(key(letter === ' ' ? 'space' : letter));
};

/** What is seen, without the blanks at the ends of lines. */
export function picture(widget: Widget, width = 80, height = 24): string {
  return rowsOf(drawn(widget, width, height))
    .join('\n')
    .trimEnd();
}

export const rowsOf = (grid: Grid): string[] => Array.from({ length: grid.height }, (_, y) => grid.row(y).trimEnd());

export function drawn(widget: Widget, width = 80, height = 24): Grid {
  const grid = new Grid(width, height);
  widget.draw(grid.surface(), true);
  return grid;
}

/** Sizes at which nothing may break. */
export const oddSizes: readonly (readonly [number, number])[] = [
  [1, 1],
  [2, 1],
  [1, 5],
  [3, 3],
  [5, 2],
  [11, 4],
  [13, 5],
  [24, 6],
  [35, 9],
  [40, 10],
  [80, 24],
  [120, 40],
  [200, 60],
  [500, 200],
];
