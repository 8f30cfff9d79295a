import type { Progress } from '@holdfast/api';
import { expect, test } from 'vitest';
import { Meter } from '../../core/engine/run/meter.ts';

function metered() {
  let at = 0;
  const shown: Progress[] = [];
  const meter = new Meter(
    () => at,
    (progress) => shown.push(progress),
  );
  return { meter, shown, pass: (ms: number) => (at += ms), last: () => shown.at(-1) };
}

test('the progress of several disks is one line that never goes back', () => {
  const { meter, shown, pass } = metered();
  meter.declare({ phase: 'reading web01', totalBytes: 300 });
  for (const size of [100, 200]) {
    const move = meter.begin('reading a disk', size);
    for (const doneBytes of [0, size / 2, size / 4, size]) {
      pass(500);
      move.report({ phase: 'inner', doneBytes, totalBytes: size });
    }
    move.end();
  }
  const done = shown.map(({ doneBytes = 0 }) => doneBytes);
  expect(done).toEqual(done.toSorted((a, b) => a - b));
  expect(shown.at(-1)).toMatchObject({ doneBytes: 300, totalBytes: 300 });
});

test('holes that need no reading are taken off the total instead of being counted as speed', () => {
  const { meter, pass, last } = metered();
  meter.declare({ phase: 'reading web01', totalBytes: 1_000 });
  const move = meter.begin('reading vda', 1_000);
  move.report({ phase: 'inner', doneBytes: 0, totalBytes: 100 });
  pass(1_000);
  move.report({ phase: 'inner', doneBytes: 50, totalBytes: 100 });
  expect(last()).toMatchObject({ doneBytes: 50, totalBytes: 100, bytesPerSecond: 50, etaMs: 1_000 });
});

test('speed follows what happens now, not the average since the start', () => {
  const { meter, pass, last } = metered();
  const move = meter.begin('reading vda', 1_000_000);
  move.report({ phase: 'inner', doneBytes: 0 });
  pass(10_000);
  move.report({ phase: 'inner', doneBytes: 900_000, bottleneck: 'target' });
  for (let tick = 1; tick <= 20; tick += 1) {
    pass(1_000);
    move.report({ phase: 'inner', doneBytes: 900_000 + tick, bottleneck: 'source' });
  }
  expect(last()?.bytesPerSecond).toBeLessThan(10);
  expect(last()?.bottleneck).toBe('source');
});
