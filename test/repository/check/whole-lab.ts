import type { CheckReport, Repository } from '../../../core/repository/contract.ts';
import { type Lab, openLab, protect, restoreDisk } from '../lab.ts';
import { changedDisk, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const MIB = 1024 * 1024;

/** A repository with several machines, several packs and an increment, and what each restore point must give back. */
export interface WholeLab {
  readonly lab: Lab;
  readonly store: MemoryStore;
  /** By restore point, then by disk. */
  readonly expected: ReadonlyMap<string, Readonly<Record<string, Buffer>>>;
}

export async function openWholeLab(): Promise<WholeLab> {
  const store = new MemoryStore();
  const lab = await openLab(store, { packBytes: 128 * 1024 });
  const vda = sampleDisk('vda', 2 * MIB);
  const change = changedDisk(vda, 'change', 6);
  const other = { sda: sampleDisk('sda', MIB), sdb: sampleDisk('sdb', MIB / 2) };
  const one = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
  const move = { vda: { extents: change.extents, base: one.point } };
  const two = await protect(lab, lab.repository, 'm1', { vda: change.disk }, { takenAt: 2, move });
  const three = await protect(lab, lab.repository, 'm2', other, { takenAt: 3 });
  const expected = new Map<string, Readonly<Record<string, Buffer>>>([
    [one.point, { vda }],
    [two.point, { vda: change.disk }],
    [three.point, other],
  ]);
  return { lab, store, expected };
}

/** Restore points that a check says can no longer be restored whole. */
export const concernedPoints = (report: CheckReport): Set<string> =>
  new Set(report.damage.flatMap(({ concerns }) => concerns.map(({ point }) => point)));

/**
 * Restores everything. A restore point that is not concerned must come back byte for byte; one that is must never come back wrong and
 * call itself right.
 * @returns How many disks came back whole.
 */
export async function restoreAll(
  { lab, expected }: WholeLab,
  repository: Repository,
  concerned: ReadonlySet<string>,
): Promise<number> {
  let whole = 0;
  for (const [point, disks] of expected) {
    for (const [key, bytes] of Object.entries(disks)) {
      const restored = await restoreDisk(lab, repository, point, key).catch((failure: unknown) => ({ failure, bytes }));
      if (restored.failure === null) {
        if (!restored.bytes.equals(bytes)) throw new Error(`${point} ${key} was restored wrong, without an error`);
        whole++;
      } else if (!concerned.has(point)) throw restored.failure;
    }
  }
  return whole;
}
