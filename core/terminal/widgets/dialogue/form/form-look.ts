import { type SafeText, safeText } from '../../../../model/text/safe-text.ts';
import { formatCount } from '../../../../shell/format/numbers.ts';
import { displayWidth } from '../../../../shell/format/width.ts';
import type { Style, Surface } from '../../../contract.ts';
import { breakLines, cutSafe } from '../line-break.ts';
import type { FieldSpec } from './field-spec.ts';
import type { FormRow } from './form-row.ts';

/** Columns of a form at a width. */
export interface FormColumns {
  readonly label: number;
  /** Where values begin. */
  readonly value: number;
  readonly valueWidth: number;
  /** Where notes stand beside the value; `null` where they stand below it. */
  readonly note: number | null;
  readonly noteWidth: number;
  /** Labels stand above the values. */
  readonly isNarrow: boolean;
}

/** Something told beside a field. */
export interface Note {
  readonly text: SafeText;
  readonly isProblem: boolean;
}

const widestLabel = 24;
const widestValue = 48;
const leastNote = 24;
export const mostNoteLines = 3;

export function columnsOf(specs: readonly FieldSpec[], width: number): FormColumns {
  const inner = Math.max(1, width - 1);
  const longest = specs.reduce((most, { label }) => Math.max(most, displayWidth(safeText(label, 200))), 0);
  const label = Math.max(1, Math.min(longest, widestLabel, Math.floor(inner / 3)));
  if (inner < 36) {
    const valueWidth = Math.max(1, inner - 2);
    return {
      label: valueWidth,
      value: Math.min(2, inner - 1),
      valueWidth,
      note: null,
      noteWidth: valueWidth,
      isNarrow: true,
    };
  }
  const value = label + 4;
  const room = inner - value;
  const valueWidth = Math.min(widestValue, room - 2 >= leastNote * 2 ? room - 2 - leastNote : room);
  const note = value + valueWidth + 2;
  const isBeside = inner - note >= leastNote;
  return {
    label,
    value,
    valueWidth,
    note: isBeside ? note : null,
    noteWidth: isBeside ? inner - note : room,
    isNarrow: false,
  };
}

/** What is told beside a field now. */
export function noteOf(row: FormRow, isCurrent: boolean, isMissing: boolean): Note | null {
  const { argument } = row.spec;
  const problem = row.refusal ?? row.problem ?? (isMissing && row.wasVisited ? 'is needed' : null);
  if (problem !== null) return { text: safeText(`✗ ${problem}`, 1000), isProblem: true };
  const trouble = isCurrent ? (row.offers?.trouble ?? null) : null;
  if (trouble !== null) return { text: safeText(`◐ no choices: ${trouble}`, 1000), isProblem: false };
  const choices = row.offers?.count ?? 0;
  const isAsked = isCurrent && choices > 0 && row.editor.query === '' && row.offers?.isOpen === false;
  const offered = isAsked ? `↓ ${formatCount(choices)} ${choices === 1 ? 'choice' : 'choices'}` : '';
  const text = [argument.description, offered].filter((part) => part !== '').join(' · ');
  return text === '' ? null : { text: safeText(text, 1000), isProblem: false };
}

/** The lines of a note. Only the current field tells all of it. */
export function noteLines(note: Note | null, columns: FormColumns, isCurrent: boolean): readonly SafeText[] {
  if (note === null || (columns.note === null && !isCurrent && !note.isProblem)) return [];
  return breakLines(note.text, columns.noteWidth, isCurrent ? mostNoteLines : 1);
}

const label: Style = { fg: 'editor.foreground' };
const quiet: Style = { fg: 'descriptionForeground' };
const bad: Style = { fg: 'tone.bad' };

/** Draws the label on a row: a bar for the current field, a star for one that is needed. */
export function drawLabel(
  surface: Surface,
  columns: FormColumns,
  row: FormRow,
  isCurrent: boolean,
  isNeeded: boolean,
): void {
  if (isCurrent) surface.text(0, 0, safeText('▐'), { fg: 'focusBorder' });
  if (isNeeded) surface.text(1, 0, safeText('*'), row.isEmpty ? { fg: 'tone.risk', bold: true } : quiet);
  const text = cutSafe(safeText(row.spec.label, 200), columns.label);
  surface.text(2, 0, text, { ...label, bold: isCurrent });
}

export function drawNote(surface: Surface, lines: readonly SafeText[], isProblem: boolean): void {
  for (const [y, line] of lines.entries()) surface.text(0, y, line, isProblem ? bad : quiet);
}
