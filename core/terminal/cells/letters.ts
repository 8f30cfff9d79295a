import type { SafeText } from '../../model/text/safe-text.ts';
import { displayWidth, isNarrow } from '../../shell/format/width.ts';

/** What a reader sees as one letter, and how many columns it takes. */
export interface Letter {
  readonly char: string;
  readonly columns: 1 | 2;
}

const ones = new Map<number, Letter>();
let segmenter: Intl.Segmenter | null = null;

function one(code: number): Letter {
  let letter = ones.get(code);
  if (letter === undefined) {
    letter = { char: String.fromCharCode(code), columns: 1 };
    ones.set(code, letter);
  }
  return letter;
}

/** The letters of a text, in order. What has no width of its own and nothing to stand on is left out. */
export function* lettersOf(text: SafeText): Iterable<Letter> {
  if (isNarrow(text)) {
    for (let i = 0; i < text.length; i++) yield one(text.charCodeAt(i));
    return;
  }
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  for (const { segment } of segmenter.segment(text)) {
    const columns = displayWidth(segment);
    if (columns > 0) yield { char: segment, columns: columns > 1 ? 2 : 1 };
  }
}
