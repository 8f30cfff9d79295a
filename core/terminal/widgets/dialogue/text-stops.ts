const simple = /^[\x20-\x7e]*$/;
let segmenter: Intl.Segmenter | null = null;

/** Where a cursor may stand in a text, in UTF-16 units: before and after each letter as a reader sees it; 0 and the length among them. */
export function stopsOf(text: string): readonly number[] {
  if (simple.test(text)) return Array.from({ length: text.length + 1 }, (_, index) => index);
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  const stops: number[] = [];
  for (const { index } of segmenter.segment(text)) stops.push(index);
  stops.push(text.length);
  return stops;
}

/** Number of the last stop that is not behind an offset. */
export function stopAt(stops: readonly number[], offset: number): number {
  let low = 0;
  let high = stops.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((stops[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

type Sort = 'word' | 'blank' | 'sign';

function sortOf(letter: string): Sort {
  if (/^\s/u.test(letter)) return 'blank';
  return /^[\p{L}\p{N}\p{M}_]/u.test(letter) ? 'word' : 'sign';
}

/** Number of the stop at the start of the word before one, or at the end of the word behind it: blanks are passed, then letters of one sort. */
export function wordStop(text: string, stops: readonly number[], from: number, direction: -1 | 1): number {
  const sortAt = (stop: number): Sort | null => {
    const index = direction < 0 ? stop - 1 : stop;
    const start = stops[index];
    const end = stops[index + 1];
    return start === undefined || end === undefined ? null : sortOf(text.slice(start, end));
  };
  let stop = from;
  while (sortAt(stop) === 'blank') stop += direction;
  const sort = sortAt(stop);
  while (sort !== null && sortAt(stop) === sort) stop += direction;
  return stop;
}
