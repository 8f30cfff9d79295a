import { describe, expect, it } from 'vitest';
import { formatBytes, formatCount, formatRatio } from '../../core/shell/format/numbers.ts';
import { formatDuration, formatMoment, formatRelative } from '../../core/shell/format/times.ts';
import { cutToWidth, displayWidth, padToWidth, wrapToWidth } from '../../core/shell/format/width.ts';

describe('the width of text in a terminal', () => {
  it.each([
    ['web-07', 6],
    ['größer', 6],
    ['データ', 6],
    ['전원', 4],
    ['⚡', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['🇫🇷', 2],
    ['✔️', 2],
    ['e\u0301', 1],
    ['●◐○▶✓✗', 6],
    ['Ｗｉｄｅ', 8],
  ])('of %s is %i columns', (text, columns) => {
    expect(displayWidth(text)).toBe(columns);
  });

  it('is never exceeded by a cut, and no letter is split', () => {
    expect(cutToWidth('データベース', 7)).toBe('データ…');
    expect(cutToWidth('👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 3)).toBe('👩‍👩‍👧‍👦…');
    expect(cutToWidth('web', 3)).toBe('web');
  });

  it('is filled up on the side that is asked for', () => {
    expect(padToWidth('データ', 8)).toBe('データ  ');
    expect(padToWidth('12', 5, 'right')).toBe('   12');
  });

  it('breaks lines at blanks and leaves a word that is too long whole', () => {
    expect(wrapToWidth('one two three-and-more', 8)).toEqual(['one two', 'three-and-more']);
  });
});

describe('figures for people', () => {
  it('tells bytes in powers of 1,024 with three digits', () => {
    expect([0, 17, 1023, 1024, 1536, 1_048_575, 546 * 2 ** 20, 1.21 * 2 ** 30].map(formatBytes)).toEqual([
      '0 B',
      '17 B',
      '1023 B',
      '1 KiB',
      '1.50 KiB',
      '1 MiB',
      '546 MiB',
      '1.21 GiB',
    ]);
  });

  it('tells counts and shares', () => {
    expect(formatCount(1284)).toBe('1,284');
    expect([0.986, 1, 0].map(formatRatio)).toEqual(['98.6 %', '100 %', '0 %']);
  });

  it('tells durations in the unit that people would use', () => {
    expect([84, 3_210, 21_000, 754_000, 3_900_000, 273_600_000].map(formatDuration)).toEqual([
      '84 ms',
      '3.2 s',
      '21 s',
      '13 min',
      '1 h 05 min',
      '3 d 4 h',
    ]);
  });

  it('tells moments relative to now, or exactly', () => {
    const now = Date.UTC(2026, 10, 22, 12);
    expect(formatRelative(now - 12 * 60_000, now)).toBe('12 min ago');
    expect(formatRelative(now + 3 * 3_600_000, now)).toBe('in 3 h');
    expect(formatMoment(now)).toBe('2026-11-22T12:00:00Z');
  });
});
