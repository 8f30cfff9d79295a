import { expect, test } from 'vitest';
import { systemClock } from '../../core/base/clock.ts';
import { ManualClock } from './manual-clock.ts';

for (const [name, clock] of [
  ['the clock of this machine', systemClock],
  ['a clock held in the hand', new ManualClock()],
] as const) {
  test(`a sleeper is woken by a cancellation under ${name}`, async () => {
    const control = new AbortController();
    const asleep = clock.sleep(60_000, control.signal);
    control.abort();
    await expect(asleep).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(clock.sleep(60_000, control.signal)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
}

test('a clock held in the hand wakes only those whose time has come, in order', async () => {
  const clock = new ManualClock(0);
  const woken: number[] = [];
  const sleepers = [30, 10, 20, 99].map(async (ms) => {
    await clock.sleep(ms);
    woken.push(ms);
  });
  clock.advance(30);
  await Promise.all(sleepers.slice(0, 3));
  expect(woken).toEqual([10, 20, 30]);
  expect(clock.sleeping).toBe(1);
  clock.advance(69);
  await Promise.all(sleepers);
});
