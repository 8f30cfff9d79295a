import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { displayWidth } from '../../../core/shell/format/width.ts';
import { lettersOf } from '../../../core/terminal/cells/letters.ts';
import { hostileString } from '../../model/text/hostile-strings.ts';

const slow = (text: string): string[] =>
  [...new Intl.Segmenter('en', { granularity: 'grapheme' }).segment(text)]
    .map(({ segment }) => `${segment} ${displayWidth(segment)}`)
    .filter((letter) => !letter.endsWith(' 0'));
const fast = (text: string): string[] =>
  [...lettersOf(safeText(text))].map(({ char, columns }) => `${char} ${columns}`);

test('letters that need no closer look are what a closer look would find', () => {
  for (let code = 0x20; code < 0x3000; code++) {
    const text = safeText(String.fromCharCode(code));
    expect([code.toString(16), fast(text)]).toEqual([code.toString(16), slow(text)]);
  }
});

test('a text of any letters is parted as a reader parts it', () => {
  const words = fc.constantFrom(
    '│ ● safe ',
    'Straße',
    'Ωμέγα',
    'резерв',
    '备份',
    '⚠️',
    '▶️',
    '👩‍👩‍👧',
    'e\u0301',
    '한글',
    '1️⃣',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(words, hostileString), { maxLength: 6 }), (parts) => {
      const text = safeText(parts.join(''));
      expect(fast(text)).toEqual(slow(text));
    }),
  );
});
