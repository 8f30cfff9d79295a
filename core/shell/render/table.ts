import type { Column, TableView } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { cutToWidth, displayWidth, padToWidth } from '../format/width.ts';
import { type CellText, cellText } from './cell.ts';
import { paint } from './paint.ts';
import type { TextStyle } from './text-style.ts';

const gap = 2;
const leastWidth = 8;

interface Drawn {
  readonly column: Column;
  readonly title: string;
  readonly cells: readonly CellText[];
  width: number;
}

function measure(view: TableView, style: TextStyle): Drawn[] {
  return view.columns.map((column) => {
    const title = safeText(column.title).toUpperCase();
    const cells = view.rows.map((row) => cellText(row.cells[column.key] ?? { kind: 'none' }, style));
    const width = Math.max(displayWidth(title), ...cells.map((cell) => displayWidth(cell.text)));
    return { column, title, cells, width };
  });
}

const total = (columns: readonly Drawn[]): number =>
  columns.reduce((sum, { width }) => sum + width, 0) + gap * Math.max(0, columns.length - 1);

/** Makes columns fit: those of low priority go first, then the widest texts are cut. */
function fitColumns(columns: Drawn[], room: number): Drawn[] {
  let kept = columns;
  while (total(kept) > room) {
    const priorities = kept.map(({ column }) => column.priority ?? 1);
    const lowest = Math.max(...priorities);
    if (lowest <= 0 || kept.length <= 1) break;
    const drop = priorities.lastIndexOf(lowest);
    // A column that only needs a little cutting is worth more than its absence.
    if (lowest === 1 && canShrink(kept, room)) break;
    kept = kept.filter((_, index) => index !== drop);
  }
  let over = total(kept) - room;
  while (over > 0) {
    const widest = kept.reduce((a, b) => (b.width > a.width ? b : a));
    if (widest.width <= leastWidth) break;
    widest.width -= 1;
    over -= 1;
  }
  return kept;
}

const canShrink = (columns: readonly Drawn[], room: number): boolean => {
  const least = columns.reduce(
    (sum, { column, width }) => {
      return sum + (column.align === 'right' ? width : Math.min(width, 2 * leastWidth));
    },
    gap * Math.max(0, columns.length - 1),
  );
  return least <= room;
};

/** A table as lines: header, then one line a row, columns aligned, no borders. */
export function renderTable(view: TableView, style: TextStyle): readonly string[] {
  if (view.rows.length === 0) return [paint(safeText(view.empty), 'quiet', style)];
  let columns = measure(view, style);
  if (style.columns !== null) columns = fitColumns(columns, style.columns);
  const line = (draw: (column: Drawn, text: (plain: string) => string) => string): string =>
    columns
      .map((column, index) =>
        draw(column, (plain) => {
          const isLast = index === columns.length - 1;
          const align = column.column.align ?? 'left';
          const cut = style.columns === null ? plain : cutToWidth(plain, column.width);
          return isLast && align === 'left' ? cut : padToWidth(cut, column.width, align);
        }),
      )
      .join(' '.repeat(gap))
      .trimEnd();
  const lines = [line((column, fill) => paint(fill(column.title), 'quiet', style))];
  for (const index of view.rows.keys()) {
    lines.push(
      line((column, fill) => {
        const cell = column.cells[index] ?? { text: '', tone: null };
        return cell.tone === null ? fill(cell.text) : paint(fill(cell.text), cell.tone, style);
      }),
    );
  }
  return lines;
}
