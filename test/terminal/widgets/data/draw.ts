import type { View } from '@holdfast/api';
import { safeText } from '../../../../core/model/text/safe-text.ts';
import { Grid } from '../../../../core/terminal/cells/grid.ts';
import type { Mouse, Widget } from '../../../../core/terminal/contract.ts';
import { type ViewEnv, ViewWidget } from '../../../../core/terminal/widgets/data/view-widget.ts';

/** Noon of the day on which every picture is drawn. */
export const now = Date.UTC(2026, 10, 22, 12);
export const hour = 3_600_000;

export interface Desk extends ViewEnv {
  readonly opened: string[];
}

/** What a widget is given, and what it did with it. */
export function env(): Desk {
  const opened: string[] = [];
  return { now: () => now, invalidate: () => {}, onOpen: (id) => opened.push(id), opened };
}

/** Draws a frame; the rows as they are read, without the blanks at their ends. */
export function rows(widget: Widget, width: number, height: number, isFocused = true): string[] {
  const grid = frame(widget, width, height, isFocused);
  return [...Array(height).keys()].map((y) => grid.row(y).trimEnd());
}

export function frame(widget: Widget, width: number, height: number, isFocused = true): Grid {
  const grid = new Grid(width, height);
  widget.draw(grid.surface(), isFocused);
  return grid;
}

/** Presses keys by name; a text in quotes is typed letter by letter: `press(table, '/', '"web"', 'enter')`. Answers whether the last one meant something. */
export function press(widget: Widget, ...names: readonly string[]): boolean {
  let isTaken = false;
  for (const name of names) {
    const keys = name.startsWith('"') ? [...name.slice(1, -1)] : [name];
    for (const key of keys) {
      const text = key === 'space' ? ' ' : [...key].length === 1 ? key : null;
      const named = key === ' ' ? 'space' : key;
      isTaken = widget.key?.({ kind: 'key', name: named, text: text === null ? null : safeText(text) }) ?? false;
    }
  }
  return isTaken;
}

export function point(widget: Widget, action: Mouse['action'], x: number, y: number): boolean {
  return widget.mouse?.({ kind: 'mouse', action, button: action === 'press' ? 'left' : 'none', x, y }) ?? false;
}

export function shown(view: View, given: ViewEnv = env()): ViewWidget {
  const widget = new ViewWidget(given);
  widget.set(view);
  return widget;
}
