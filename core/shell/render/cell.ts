import type { Cell, Tone } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';
import { formatBytes, formatCount, formatRatio } from '../format/numbers.ts';
import { formatDuration, formatMoment, formatRelative } from '../format/times.ts';
import { own } from './own.ts';
import { signs } from './paint.ts';
import type { TextStyle } from './text-style.ts';

/** A cell as text that may be shown, and the tone to show it in. */
export interface CellText {
  readonly text: string;
  readonly tone: Tone | null;
}

function wording(cell: Cell, style: TextStyle): string {
  switch (cell.kind) {
    case 'text':
      return safeText(String(cell.text));
    case 'state':
      return `${own(signs, cell.tone) ?? ''} ${safeText(String(cell.text))}`.trimStart();
    case 'bytes':
      return formatBytes(cell.bytes);
    case 'count':
      return formatCount(cell.count);
    case 'ratio':
      return formatRatio(cell.ratio);
    case 'duration':
      return formatDuration(cell.ms);
    case 'time':
      return style.now === null ? formatMoment(cell.at) : formatRelative(cell.at, style.now);
    case 'none':
      return '–';
    default:
      return '';
  }
}

/** Words a cell. Text of strangers is made safe here. */
export function cellText(cell: Cell, style: TextStyle): CellText {
  const tone = cell.kind === 'state' ? cell.tone : cell.kind === 'none' ? 'quiet' : null;
  return { text: wording(cell, style), tone };
}

/** A cell that stands alone, where there is room: a time is told both ways. */
export function cellTextInFull(cell: Cell, style: TextStyle): CellText {
  if (cell.kind !== 'time' || style.now === null) return cellText(cell, style);
  return { text: `${formatRelative(cell.at, style.now)} (${formatMoment(cell.at)})`, tone: null };
}
