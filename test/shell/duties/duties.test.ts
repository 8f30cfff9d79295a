import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { doDuties } from '../../../core/shell/duties/duties.ts';
import type { Installation } from '../../../core/shell/site/installation.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('what fails again and again is logged when it begins, when it changes and once an hour', async () => {
  const logged: string[] = [];
  let why = 'the catalog is gone';
  const installation = {
    around: { log: (_level: string, text: string) => logged.push(text), now: () => Date.now() },
    use: () => {
      throw new Error(why);
    },
    onChange: () => () => {},
  } as unknown as Installation;
  const controller = new AbortController();
  const done = doDuties(installation, controller.signal);
  await vi.advanceTimersByTimeAsync(50 * 60_000);
  expect(logged.toSorted()).toEqual([
    'cleaning up failed: the catalog is gone',
    'looking after alarms failed: the catalog is gone',
    'running policies failed: the catalog is gone',
  ]);
  await vi.advanceTimersByTimeAsync(30 * 60_000);
  expect(logged).toHaveLength(6);
  expect(logged.some((text) => /\(and \d+ times more since it was last said\)$/.test(text))).toBe(true);
  why = 'the disk is full';
  await vi.advanceTimersByTimeAsync(5 * 60_000);
  expect(logged.slice(6).every((text) => text.endsWith('the disk is full'))).toBe(true);
  expect(logged).toHaveLength(9);
  controller.abort();
  await vi.advanceTimersByTimeAsync(60_000);
  await done;
});
