import type { Progress } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { Grid } from '../../../../core/terminal/cells/grid.ts';
import { drawProgress } from '../../../../core/terminal/widgets/data/progress.ts';

function drawn(progress: Progress, width: number): string {
  const grid = new Grid(width + 4, 1);
  drawProgress(grid.surface(), 2, 0, width, progress);
  expect(grid.row(0).slice(0, 2) + grid.row(0).slice(-2)).toBe('    ');
  return grid.row(0).slice(2, -2).trimEnd();
}

const reading: Progress = {
  phase: 'reading disk vda',
  doneBytes: 18.2 * 2 ** 30,
  totalBytes: 31 * 2 ** 30,
  bytesPerSecond: 612 * 2 ** 20,
  etaMs: 21_000,
  bottleneck: 'source',
};

describe('progress', () => {
  it('tells phase, bytes, rate, share, time left and what holds the work up', () => {
    expect(drawn(reading, 120)).toMatch(
      /^reading disk vda {2}18.2 GiB of 31 GiB {2}612 MiB\/s {2}━+─+ {2}58.7 % {2}ETA 21 s {2}bottleneck: source$/,
    );
  });

  it('leaves out what matters least first, and the share last', () => {
    expect(drawn(reading, 80)).toMatch(
      /^reading disk vda {2}18.2 GiB of 31 GiB {2}612 MiB\/s {2}━+─+ {2}58.7 % {2}ETA 21 s$/,
    );
    expect(drawn(reading, 60)).not.toContain('GiB of');
    expect(drawn(reading, 40)).toMatch(/^reading disk vda {2}━+─+ {2}58.7 %$/);
    expect(drawn(reading, 20)).toBe('reading dis…  58.7 %');
    expect(() => drawn(reading, 1)).not.toThrow();
  });

  it('has no bar where the whole is not known, and says nothing that it does not know', () => {
    expect(drawn({ phase: 'listing', doneBytes: 2048 }, 60)).toBe('listing  2 KiB');
    expect(drawn({ phase: 'waiting for a drive' }, 60)).toBe('waiting for a drive');
  });

  it('is full only when all is done', () => {
    const bar = (doneBytes: number): string => drawn({ phase: 'x', doneBytes, totalBytes: 100_000 }, 80);
    expect(bar(99_990)).toContain('─');
    expect(bar(100_000)).not.toContain('─');
  });

  it('shows nothing that acts, whatever a plugin calls its phase, and bears figures that are none', () => {
    const text = drawn(
      {
        phase: '\x1b[2J\u202eabc',
        doneBytes: Number.NaN,
        totalBytes: -1,
        etaMs: Number.POSITIVE_INFINITY,
        bottleneck: '\x07' as 'source',
      },
      100,
    );
    expect(text).toBe('␛[2J<U+202E>abc  bottleneck: ␇');
  });
});
