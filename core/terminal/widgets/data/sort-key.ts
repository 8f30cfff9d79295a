import type { Cell, Tone } from '@holdfast/api';
import { own } from '../../../shell/render/own.ts';

/** What wants attention comes first. */
const ranks: Readonly<Record<Tone, string>> = { bad: '0', risk: '1', active: '2', quiet: '3', good: '4' };
const longest = 64;

/** Words in an order that people expect: whatever the case, `web-2` before `web-10`. */
function wordKey(text: string): string {
  return text
    .slice(0, longest)
    .toLowerCase()
    .replaceAll(/\d+/g, (digits) => digits.padStart(16, '0'));
}

/** What a cell is ordered by: a number before words; `null` for what says nothing, which is last either way. */
export function sortKey(cell: Cell | null | undefined): number | string | null {
  if (cell === null || cell === undefined || cell.kind === 'none') return null;
  switch (cell.kind) {
    case 'text':
      return wordKey(String(cell.text));
    case 'state':
      return `${own(ranks, cell.tone) ?? '5'}${wordKey(String(cell.text))}`;
    case 'bytes':
      return cell.bytes;
    case 'count':
      return cell.count;
    case 'ratio':
      return cell.ratio;
    case 'duration':
      return cell.ms;
    case 'time':
      return cell.at;
  }
  // A plugin may lie about kinds.
  return null;
}
