import fc from 'fast-check';
import { expect, test } from 'vitest';
import { safeText } from '../../../core/model/text/safe-text.ts';
import { hostileString, hostileStrings } from './hostile-strings.ts';

// Written apart from the sanitiser, by number: what a terminal, or a reader's eye, can be misled with.
const isDangerous = (code: number): boolean =>
  code < 0x20 ||
  (code >= 0x7f && code <= 0x9f) ||
  code === 0xad ||
  code === 0x61c ||
  code === 0x200b ||
  code === 0x200e ||
  code === 0x200f ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0x2060 && code <= 0x206f) ||
  code === 0xfeff ||
  (code >= 0xd800 && code <= 0xdfff) ||
  (code & 0xfffe) === 0xfffe ||
  (code >= 0xe0000 && code <= 0xe0fff);

const dangers = (text: string): string[] => [...text].filter((char) => isDangerous(char.codePointAt(0) ?? 0));

test('of 10,000 hostile strings nothing reaches the terminal that acts, reorders or hides', () => {
  const hostile = hostileStrings(10_000);
  expect(hostile.filter((text) => dangers(text).length > 0).length).toBeGreaterThan(5_000);
  expect(hostile.flatMap((text) => dangers(safeText(text)))).toEqual([]);
});

test('a hostile text becomes readable marks on one line', () => {
  expect(safeText('erp\x1b[2J\r\n\tdb\x7f')).toBe('erp␛[2J␍␊␉db␡');
  expect(safeText('\x9b31m invoice\u202egnp.exe')).toBe('<U+009B>31m invoice<U+202E>gnp.exe');
  expect(safeText('half \ud83d and other half \ude00')).toBe('half � and other half �');
  expect(safeText('two\u2028lines\ufeff')).toBe('two<U+2028>lines<U+FEFF>');
});

test('names in every script, and emoji, stay as they are', () => {
  for (const name of [
    'erp-db',
    'Zürich',
    'データベース',
    'می‌خواهم',
    'क्‍ष',
    'שָׁלוֹם',
    '👩‍👩‍👧‍👦',
    '❤️ web',
    '٣؁',
    'ﷺ',
    'Tiếng Việt'.normalize('NFD'),
  ])
    expect(safeText(name)).toBe(name);
});

test('an invisible joiner that makes two names look the same is shown', () => {
  expect(safeText('erp\u200ddb')).toBe('erp<U+200D>db');
  expect(safeText('erp\ufe0fdb')).toBe('erp<U+FE0F>db');
});

test('marks heaped on a letter are cut, and do not paint over what stands before the text', () => {
  expect(safeText(`Z${'\u0335'.repeat(500)}algo`)).toBe(`Z${'\u0335'.repeat(6)}…algo`);
  expect(safeText(`Z${'\u0335\u200d'.repeat(500)}algo`).match(/\u0335/g)?.length).toBeLessThanOrEqual(6);
  expect(safeText('\u0335x')).toBe('◌\u0335x');
});

test('the answer is never longer than allowed, and says when something was cut', () => {
  fc.assert(
    fc.property(hostileString, fc.nat(60), (text, maxLength) => {
      const shown = safeText(text, maxLength);
      expect(shown.length).toBeLessThanOrEqual(maxLength);
      expect(dangers(shown)).toEqual([]);
      if (text.length > maxLength && maxLength > 0) expect(shown.endsWith('…')).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  expect(safeText('x'.repeat(5_000)).length).toBe(4_096);
  expect(safeText('machine', 4)).toBe('mac…');
  expect(safeText('machine', 7)).toBe('machine');
  expect(safeText('ab\x9bcd', 6)).toBe('ab…');
  expect(safeText('😀😀', 3)).toBe('😀…');
});

test('what is safe already is not changed by making it safe again', () => {
  fc.assert(
    fc.property(hostileString, fc.integer({ min: 1, max: 80 }), (text, maxLength) => {
      const once = safeText(text, maxLength);
      expect(safeText(once, maxLength)).toBe(once);
    }),
    { numRuns: 2_000 },
  );
});
