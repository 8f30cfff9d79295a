import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import type { Surface } from '../../../contract.ts';
import { cutSafe } from '../line-break.ts';
import { drawLabel, drawNote, type FormColumns, type Note, noteLines, noteOf } from './form-look.ts';
import type { FormRow } from './form-row.ts';

/** The lines that a field takes. */
export interface Block {
  readonly row: FormRow;
  readonly index: number;
  readonly columns: FormColumns;
  /** First line, counted from the top of the whole form. */
  readonly y: number;
  readonly height: number;
  /** Line of the block on which the value begins: below a heading, or below the label. */
  readonly valueRow: number;
  readonly heading: SafeText | null;
  readonly isCurrent: boolean;
  readonly isNeeded: boolean;
  readonly note: Note | null;
  readonly lines: readonly SafeText[];
}

/** What a form knows of a field. */
export interface Need {
  readonly isNeeded: boolean;
  readonly isMissing: boolean;
}

export function blocksOf(
  rows: readonly FormRow[],
  columns: FormColumns,
  current: number,
  needOf: (row: FormRow) => Need,
): readonly Block[] {
  const blocks: Block[] = [];
  let y = 0;
  let group: string | null = null;
  for (const [index, row] of rows.entries()) {
    const isCurrent = index === current;
    const { isNeeded, isMissing } = needOf(row);
    const heading = row.spec.group !== null && row.spec.group !== group ? safeText(row.spec.group, 200) : null;
    group = row.spec.group;
    const note = noteOf(row, isCurrent, isMissing);
    const lines = noteLines(note, columns, isCurrent);
    const valueRow = (heading === null ? 0 : 1) + (columns.isNarrow ? 1 : 0);
    const below = row.editor.rows + (isCurrent ? (row.offers?.rows ?? 0) : 0);
    const height = valueRow + (columns.note === null ? below + lines.length : Math.max(below, lines.length));
    blocks.push({ row, index, columns, y, height, valueRow, heading, isCurrent, isNeeded, note, lines });
    y += height;
  }
  return blocks;
}

/** Draws a field on its lines: heading, label, value, choices, note. */
export function drawBlock(surface: Surface, block: Block, isFocused: boolean): void {
  const { row, columns, valueRow, isCurrent, lines } = block;
  const { width } = surface;
  if (block.heading !== null) {
    surface.text(2, 0, cutSafe(block.heading, width - 2), { fg: 'descriptionForeground', bold: true });
  }
  const labelRow = valueRow - (columns.isNarrow ? 1 : 0);
  drawLabel(surface.area(0, labelRow, width, 1), columns, row, isCurrent, block.isNeeded);
  const value = surface.area(columns.value, valueRow, columns.valueWidth, row.editor.rows);
  row.editor.draw(value, isCurrent, isCurrent && isFocused);
  const offered = isCurrent ? (row.offers?.rows ?? 0) : 0;
  const below = valueRow + row.editor.rows;
  if (offered > 0) row.offers?.draw(surface.area(columns.value, below, columns.valueWidth, offered));
  const noteY = columns.note === null ? below + offered : valueRow;
  const note = surface.area(columns.note ?? columns.value, noteY, columns.noteWidth, lines.length);
  drawNote(note, lines, block.note?.isProblem ?? false);
}
