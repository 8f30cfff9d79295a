import { makeCall, type PointRef } from '@holdfast/api';
import { expect } from 'vitest';
import type { CollectOptions, CollectReport } from '../../../core/repository/collect/contract.ts';
import type { Repository, RepositoryOptions } from '../../../core/repository/contract.ts';
import type { Damage } from '../../../core/repository/damage.ts';
import { type Lab, openLab, protect, restoreDisk } from '../lab.ts';
import { noise, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

export const MIB = 1024 * 1024;
export const call = makeCall();

/** A repository, a clock that is set by hand, and what each restore point must give back. */
export interface CollectLab extends AsyncDisposable {
  readonly lab: Lab;
  readonly store: MemoryStore;
  readonly clock: { now: number };
  readonly expected: Map<string, Buffer>;
  protect(machine: string, disk: Buffer, repository?: Repository): Promise<PointRef>;
  collect(options?: CollectOptions, repository?: Repository): Promise<CollectReport>;
  /**
   * Restores every restore point byte for byte, as a machine would that has never seen the repository, and checks everything.
   * @param left Whether a writer that was taken for dead may have left an index behind that nobody needs, which the next collection removes.
   */
  expectWhole(left?: 'nothing' | 'of the dead'): Promise<void>;
}

export const SILENT_AFTER_MS = 60_000;

let machines = 0;

export async function openCollectLab(more: Partial<RepositoryOptions> = {}): Promise<CollectLab> {
  const store = new MemoryStore();
  const clock = { now: 1_700_000_000_000 };
  const options = { packBytes: 384 * 1024, silentAfterMs: SILENT_AFTER_MS, now: () => clock.now, ...more };
  const lab = await openLab(store, options);
  const expected = new Map<string, Buffer>();
  return {
    lab,
    store,
    clock,
    expected,
    async protect(machine, disk, repository = lab.repository) {
      const point = await protect(lab, repository, machine, { vda: disk }, { takenAt: clock.now++ });
      expected.set(point.point, disk);
      return point;
    },
    collect: (how = {}, repository = lab.repository) => repository.collect(how, call),
    async expectWhole(left = 'nothing') {
      const repository = await lab.reopen(undefined, `cache of machine ${++machines}`);
      try {
        const points = await repository.points({}, call);
        expect(points.map(({ point }) => point).sort()).toEqual([...expected.keys()].sort());
        for (const [point, disk] of expected) {
          const restored = await restoreDisk(lab, repository, point, 'vda');
          expect(restored.failure).toBeNull();
          expect(restored.bytes.equals(disk)).toBe(true);
        }
        const { damage } = await repository.check('full', call);
        const isLeft = ({ kind, concerns }: Damage) => kind === 'stale' && concerns.length === 0;
        expect(left === 'nothing' ? damage : damage.filter((one) => !isLeft(one))).toEqual([]);
      } finally {
        await repository.close();
      }
    },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  };
}

/** A disk of noise-like data that shares nothing with one of another seed. */
export const disk = (seed: string, sizeBytes = MIB): Buffer => sampleDisk(seed, sizeBytes);

/** A disk in which every other stretch of 192 KiB was written anew: packs of the old one stay half reachable. */
export function halfNew(base: Buffer, seed = 'half'): Buffer {
  const next = Buffer.from(base);
  const stretch = 192 * 1024;
  for (let at = 0; at < next.length; at += stretch * 2) {
    const length = Math.min(stretch, next.length - at);
    noise(`${seed}/${at}`, length).copy(next, at);
  }
  return next;
}
