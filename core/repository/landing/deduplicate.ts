import { type Call, HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import { settledPacks } from '../collect/decide.ts';
import { LeaseWatch } from '../collect/lease-watch.ts';
import { OtherCopies } from '../collect/other-copies.ts';
import { readPoints } from '../collect/read-points.ts';
import { removeLeases } from '../collect/tidy.ts';
import { condemn } from '../collect/tombstones.ts';
import { settleLeases } from '../collect/wait.ts';
import { type CollectParts, CollectSums, type CollectWork } from '../collect/work.ts';
import { packName } from '../data/packs/format.ts';
import { takeLease } from '../leases/lease.ts';
import type { DeduplicateOptions, DeduplicateReport, LandedState } from './contract.ts';
import { readLandings, tidyLandings, waitingOf } from './landings.ts';
import { ownersOf } from './owners.ts';

/** Packs that are done together: as many as one index run lists. */
const TOGETHER = 256;
/** Emptied packs that are condemned together, so that a sweep need not wait for the end: 128 GiB. */
const CONDEMNED_TOGETHER = 4096;

/** What a pass has done so far. */
interface PassSums {
  waited: LandedState;
  condemnedPacks: number;
  condemnedBytes: number;
  moved: number;
  movedBytes: number;
  storedBytes: number;
  stoppedBy: 'time' | 'room' | null;
}

/**
 * Deduplicates and compresses what has landed: one record of each reachable chunk is sealed anew, unless another pack holds it; then the packs that
 * landed are condemned. Never stops a backup. Whatever happens on the way, what is there is whole, and the next pass goes on.
 * @throws `COLLECTION_BUSY`, `REPOSITORY_DAMAGED`, `LEASE_LOST`; see `Repository.deduplicate`.
 * @see docs/formats/repository.md §12, docs/decisions/deduplication.md
 */
export async function deduplicate(
  parts: CollectParts,
  options: DeduplicateOptions,
  call: Call,
): Promise<DeduplicateReport> {
  const startedAt = parts.terms.now();
  const none = { packs: 0, bytes: 0, oldestAt: null };
  const sums: PassSums = {
    waited: none,
    condemnedPacks: 0,
    condemnedBytes: 0,
    moved: 0,
    movedBytes: 0,
    storedBytes: 0,
    stoppedBy: null,
  };
  if (options.dryRun === true) await look(parts, sums, call);
  else await deduplicateAll(parts, options, sums, call);
  return {
    isDryRun: options.dryRun === true,
    ...sums,
    leftPacks: sums.waited.packs - sums.condemnedPacks,
    durationMs: parts.terms.now() - startedAt,
  };
}

/** Says what waits. Puts and removes nothing, not even a lease. */
async function look({ documents, plane }: CollectParts, sums: PassSums, call: Call): Promise<void> {
  const landings = await readLandings(documents, call);
  const collector = plane.collector();
  const listed = await collector.listPacks(call);
  sums.waited = waitingOf(landings, listed, (pack) => collector.isCondemned(pack)).state;
}

async function deduplicateAll(
  parts: CollectParts,
  options: DeduplicateOptions,
  sums: PassSums,
  call: Call,
): Promise<void> {
  const { documents, terms } = parts;
  // Without a lease: what is found here is looked at anew under one.
  await look(parts, sums, call);
  if (sums.waited.packs === 0) {
    await tidyLandings(documents, parts.plane.collector(), call);
    return;
  }
  const lease = await takeLease(documents, 'collect', terms, call);
  try {
    const watch = new LeaseWatch(documents, terms);
    await passUnder({ ...parts, lease, watch, sums: new CollectSums(), call }, options, sums);
    lease.assertHeld();
    await tidyLandings(documents, parts.plane.collector(), call);
  } finally {
    await lease.end(call);
  }
}

async function passUnder(work: CollectWork, options: DeduplicateOptions, sums: PassSums): Promise<void> {
  const { documents, plane, points, lease, watch, call } = work;
  call.progress({ phase: 'looking who is at work' });
  await assertAlone(work);
  const landings = await readLandings(documents, call);
  const before = await watch.look(lease.id, call);
  call.progress({ phase: 'reading the restore points' });
  const { disks } = await readPoints(points, documents, call);
  const mark = await plane.collector().mark(disks, call);
  const after = await watch.look(lease.id, call);
  const { packs, state } = waitingOf(landings, mark.packs, (pack) => mark.dying.has(pack));
  sums.waited = state;
  const settled = await settledPacks([...packs], mark, plane.collector(), { before, after }, call);
  // None of those that landed counts as another place, or two would each be given up for the sake of the other.
  const landed = landings.flatMap((landing) => landing.packs);
  const copies = new OtherCopies(plane.collector(), after, landed);
  const pass = { work, options, sums, copies, own: new Set<string>(), nextRun: 0 };
  let emptied: string[] = [];
  const condemnEmptied = async (): Promise<void> => {
    lease.assertHeld();
    call.progress({ phase: 'condemning what is needed no more' });
    await condemn(documents, { packs: emptied, points: [] }, lease.id, work.terms.now(), call);
    sums.condemnedPacks += emptied.length;
    for (const pack of emptied) sums.condemnedBytes += mark.packs.get(pack) ?? 0;
    emptied = [];
  };
  for (let at = 0; at < settled.length; at += TOGETHER) {
    throwIfCancelled(call.signal, 'deduplicating');
    if (options.isOver?.() === true) sums.stoppedBy = 'time';
    if (sums.stoppedBy !== null) break;
    const some = new Map(settled.slice(at, at + TOGETHER).map((pack) => [pack, mark.liveIds(pack)]));
    emptied.push(...(await emptyPacks(pass, some)));
    if (emptied.length >= CONDEMNED_TOGETHER) await condemnEmptied();
  }
  if (emptied.length > 0) await condemnEmptied();
}

interface Pass {
  readonly work: CollectWork;
  readonly options: DeduplicateOptions;
  readonly sums: PassSums;
  readonly copies: OtherCopies;
  /** Packs that this pass has put. */
  readonly own: Set<string>;
  nextRun: number;
}

/** Answers those of some packs whose every reachable chunk is durable elsewhere by now. */
async function emptyPacks(pass: Pass, packs: ReadonlyMap<string, Uint8Array | null>): Promise<string[]> {
  const { work, options, sums, copies, own } = pass;
  const { plane, lease, call } = work;
  const owners = ownersOf(packs);
  const { orders: elsewhere, none } = await copies.find(owners.ids(), call);
  owners.want(none);
  // A copy is given up only when the other one has been read; what this pass has put is as good as the copy itself.
  const unproven = elsewhere.filter(({ pack }) => !own.has(pack));
  const bytesPerSecond = options.bytesPerSecond ?? null;
  if (unproven.length > 0) {
    const phase = 'reading the other copies of what landed';
    const how = { lease: '', orders: unproven, checkOnly: true, bytesPerSecond, phase };
    const { lost } = await plane.moveRecords(how, call);
    for (const { ids } of lost) owners.want(ids);
  }
  const bad = new Set<string>();
  // Of a chunk in several packs the next one is tried where the first does not give it.
  for (let orders = owners.orders(); orders.length > 0; orders = owners.orders()) {
    lease.assertHeld();
    const how = { lease: lease.id, orders, bytesPerSecond, firstRun: pass.nextRun, finish: true };
    const moved = await plane.moveRecords({ ...how, phase: 'deduplicating what landed' }, call).catch(noneIfFull(call));
    if (moved === null) {
      sums.stoppedBy = 'room';
      return [];
    }
    pass.nextRun = moved.nextRun;
    for (const pack of moved.packs) own.add(pack);
    sums.moved += moved.moved;
    sums.movedBytes += moved.movedBytes;
    sums.storedBytes += moved.storedBytes;
    for (const { pack, ids } of moved.lost) {
      bad.add(pack);
      owners.want(ids);
    }
  }
  for (const pack of bad)
    call.log(
      'warn',
      `${packName(pack)} is damaged and stays: \`holdfast repository repair\` saves what is whole in it`,
    );
  return [...packs].flatMap(([pack, ids]) => (ids === null || bad.has(pack) ? [] : [pack]));
}

/** What was emptied before is condemned, and a sweep makes room for the rest. */
const noneIfFull =
  (call: Call) =>
  (failure: unknown): null => {
    if (!isHoldfastError(failure, 'TARGET_FULL')) throw failure;
    call.log('warn', `there is no room to deduplicate all that landed: ${failure.message}`);
    return null;
  };

/** Two that condemn would wait for one another. */
async function assertAlone(work: CollectWork): Promise<void> {
  const look = await settleLeases(work);
  for (const { seen, document } of look.open.values()) {
    if (document?.purpose !== 'collect') continue;
    const where = `${document.host}, process ${document.pid}`;
    throw new HoldfastError('COLLECTION_BUSY', `this repository is being collected or deduplicated (${where})`, {
      facts: { lease: seen.lease, host: document.host, pid: document.pid },
    });
  }
  // Now rather than at the end: who may only add finds it out before anything is written.
  await removeLeases(work, look);
}
