import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rateOf, shareOf, waitOf } from '../../../../core/shell/commands/repository/amounts.ts';
import { wordsOf } from '../../../../core/shell/commands/repository/key-rotate.ts';

describe('amounts as people write them', () => {
  test.each([
    ['20MB', 20_000_000],
    ['20MB/s', 20_000_000],
    ['512KiB', 524_288],
    ['1.5 GiB', 1_610_612_736],
    ['1000000', 1_000_000],
    ['5m', 5_000_000],
  ])('a limit of %s is %d bytes a second', (text, bytes) => {
    expect(rateOf(text)).toBe(bytes);
  });

  test.each([
    ['50%', 0.5],
    ['0.5', 0.5],
    ['0', 0],
    ['100 %', 1],
    ['12.5%', 0.125],
  ])('a share of %s is %d', (text, share) => {
    expect(shareOf(text)).toBe(share);
  });

  test('what was not given is no limit, no share and no time', () => {
    expect([rateOf(null), shareOf(null), waitOf(null)]).toEqual([null, null, null]);
    expect(waitOf('1h30m')).toBe(5_400_000);
  });

  test.each(['', '0', '0MB', '-5MB', 'fast', '20XB', '1e9', '99999999999999GB'])('%j is no limit', (text) => {
    expect(() => rateOf(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test.each(['50', '101%', 'half', '-1%', '1.5'])('%j is no share', (text) => {
    expect(() => shareOf(text)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('any other text is refused in words, and none hangs', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        for (const read of [rateOf, shareOf, waitOf]) {
          try {
            const value = read(text);
            expect(value === null || (Number.isFinite(value) && value >= 0)).toBe(true);
          } catch (problem) {
            expect(problem).toMatchObject({ code: 'USAGE' });
          }
        }
      }),
    );
  });
});

describe('recovery words', () => {
  const words = Array.from({ length: 24 }, (_, at) => `w${'abcdefghijklmnopqrstuvwxyz'[at]}`);

  test('are read from a recovery file as it was written', () => {
    const file = [
      'Recovery words of main',
      'Whoever has them can read it.',
      '',
      ...words.map((w, at) => `${at + 1} ${w}`),
      '',
      words.join(' '),
      '',
    ];
    expect(wordsOf(file.join('\n'))).toBe(words.join(' '));
  });

  test('are read as they were typed, with numbers, big letters and line breaks', () => {
    expect(wordsOf(words.map((word, at) => `${at + 1}. ${word.toUpperCase()}`).join('\n'))).toBe(words.join(' '));
    expect(wordsOf(`  ${words.slice(0, 12).join(' ')}\n${words.slice(12).join('  ')}`)).toBe(words.join(' '));
  });
});
