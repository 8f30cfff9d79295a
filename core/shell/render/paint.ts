import type { Tone } from '@holdfast/api';
import { own } from './own.ts';
import type { TextStyle } from './text-style.ts';

/** Each tone has a sign beside its colour, so that mono works. */
export const signs: Readonly<Record<Tone, string>> = {
  good: '●',
  risk: '◐',
  bad: '✗',
  active: '▶',
  quiet: '○',
};

const codes: Readonly<Record<Tone | 'strong', readonly [on: number, off: number]>> = {
  good: [32, 39],
  risk: [33, 39],
  bad: [31, 39],
  active: [34, 39],
  quiet: [2, 22],
  strong: [1, 22],
};

/** Colours text that is safe already; the only place that makes escape sequences for plain output. */
export function paint(text: string, tone: Tone | 'strong', style: TextStyle): string {
  if (!style.colour || text === '') return text;
  const [on, off] = own(codes, tone) ?? codes.quiet;
  return `\x1b[${on}m${text}\x1b[${off}m`;
}
