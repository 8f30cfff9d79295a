import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CollectionBook, CollectionTimes } from '../../../core/engine/repositories/contract.ts';
import { dayMs, isDue, noteForgotten, soonMs, timesAfter } from '../../../core/engine/repositories/due.ts';

const now = Date.parse('2026-11-22T12:00:00Z');

function bookOf(times?: CollectionTimes): CollectionBook & { readonly kept: Record<string, CollectionTimes> } {
  const kept: Record<string, CollectionTimes> = times === undefined ? {} : { main: times };
  const write: CollectionBook['write'] = async (target, written) => {
    kept[target] = written;
  };
  return { kept, read: async () => kept, write };
}

test('a repository of which nothing is known is due at once, one that was collected a day later', () => {
  expect(isDue(undefined, now)).toBe(true);
  const done = timesAfter('done', undefined, now);
  expect(isDue(done, now + dayMs - 1)).toBe(false);
  expect(isDue(done, now + dayMs)).toBe(true);
});

test('what was noted by a clock a year ahead holds nothing up', () => {
  expect(isDue(timesAfter('done', undefined, now + 365 * dayMs), now)).toBe(true);
});

test('one that failed is tried again within the hour, and its last success is remembered', () => {
  const times = timesAfter('failed', { collectedAt: 5, dueAt: 6 }, now);
  expect(times).toEqual({ collectedAt: 5, dueAt: now + 3_600_000 });
  expect(timesAfter('busy', times, now).dueAt).toBeLessThan(times.dueAt);
});

test('after restore points were forgotten it is collected within an hour, but not for each of them anew', async () => {
  const collectedAt = now - 5 * 60_000;
  const book = bookOf({ collectedAt, dueAt: collectedAt + dayMs });
  await noteForgotten(book, 'main', now);
  expect(book.kept.main).toEqual({ collectedAt, dueAt: collectedAt + soonMs });
  await noteForgotten(book, 'main', now + 60_000);
  expect(book.kept.main?.dueAt).toBe(collectedAt + soonMs);
  const old = bookOf({ collectedAt: now - 8 * 3_600_000, dueAt: now + 16 * 3_600_000 });
  await noteForgotten(old, 'main', now);
  expect(isDue(old.kept.main, now)).toBe(true);
});

test('forgetting goes on where nothing can be noted', async () => {
  const broken: CollectionBook = {
    read: async () => ({ main: timesAfter('done', undefined, now - 7_200_000) }),
    write: () => Promise.reject(new Error('the disk is full')),
  };
  await noteForgotten(broken, 'main', now);
  await noteForgotten(undefined, 'main', now);
});

test('whatever happens in whatever order, a repository is due again within a day', async () => {
  const step = fc.record({
    kind: fc.constantFrom('done' as const, 'busy' as const, 'failed' as const, 'forgot' as const),
    laterMs: fc.integer({ min: -2 * dayMs, max: 2 * dayMs }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const book = bookOf();
      let at = now;
      for (const { kind, laterMs } of steps) {
        at += laterMs;
        if (kind === 'forgot') await noteForgotten(book, 'main', at);
        else book.kept.main = timesAfter(kind, book.kept.main, at);
        expect(isDue(book.kept.main, at) || isDue(book.kept.main, at + dayMs)).toBe(true);
      }
    }),
  );
});
