import { type Call, HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import type { Mark } from '../data/collect/mark.ts';
import { packName } from '../data/packs/format.ts';
import { landedPacks } from '../landing/landings.ts';
import { takeLease } from '../leases/lease.ts';
import type { CollectOptions, CollectReport } from './contract.ts';
import { type Decision, decide } from './decide.ts';
import { type LeaseLook, LeaseWatch } from './lease-watch.ts';
import { readPoints } from './read-points.ts';
import { repack } from './repack.ts';
import { sweep } from './sweep.ts';
import { removeForgotten, removeLeases, removeStrays } from './tidy.ts';
import { condemn, type Epoch, readEpochs, removeStrayLists } from './tombstones.ts';
import { isReady, settleLeases, toldOf, waitForLeases } from './wait.ts';
import { type CollectParts, CollectSums, type CollectWork } from './work.ts';

const REPACK_BELOW = 0.5;
/** Forgotten restore points that one collection condemns: as many as fit into a tombstone beside its packs. The next one goes on. */
const POINTS_AT_ONCE = 250_000;

/**
 * Removes what no restore point reaches, and never stops a backup. Whatever happens on the way, what is there is whole, and the next
 * collection goes on.
 * @throws `COLLECTION_BUSY`, `REPOSITORY_DAMAGED`, `LEASE_LOST`; see `Repository.collect`.
 * @see docs/formats/repository.md §9, docs/decisions/collection.md
 */
export async function collect(parts: CollectParts, options: CollectOptions, call: Call): Promise<CollectReport> {
  const startedAt = parts.terms.now();
  const sums = new CollectSums();
  if (options.dryRun === true) await lookTwice(parts, sums, options, call);
  else await collectAll(parts, sums, options, call);
  return {
    isDryRun: options.dryRun === true,
    ...reportOf(sums),
    durationMs: parts.terms.now() - startedAt,
  };
}

function reportOf(sums: CollectSums): Omit<CollectReport, 'isDryRun' | 'durationMs'> {
  const swept = sums.sum('swept');
  const condemned = sums.sum('condemned', 'repacked');
  return {
    packs: sums.packs,
    storedBytes: sums.storedBytes,
    decided: sums.list(),
    sweptPacks: swept.packs,
    sweptBytes: swept.bytes,
    condemnedPacks: condemned.packs,
    condemnedBytes: condemned.bytes,
    repackedPacks: sums.repacked.size,
    movedBytes: sums.movedBytes,
    forgotten: sums.forgotten,
    sweptObjects: sums.sweptObjects,
    fenced: [...sums.fenced],
    awaited: sums.awaited,
  };
}

/** Without a lease, what is looked at may be collected by somebody else meanwhile: then it is there no more the second time. */
async function lookTwice(parts: CollectParts, sums: CollectSums, options: CollectOptions, call: Call): Promise<void> {
  try {
    await lookOnly(parts, sums, options, call);
  } catch (failure) {
    if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    await lookOnly(parts, sums, options, call);
  }
}

/** Says what would go. Puts and removes nothing, not even a lease. */
async function lookOnly(parts: CollectParts, sums: CollectSums, options: CollectOptions, call: Call): Promise<void> {
  const { documents, terms, points, plane } = parts;
  const watch = new LeaseWatch(documents, terms);
  const before = withoutDead(await watch.look(null, call));
  const listing = await readPoints(points, documents, call);
  sums.note(listing);
  const mark = await plane.collector().mark(listing.disks, call);
  const after = withoutDead(await watch.look(null, call));
  note(sums, mark.packs);
  const { dead, sparse } = await decide(
    mark,
    plane.collector(),
    { before, after },
    { below: options.repackBelow ?? REPACK_BELOW, but: await landedPacks(documents, call) },
    call,
  );
  for (const pack of [...dead, ...mark.dying]) tell(sums, mark, pack, 'condemned');
  for (const pack of sparse) {
    tell(sums, mark, pack, 'repacked');
    sums.movedBytes += mark.liveBytes(pack) ?? 0;
  }
  sums.awaited = [...after.open.values()].map(toldOf);
}

/** Leases as they would be once those were fenced that would be. */
function withoutDead({ all, open }: LeaseLook): LeaseLook {
  return { all, open: new Map([...open].filter(([, { isSilent, isGone }]) => !isSilent && !isGone)) };
}

async function collectAll(parts: CollectParts, sums: CollectSums, options: CollectOptions, call: Call): Promise<void> {
  const { documents, terms } = parts;
  const lease = await takeLease(documents, 'collect', terms, call);
  try {
    const watch = new LeaseWatch(documents, terms);
    await collectUnder({ ...parts, lease, watch, sums, call }, options);
  } finally {
    await lease.end(call);
  }
}

async function collectUnder(work: CollectWork, options: CollectOptions): Promise<void> {
  const { documents, lease, call } = work;
  const old = await begin(work);
  const fresh = await condemnDead(work, old, options);
  const epochs = [...old, ...fresh];
  if (epochs.length > 0) {
    const look = await waitForLeases(work, epochs, options.waitMs ?? 0);
    const ready = epochs.filter((epoch) => isReady(epoch, look));
    const waiting = epochs.filter((epoch) => !ready.includes(epoch));
    if (ready.length > 0) await markAgainAndSweep(work, { ready, waiting });
  }
  throwIfCancelled(call.signal, 'the collection');
  call.progress({ phase: 'removing what is over' });
  lease.assertHeld();
  work.sums.sweptObjects += await removeStrayLists(documents, call);
  await removeStrays(work, await readPoints(work.points, documents, call));
  await removeLeases(work, await settleLeases(work));
}

/** Makes sure that no other collection is alive, and answers what earlier ones have condemned. */
async function begin(work: CollectWork): Promise<Epoch[]> {
  const { documents, lease, terms, call } = work;
  call.progress({ phase: 'looking who is at work' });
  const look = await settleLeases(work);
  for (const { seen, document } of look.open.values()) {
    if (document?.purpose !== 'collect') continue;
    const where = `${document.host}, process ${document.pid}`;
    throw new HoldfastError('COLLECTION_BUSY', `another collection of this repository is under way (${where})`, {
      facts: { lease: seen.lease, host: document.host, pid: document.pid },
    });
  }
  // Now rather than at the end: who may only add finds it out before anything is condemned.
  await removeLeases(work, look).catch((failure: unknown) => {
    throw isHoldfastError(failure, 'TARGET_READ_ONLY') ? onlyAdding(failure) : failure;
  });
  return readEpochs(documents, lease.id, terms.now(), call);
}

const onlyAdding = (cause: HoldfastError): HoldfastError =>
  new HoldfastError('TARGET_READ_ONLY', `nothing can be collected from here: ${cause.message}`, {
    remedy:
      'collect it as the user who may remove there; `collect: false` on the target says that this is left to others',
    facts: cause.facts ?? {},
    cause,
  });

/** The first mark: finds what is dead, writes anew what is hardly alive, and condemns both. */
async function condemnDead(work: CollectWork, old: readonly Epoch[], options: CollectOptions): Promise<Epoch[]> {
  const { documents, plane, points, lease, watch, sums, terms, call } = work;
  const before = await watch.look(lease.id, call);
  call.progress({ phase: 'reading the restore points' });
  const listing = await readPoints(points, documents, call);
  sums.note(listing);
  const mark = await plane.collector().mark(listing.disks, call);
  if (mark.missing > 0)
    call.log(
      'warn',
      `${mark.missing} times a chunk is named that lies in no pack: \`holdfast repository check\` says of which restore points`,
    );
  const after = await watch.look(lease.id, call);
  note(sums, mark.packs);
  for (const pack of mark.dying) tell(sums, mark, pack, 'condemned');
  const { dead, sparse } = await decide(
    mark,
    plane.collector(),
    { before, after },
    { below: options.repackBelow ?? REPACK_BELOW, but: await landedPacks(documents, call) },
    call,
  );
  options.decided?.(planOf(sums, mark, { dead, sparse }));
  const emptied = sparse.length === 0 ? [] : await repack(work, sparse, mark, after, options.bytesPerSecond ?? null);
  for (const pack of dead) tell(sums, mark, pack, 'condemned');
  for (const pack of emptied) tell(sums, mark, pack, 'repacked');
  const known = new Set(old.flatMap(({ tombstone }) => tombstone.points));
  const forgotten = [...listing.forgotten.keys()]
    .filter((point) => listing.commits.has(point) && !known.has(point))
    .slice(0, POINTS_AT_ONCE);
  throwIfCancelled(call.signal, 'the collection');
  lease.assertHeld();
  call.progress({ phase: 'condemning what is dead' });
  return condemn(documents, { packs: [...dead, ...emptied], points: forgotten }, lease.id, terms.now(), call);
}

/** What is about to be done, as a dry run would tell it. */
function planOf(sums: CollectSums, mark: Mark, { dead, sparse }: Decision): CollectReport {
  const plan = new CollectSums();
  plan.forgotten = sums.forgotten;
  note(plan, mark.packs);
  for (const pack of [...dead, ...mark.dying]) tell(plan, mark, pack, 'condemned');
  for (const pack of sparse) {
    tell(plan, mark, pack, 'repacked');
    plan.movedBytes += mark.liveBytes(pack) ?? 0;
  }
  return { isDryRun: true, ...reportOf(plan), durationMs: 0 };
}

/** The second mark, after everybody has gone who might have come to need something condemned; then it is removed. */
async function markAgainAndSweep(
  work: CollectWork,
  epochs: { readonly ready: readonly Epoch[]; readonly waiting: readonly Epoch[] },
): Promise<void> {
  const { documents, plane, points, lease, watch, call } = work;
  call.progress({ phase: 'reading the restore points again' });
  const listing = await readPoints(points, documents, call);
  const mark = await plane.collector().mark(listing.disks, call);
  const look = await watch.look(lease.id, call);
  lease.assertHeld();
  // Before the commits go, which say that these leases are over.
  await removeLeases(work, look);
  await removeForgotten(work, epochs.ready, listing);
  await sweep(work, epochs, mark, look);
}

function note(sums: CollectSums, packs: ReadonlyMap<string, number>): void {
  sums.packs = packs.size;
  sums.storedBytes = [...packs.values()].reduce((sum, size) => sum + size, 0);
}

function tell(
  sums: CollectSums,
  mark: { readonly packs: ReadonlyMap<string, number>; liveBytes(pack: string): number | null },
  pack: string,
  fate: 'condemned' | 'repacked',
): void {
  sums.decide(packName(pack), mark.packs.get(pack) ?? 0, mark.liveBytes(pack) ?? 0, fate);
  if (fate === 'repacked') sums.repacked.add(pack);
}
