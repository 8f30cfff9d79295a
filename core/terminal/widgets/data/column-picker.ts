import type { Column } from '@holdfast/api';
import type { SafeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Mouse, Surface } from '../../contract.ts';
import { accent, cut, plain, quiet, safe, strong, textOf } from './label.ts';
import { Viewport } from './viewport.ts';

const bar = '▌' as SafeText;
const title = ' Columns' as SafeText;
const foot = ' space shows · a automatic' as SafeText;

/** Lets a person say which columns a table shows. Lies over the table's right side. */
export class ColumnPicker {
  readonly #view = new Viewport();
  readonly #columns: readonly Column[];
  readonly #titles: readonly SafeText[];
  #chosen: ReadonlySet<string>;
  readonly #onChange: (chosen: readonly string[] | null) => void;

  /** @param onChange Gets the keys of all columns that are wanted, `null` for those that fit. */
  constructor(
    columns: readonly Column[],
    shown: readonly string[],
    onChange: (chosen: readonly string[] | null) => void,
  ) {
    this.#columns = columns;
    this.#titles = columns.map((column) => cut(textOf(column.title), 40));
    this.#chosen = new Set(shown);
    this.#onChange = onChange;
    this.#view.fit(columns.length, columns.length);
  }

  /** Answers whether it is still open. */
  key(key: Key): boolean {
    if (key.name === 'escape' || key.name === 'enter' || key.name === 'c' || key.name === 'tab') return false;
    if (key.name === 'a') {
      this.#onChange(null);
      return false;
    }
    if (key.name === 'space') this.#toggle(this.#view.selected);
    else this.#view.key(key);
    return true;
  }

  mouse({ action, y }: Mouse): void {
    if (this.#view.wheel(action) || action !== 'press' || y < 1 || y > this.#view.height) return;
    this.#view.select(this.#view.top + y - 1);
    this.#toggle(this.#view.selected);
  }

  /** Answers the column at which it begins. */
  draw(surface: Surface): number {
    const width = Math.min(
      surface.width,
      Math.max(displayWidth(foot) + 1, ...this.#titles.map((text) => displayWidth(text) + 7)),
    );
    const height = Math.min(surface.height, this.#columns.length + 2);
    const left = surface.width - width;
    const box = surface.area(left, 0, width, height);
    const below = { bg: 'editorWidget.background', fg: 'editorWidget.foreground' } as const;
    box.fill(0, 0, width, height, below);
    box.text(0, 0, title, strong);
    this.#view.fit(height - 2, this.#columns.length);
    for (let row = 0; row < height - 2; row++) this.#drawRow(box, row);
    box.text(0, height - 1, foot, quiet);
    return left;
  }

  #drawRow(box: Surface, row: number): void {
    const index = this.#view.top + row;
    const column = this.#columns[index];
    if (column === undefined) return;
    const isSelected = index === this.#view.selected;
    if (isSelected) {
      box.fill(0, row + 1, box.width, 1, {
        bg: 'list.activeSelectionBackground',
        fg: 'list.activeSelectionForeground',
      });
      box.text(0, row + 1, bar, accent);
    }
    const mark = (this.#chosen.has(column.key) ? '[x]' : '[ ]') as SafeText;
    box.text(2, row + 1, safe`${mark} ${this.#titles[index] ?? mark}`, isSelected ? strong : plain);
  }

  #toggle(index: number): void {
    const column = this.#columns[index];
    if (column === undefined) return;
    const chosen = new Set(this.#chosen);
    if (!chosen.delete(column.key)) chosen.add(column.key);
    // A table without columns says nothing at all.
    if (chosen.size === 0) return;
    this.#chosen = chosen;
    this.#onChange(this.#columns.map(({ key }) => key).filter((key) => chosen.has(key)));
  }
}
