import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Repository } from '../contract.ts';
import { takeLease } from '../leases/lease.ts';
import type { Manifest } from '../points/manifest.ts';
import { commitCopy } from './commit-copy.ts';
import type { CopyOptions, CopyResult, PointOrigin } from './contract.ts';
import { copyFamily, copyStrangers } from './copy-disks.ts';
import { findCopy, originOf } from './find-copy.ts';
import { areFamily, type Inside, insideOf } from './inside.ts';
import { lostOfSource } from './lost-of-source.ts';
import { noMove } from './sum-moves.ts';

/** What is copied from where to where. */
interface Wish {
  readonly from: Inside;
  readonly into: Inside;
  readonly manifest: Manifest;
  readonly origin: PointOrigin;
  readonly relation: CopyResult['relation'];
  readonly bytesPerSecond: number | null;
}

/**
 * Copies a restore point into another repository; see `Repository.copyFrom`.
 * @throws `REPOSITORY_DAMAGED` with what is lost when the source is not whole, `VERIFY_FAILED`, `POINT_NOT_FOUND`, `LEASE_LOST`; then there is no copy.
 */
export async function copyPoint(
  into: Inside,
  source: Repository,
  point: string,
  options: CopyOptions,
  call: Call,
): Promise<CopyResult> {
  const from = insideOf(source);
  await using session = await from.readLeases.hold(call);
  // After the lease and never before it: what a collector condemns from now on is not relied upon.
  await from.plane.refresh(call);
  const manifest = await from.points.manifest(await from.points.find(point, call), call);
  const origin = originOf(manifest, from.format.suite.repositoryId);
  const relation = areFamily(from, into) ? 'family' : 'unrelated';
  const there = await findCopy(into, manifest, origin, call);
  if (there !== null) return { point: there, wasThere: true, relation, moved: noMove };
  const wish: Wish = { from, into, manifest, origin, relation, bytesPerSecond: options.bytesPerSecond ?? null };
  try {
    return await attempt(wish, relation, call);
  } catch (failure) {
    if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    if (await session.isGivenUp(call)) throw givenUp(point, failure);
    const lost = await lostOfSource(from, manifest, failure, call);
    if (lost !== null) throw lost;
    if (relation === 'unrelated') throw failure;
    // A chunk that is damaged in one pack is whole in another: a reader finds it there, who only moves records does not.
    call.log(
      'warn',
      `restore point ${point} is read to be copied, because of damage that costs it nothing: ${failure.message}`,
    );
    return await attempt(wish, 'unrelated', call);
  }
}

/** What is missing is not damage: a collector took the copy for dead and went on without it. */
const givenUp = (point: string, cause: unknown): HoldfastError =>
  new HoldfastError(
    'LEASE_LOST',
    `copying restore point ${point} was silent for so long that a collector of its source went on without it`,
    { remedy: 'copy it again', cause },
  );

/** @param way How chunks travel; those of a family can travel as those of strangers do. */
async function attempt(wish: Wish, way: CopyResult['relation'], call: Call): Promise<CopyResult> {
  const { from, into, manifest, origin, relation, bytesPerSecond } = wish;
  const lease = await takeLease(into.documents, 'copy', into.terms, call);
  try {
    await into.plane.refresh(call);
    // A tombstone that cannot be opened would count as none, and its packs as good.
    await into.keys.assertComplete(call);
    const parts = { from: from.plane, into: into.plane, disks: manifest.disks, lease: lease.id, bytesPerSecond };
    const { windowBytes } = into.format.suite.chunker;
    const copied = await (way === 'family' ? copyFamily(parts, call) : copyStrangers(parts, windowBytes, call));
    // Somebody else may have copied it meanwhile.
    const other = await findCopy(into, manifest, origin, call);
    if (other !== null) return { point: other, wasThere: true, relation, moved: copied.moved };
    await commitCopy(into, lease, { ...copied, original: manifest, origin }, call);
    return { point: lease.id, wasThere: false, relation, moved: copied.moved };
  } finally {
    await lease.end(call);
  }
}
