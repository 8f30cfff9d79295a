import type { Call } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterEach, expect, test, vi } from 'vitest';
import { run } from '../../core/shell/commands/schedule/tick.ts';
import type { Site } from '../../core/shell/contract.ts';

afterEach(() => vi.useRealTimers());

test('alarms are told while the runs of a tick go on, however long they take', async () => {
  vi.useFakeTimers();
  let told = 0;
  let end = (): void => {};
  const engine = {
    alarms: {
      look: async () => {},
      deliver: async () => {
        told += 1;
      },
    },
    schedules: {
      tick: (_: Call) =>
        new Promise((resolve) => {
          end = () => resolve({ isLeader: true, fired: [], runs: [], collected: [], warnings: [] });
        }),
    },
  };
  const site = { engine: async () => engine, now: () => 0 } as unknown as Site;
  const ticking = run(site, {}, makeCall({}));
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(told).toBe(11);
  end();
  await ticking;
  expect(told).toBe(12);
  await vi.advanceTimersByTimeAsync(10 * 60_000);
  expect(told).toBe(12);
});
