import type { SafeText } from '../../../model/text/safe-text.ts';
import { rangeOf, shareOf } from './figures.ts';

const bars = '▁▂▃▄▅▆▇█';

/** Takes so many values that they fit; of several that share a place the greatest counts. */
export function squeeze(values: readonly number[], room: number): readonly number[] {
  if (values.length <= room) return values;
  return Array.from({ length: Math.max(0, Math.floor(room)) }, (_, place) => {
    const from = Math.floor((place * values.length) / room);
    const to = Math.max(from + 1, Math.floor(((place + 1) * values.length) / room));
    return values.slice(from, to).reduce((a, b) => Math.max(a, b));
  });
}

/**
 * Values as a line of bars, each between the least and the greatest of them; all the same are all low. What is no number is left out.
 * @param room Columns that there are; default is one for each value.
 */
export function sparkline(values: readonly number[], room: number = values.length): SafeText {
  const numbers = squeeze(values.filter(Number.isFinite), room);
  const range = rangeOf(numbers);
  if (range === null) return '' as SafeText;
  const isFlat = range.least === range.greatest;
  const height = (value: number): number => (isFlat ? 0 : Math.round(shareOf(value, range) * (bars.length - 1)));
  return numbers.map((value) => bars[height(value)] ?? bars[0]).join('') as SafeText;
}
