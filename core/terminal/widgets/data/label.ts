import type { Cell, Tone } from '@holdfast/api';
import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { cutToWidth, padToWidth } from '../../../shell/format/width.ts';
import { cellText, cellTextInFull } from '../../../shell/render/cell.ts';
import { own } from '../../../shell/render/own.ts';
import { signs } from '../../../shell/render/paint.ts';
import type { Style } from '../../contract.ts';

/** A value as it is drawn: its text, its sign included, and what it means. */
export interface Label {
  readonly text: SafeText;
  readonly tone: Tone | null;
}

/** What is drawn in the colours of whatever lies below. */
export const plain: Style = {};
export const strong: Style = { bold: true };
export const quiet: Style = { fg: 'descriptionForeground' };
export const accent: Style = { fg: 'focusBorder', bold: true };

const tones: Readonly<Record<Tone, Style>> = {
  good: { fg: 'tone.good' },
  risk: { fg: 'tone.risk' },
  bad: { fg: 'tone.bad' },
  active: { fg: 'tone.active' },
  quiet: { fg: 'tone.quiet' },
};

export const toneStyle = (tone: Tone | null | undefined): Style =>
  tone === null || tone === undefined ? plain : (own(tones, tone) ?? plain);

export const toneSign = (tone: Tone | undefined): SafeText =>
  (tone === undefined ? '●' : (own(signs, tone) ?? '●')) as SafeText;

const nothing: Cell = { kind: 'none' };
/** More of a text than this no column shows; measuring 10,000 wide letters for each cell would be felt. */
const longest = 220;

function bounded(cell: Cell): Cell {
  const hasText = cell.kind === 'text' || cell.kind === 'state';
  return hasText && cell.text?.length > longest ? { ...cell, text: cell.text.slice(0, longest) } : cell;
}

/** A cell as the plain output words it; a time relative to `now`, and with the moment itself where there is room. */
export function labelOf(cell: Cell | null | undefined, now: number, isInFull = false): Label {
  const style = { columns: null, colour: false, now };
  const { text, tone } = isInFull ? cellTextInFull(cell ?? nothing, style) : cellText(bounded(cell ?? nothing), style);
  return { text: text as SafeText, tone };
}

/** Text of our own, and safe text joined by it; the compiler lets nothing else in. */
export function safe(parts: TemplateStringsArray, ...values: readonly (SafeText | number)[]): SafeText {
  return String.raw({ raw: parts }, ...values) as SafeText;
}

/** Safe text stays safe when it is cut or filled up. */
export const cut = (text: SafeText, columns: number): SafeText => cutToWidth(text, Math.max(0, columns)) as SafeText;
export const pad = (text: SafeText, columns: number, align: 'left' | 'right' = 'left'): SafeText =>
  padToWidth(cut(text, columns), columns, align) as SafeText;

/** `count` times a sign of ours. */
export const repeat = (sign: SafeText, count: number): SafeText =>
  sign.repeat(Math.max(0, Math.floor(count))) as SafeText;

/** Text of strangers whose kind nobody checked; a name or a title unless more is asked for. */
export const textOf = (text: unknown, maxLength = longest): SafeText =>
  safeText(typeof text === 'string' ? text : String(text ?? ''), maxLength);
