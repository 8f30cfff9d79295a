import type { ChildProcess } from 'node:child_process';
import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { collectOnce } from './acts.ts';
import { type ChildWish, protectRound, prove, withRepository } from './backup.ts';
import { emptyRepository } from './kill-rounds.ts';
import { type Outcome, runChild } from './run-child.ts';

const SIZE_BYTES = 2 * 1024 * 1024;
const SILENT_AFTER_MS = 1_500;

interface Standing {
  readonly lease: string;
  /** Lets the process go on, and waits for its end. */
  goOn(): Promise<Outcome>;
}

/** A backup that has come to where it stops itself. */
async function standing(wish: ChildWish): Promise<Standing> {
  const halted = Promise.withResolvers<{ readonly lease: string; readonly child: ChildProcess }>();
  const outcome = runChild(wish, [], undefined, (child, said) => {
    const lease = /^lease ([0-9a-f]{32})$/m.exec(said)?.[1];
    if (lease !== undefined) halted.resolve({ lease, child });
  });
  outcome.then(({ errors }) => halted.reject(new Error(`it did not stop: ${errors}`)), halted.reject);
  const { lease, child } = await halted.promise;
  return {
    lease,
    goOn: () => {
      child.kill('SIGCONT');
      return outcome;
    },
  };
}

test.each(['stopped backup', 'stopped written'] as const)(
  'a backup whose process stands still past its lease and goes on afterwards commits nothing (%s)',
  async (act) => {
    await using made = await emptyRepository(SIZE_BYTES, { silentAfterMs: SILENT_AFTER_MS });
    const { places } = made;
    const kept = await withRepository(places, async (repository) => {
      const before = await protectRound(repository, { ...places, round: 1 });
      const kept = await protectRound(repository, { ...places, round: 2 });
      // So that there is something to sweep, of which the writer that stands still has the same.
      await repository.forget([before], 'retention', makeCall());
      return kept;
    });
    const { lease, goOn } = await standing({ ...places, act, round: 1 });
    let outcome: Outcome | undefined;
    try {
      const reports = await withRepository(places, async (repository) => {
        const reports = [await collectOnce(repository), await collectOnce(repository)];
        await prove(repository, places, new Set([kept]));
        return reports;
      });
      expect(reports.flatMap(({ fenced }) => fenced)).toContain(lease);
      expect(reports.reduce((sum, { sweptPacks }) => sum + sweptPacks, 0)).toBeGreaterThan(0);
    } finally {
      outcome = await goOn();
    }
    expect(outcome.errors).toContain('LEASE_LOST');
    expect([outcome.exitCode, outcome.committed]).toEqual([1, null]);
    await withRepository(places, async (repository) => {
      expect((await prove(repository, places, new Set([kept]))).points).toEqual([kept]);
      const next = await protectRound(repository, { ...places, round: 3 });
      await prove(repository, places, new Set([kept, next]));
    });
  },
  120_000,
);
