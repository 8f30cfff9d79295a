import type { Call, ObjectStore } from '@holdfast/api';
import type { CheckReport } from '../contract.ts';
import type { Damage } from '../damage.ts';
import type { DataPlane, PackDamage } from '../data-plane.ts';
import type { Documents } from '../documents/documents.ts';
import type { RepositoryFormat } from '../format/repository-format.ts';
import type { LeaseTerms } from '../leases/lease.ts';
import type { RepositorySecrets } from '../suite.ts';
import { checkCatalogs } from './check-catalogs.ts';
import { checkDocuments } from './check-documents.ts';
import { checkIndex } from './check-index.ts';
import { checkKeys } from './check-keys.ts';
import { type CheckedPoint, checkPoints } from './check-points.ts';
import { DamageReport } from './damage-report.ts';
import { Relisting, takeInventory } from './inventory.ts';
import { LostChunks } from './lost-chunks.ts';
import { DiskWalk } from './lost-ranges.ts';
import type { SuspectPack } from './suspect-pack.ts';

/** What a check needs of a repository. */
export interface CheckedParts {
  readonly target: string;
  readonly format: RepositoryFormat;
  readonly secrets: RepositorySecrets;
  readonly store: ObjectStore;
  readonly documents: Documents;
  readonly plane: DataPlane;
  readonly terms: LeaseTerms;
}

/** Others write while a check goes on; one that saw them half-way looks again, this often. */
const LOOKS = 3;

/** Looks at every object; see `Repository.check`. The caller holds a lease. */
export async function checkRepository(tier: 'fast' | 'full', parts: CheckedParts, call: Call): Promise<CheckReport> {
  const startedAt = parts.terms.now();
  for (let look = 1; ; look++) {
    const held = Object.keys(parts.secrets.generations).length;
    const report = await checkOnce(tier, parts, call);
    const isRaced =
      look < LOOKS &&
      ((await hasAppeared(report.damage, parts.store, call)) || (await hasLearned(held, report.damage, parts, call)));
    if (!isRaced) return { ...report, durationMs: parts.terms.now() - startedAt };
    call.log('debug', 'somebody wrote into the repository while it was checked: checking again');
  }
}

/** Whether keys were rotated meanwhile, so that what nobody could open may open now. */
async function hasLearned(held: number, damage: readonly Damage[], parts: CheckedParts, call: Call): Promise<boolean> {
  if (damage.every(({ kind }) => kind !== 'unknown')) return false;
  await parts.plane.refresh(call);
  return Object.keys(parts.secrets.generations).length > held;
}

/** Whether something that was missing is there now: a listing is not of one moment. */
async function hasAppeared(damage: readonly Damage[], store: ObjectStore, call: Call): Promise<boolean> {
  const now = new Relisting(store, call);
  for (const { object, kind } of damage) {
    if (kind === 'missing' && (await now.has(object))) return true;
  }
  return false;
}

async function checkOnce(
  tier: 'fast' | 'full',
  parts: CheckedParts,
  call: Call,
): Promise<Omit<CheckReport, 'durationMs'>> {
  const { store, documents, plane, format, secrets } = parts;
  const report = new DamageReport();
  call.progress({ phase: 'reading keys, manifests and commits' });
  const inventory = await takeInventory(store, call);
  for (const name of inventory.foreign) report.add(name, 'foreign', 'nothing in a repository is called so');
  await checkKeys(store, format, report, call);
  const found = await checkDocuments(inventory, documents, report, call);
  const points = checkPoints(found, report);
  await checkCatalogs(inventory, parts, report, call);
  // Packs are listed now, after the commits and never before: what a commit names was stored before it.
  const scan = await plane.scan(tier, call);
  // What is wrong with a pack that is about to go matters to nobody, unless something in it is still missed.
  for (const { object, kind, detail, isCondemned } of scan.damage) if (!isCondemned) report.add(object, kind, detail);
  call.progress({ phase: 'reading the index' });
  const damaged = new Set(scan.damage.map(({ object }) => object));
  const index = { store, suite: format.suite, secrets };
  const suspects = await checkIndex(inventory, found.commits, index, damaged, report, call);
  for (const [object, detail] of await plane.wrongRuns(call)) report.add(object, 'damaged', detail);
  call.progress({ phase: 'following the disk maps' });
  const lost = new LostChunks(plane, scan.damage, suspects);
  await followMaps(points, lost, suspects, scan.damage, report, call);
  const { packs, chunks, bytes } = scan;
  return { tier, points: points.length, packs, chunks, bytes, damage: report.list() };
}

/** Finds out what is lost of each restore point, and through which object. */
async function followMaps(
  points: readonly CheckedPoint[],
  lost: LostChunks,
  suspects: readonly SuspectPack[],
  damaged: readonly PackDamage[],
  report: DamageReport,
  call: Call,
): Promise<void> {
  const condemned = new Map(damaged.filter((pack) => pack.isCondemned).map((pack) => [pack.object, pack]));
  const walk = new DiskWalk(lost);
  const missed = new Set<string>();
  for (const { commit, manifest } of points) {
    for (const disk of manifest.disks) {
      for (const { offset, length, culprit } of await walk.lostRanges(disk, call)) {
        const object = culprit ?? commit.manifest;
        const dying = condemned.get(object);
        if (culprit === null) report.add(object, 'damaged', 'it names chunks that are in no pack');
        else if (dying !== undefined) report.add(object, dying.kind, `${dying.detail}; it has been condemned`);
        else if (!report.has(object)) report.add(object, 'missing', 'the index lists it, the store does not have it');
        missed.add(object);
        report.concern(object, { point: commit.lease, disk: disk.key, offset, length });
      }
    }
  }
  for (const { object, run, isGone } of suspects) {
    if (isGone && !missed.has(object))
      report.add(run, 'stale', `it lists ${object}, which is gone and which nobody needs`);
  }
}
