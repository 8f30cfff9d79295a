import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import type { CheckReport, Repository } from '../../../core/repository/contract.ts';
import { openRepository } from '../../../core/repository/open.ts';
import { openLab, passphrase, protect, restoreDisk, testOptions } from '../lab.ts';
import { temporaryFolder } from '../paper.ts';
import { changedDisk, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

const MIB = 1024 * 1024;
const PACK_BYTES = 128 * 1024;

/** A copy of a repository with two machines, several packs and an increment, and what each restore point must give back. */
export interface WholeLab extends AsyncDisposable {
  readonly store: MemoryStore;
  readonly folder: string;
  /** By restore point, the oldest first, then by disk. */
  readonly expected: ReadonlyMap<string, Readonly<Record<string, Buffer>>>;
  /** Opens it; `cache` names a cache folder of its own. */
  open(cache?: string): Promise<Repository>;
}

type Made = Pick<WholeLab, 'store' | 'expected'>;

async function make(): Promise<Made> {
  const store = new MemoryStore();
  await using lab = await openLab(store, { packBytes: PACK_BYTES });
  const vda = sampleDisk('vda', 2 * MIB);
  const change = changedDisk(vda, 'change', 6);
  const other = { sda: sampleDisk('sda', MIB), sdb: sampleDisk('sdb', MIB / 2) };
  const one = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
  const move = { vda: { extents: change.extents, base: one.point } };
  const two = await protect(lab, lab.repository, 'm1', { vda: change.disk }, { takenAt: 2, move });
  await lab.repository.rotateKeys([{ passphrase }, { recoveryWords: lab.words }], makeCall());
  const three = await protect(lab, lab.repository, 'm2', other, { takenAt: 3 });
  const catalog = { site: 'c'.repeat(32), schema: 2, bytes: sampleDisk('catalog', MIB / 4) };
  await lab.repository.saveCatalog(catalog, makeCall());
  const expected = new Map<string, Readonly<Record<string, Buffer>>>([
    [one.point, { vda }],
    [two.point, { vda: change.disk }],
    [three.point, other],
  ]);
  return { store, expected };
}

let made: Promise<Made> | null = null;

/** The repository is made once; everybody gets a copy to break. */
export async function openWholeLab(): Promise<WholeLab> {
  made ??= make();
  const { store: pristine, expected } = await made;
  const store = pristine.copy();
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await temporaryFolder());
  const open = async (cache = 'cache'): Promise<Repository> => {
    const options = testOptions(join(path, cache), { packBytes: PACK_BYTES });
    const repository = await openRepository(store, { passphrase }, options, makeCall());
    stack.defer(() => repository.close());
    return repository;
  };
  return { store, folder: path, expected, open, [Symbol.asyncDispose]: () => stack.disposeAsync() };
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
  whole: WholeLab,
  repository: Repository,
  concerned: ReadonlySet<string>,
): Promise<number> {
  let count = 0;
  for (const [point, disks] of whole.expected) {
    for (const [key, bytes] of Object.entries(disks)) {
      const restored = await restoreDisk(whole, repository, point, key).catch((failure: unknown) => ({
        failure,
        bytes,
      }));
      if (restored.failure === null) {
        if (!restored.bytes.equals(bytes)) throw new Error(`${point} ${key} was restored wrong, without an error`);
        count++;
      } else if (!concerned.has(point)) throw restored.failure;
    }
  }
  return count;
}
