import type { SafeText } from '../../../model/text/safe-text.ts';
import { own } from '../../../shell/render/own.ts';
import type { Style, Surface } from '../../contract.ts';
import { type LaidColumn, withoutUnit } from './column-layout.ts';
import { accent, cut, labelOf, pad, plain, quiet, strong, toneStyle } from './label.ts';
import type { Sort } from './row-order.ts';
import type { TableRow } from './table-source.ts';

/** Columns before the first one: what is selected, and what is marked. */
export const gutter = 2;
const bar = '▌' as SafeText;
/** Selected, but keys go elsewhere. */
const thinBar = '▏' as SafeText;
const mark = '◆' as SafeText;

/** What a selected row lies on; text on it has the selection's own colour, which every theme keeps readable. */
export function drawSelection(surface: Surface, y: number, isFocused: boolean): Style {
  const style: Style = isFocused
    ? { bg: 'list.activeSelectionBackground', fg: 'list.activeSelectionForeground', bold: true }
    : { bg: 'list.inactiveSelectionBackground' };
  surface.fill(0, y, surface.width, 1, style);
  surface.text(0, y, isFocused ? bar : thinBar, isFocused ? accent : quiet);
  return isFocused ? { fg: 'list.activeSelectionForeground', bold: true } : plain;
}

export function drawHeader(surface: Surface, y: number, columns: readonly LaidColumn[], sort: Sort | null): void {
  for (const { column, title, x, width } of columns) {
    const isSorted = sort?.key === column.key;
    const sign = (isSorted ? (sort?.isReversed === true ? ' ▼' : ' ▲') : '') as SafeText;
    const name = cut(title, width - sign.length);
    const text = pad(`${name}${sign}` as SafeText, width, column.align ?? 'left');
    surface.text(gutter + x, y, text, isSorted ? strong : quiet);
  }
}

/** How one row is drawn. */
export interface RowLook {
  readonly isSelected: boolean;
  readonly isMarked: boolean;
  readonly isFocused: boolean;
  readonly now: number;
}

export function drawRow(
  surface: Surface,
  y: number,
  columns: readonly LaidColumn[],
  row: TableRow,
  look: RowLook,
): void {
  const selection = look.isSelected ? drawSelection(surface, y, look.isFocused) : null;
  if (look.isMarked) surface.text(1, y, mark, accent);
  const isStrong = look.isSelected && look.isFocused;
  for (const { column, x, width, unit } of columns) {
    const { text, tone } = labelOf(own(row.cells, column.key), look.now);
    const shown = column.align === 'right' ? pad(withoutUnit(text, unit), width, 'right') : cut(text, width);
    surface.text(gutter + x, y, shown, isStrong && selection !== null ? selection : toneStyle(tone));
  }
}
