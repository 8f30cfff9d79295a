import { type Call, HoldfastError, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import { mapLimited } from '../../documents/map-limited.ts';
import { readObject } from '../../documents/read-object.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import type { PackHeader } from '../packs/format.ts';
import { putObject } from '../write/put-object.ts';
import type { ReadList } from './cache-work.ts';
import type { IndexKeeper } from './index-keeper.ts';
import { indexName, MAX_INDEX_BYTES } from './run-object.ts';

/** Packs of one lease and run number, which one index run lists. */
interface Group {
  readonly packs: string[];
  generation: number;
}

const PACKS_AT_ONCE = 64;

/**
 * Makes the index runs of some leases anew from their packs: puts those that are missing, removes what is not whole or lists
 * other packs than it should. What lists packs of other leases is left alone: their writers may still be at work; and what a newer program may
 * have written, or one with other keys.
 * @returns Number of runs that there should be, and how many were missing or wrong.
 */
export async function rebuildIndex(
  store: ObjectStore,
  pool: ThreadPool,
  keeper: IndexKeeper,
  leases: ReadonlySet<string>,
  call: Call,
): Promise<{ readonly runs: number; readonly repaired: number }> {
  const found = await readObjects(store, pool, call);
  await keeper.refresh(call);
  const { groups, unreadable } = await groupPacks(pool, [...keeper.listing.packs.keys()], leases, call);
  const runsOf = byPack(found);
  const right = new Set<string>();
  const left = new Set<Group>();
  let repaired = 0;
  for (const group of groups) {
    throwIfCancelled(call.signal, 'rebuilding the index');
    const candidates = runsOf.get(group.packs[0] ?? '') ?? [];
    const fitting = candidates.find((run) => listsGroup(found.get(run) ?? [], group, unreadable));
    const run = fitting ?? (await putRun(store, pool, group, found, call));
    if (run === null) left.add(group);
    else right.add(run);
    if (fitting === undefined && run !== null) repaired++;
  }
  const ours = new Set(groups.flatMap((group) => (left.has(group) ? [] : group.packs)));
  for (const [run, packs] of found) {
    if (right.has(run) || !isWrong(packs, ours, keeper)) continue;
    await store.remove(indexName(run), call);
    call.log('warn', `${indexName(run)} was ${packs === null ? 'damaged' : 'stale'} and has been removed`);
    repaired++;
  }
  await keeper.refresh(call);
  return { runs: groups.length, repaired };
}

/** Index objects by the packs that they list. */
function byPack(found: ReadonlyMap<string, readonly string[] | null>): ReadonlyMap<string, readonly string[]> {
  const runs = new Map<string, string[]>();
  for (const [run, packs] of found) {
    for (const pack of packs ?? []) {
      const others = runs.get(pack);
      if (others === undefined) runs.set(pack, [run]);
      else others.push(run);
    }
  }
  return runs;
}

/** All index objects with the packs that they list; `null` for what is not whole. What nobody here can tell is left out. */
async function readObjects(store: ObjectStore, pool: ThreadPool, call: Call): Promise<Map<string, string[] | null>> {
  const found = new Map<string, string[] | null>();
  const names: string[] = [];
  for await (const { name } of store.list('index/', call)) names.push(name);
  await mapLimited(names, pool.width, async (name) => {
    const run = name.slice('index/'.length);
    try {
      const bytes = await readObject(store, name, MAX_INDEX_BYTES, call);
      const packs = await pool.ask<string[] | null>('index.packs', { run, bytes });
      if (packs === null && (await pool.ask<boolean>('index.unknown', { run, bytes }))) {
        call.log('warn', `${name} is of a newer version, or of a key that is not held: it is left as it is`);
      } else found.set(run, packs);
    } catch (cause) {
      if (isHoldfastError(cause, 'OBJECT_NOT_FOUND')) return;
      if (!isHoldfastError(cause, 'REPOSITORY_DAMAGED')) throw cause;
      found.set(run, null);
    }
  });
  return found;
}

async function groupPacks(
  pool: ThreadPool,
  packs: readonly string[],
  leases: ReadonlySet<string>,
  call: Call,
): Promise<{ readonly groups: Group[]; readonly unreadable: ReadonlySet<string> }> {
  const groups = new Map<string, Group>();
  const unreadable = new Set<string>();
  for (let at = 0; at < packs.length; at += PACKS_AT_ONCE) {
    throwIfCancelled(call.signal, 'rebuilding the index');
    const some = packs.slice(at, at + PACKS_AT_ONCE);
    const headers = await pool.ask<(PackHeader | null)[]>('pack.headers', some, call.signal);
    for (const [i, pack] of some.entries()) {
      const header = headers[i] ?? null;
      if (header === null) unreadable.add(pack);
      if (header === null || !leases.has(header.lease)) continue;
      const name = `${header.lease}/${header.run}`;
      const group = groups.get(name) ?? { packs: [], generation: 0 };
      group.packs.push(pack);
      group.generation = Math.max(group.generation, header.generation);
      groups.set(name, group);
    }
  }
  return { groups: [...groups.values()], unreadable };
}

/** Whether an index object lists just these packs; a pack whose header is damaged may be among them. */
function listsGroup(packs: readonly string[], group: Group, unreadable: ReadonlySet<string>): boolean {
  const listed = new Set(packs);
  const wanted = new Set(group.packs);
  return (
    group.packs.every((pack) => listed.has(pack)) && packs.every((pack) => wanted.has(pack) || unreadable.has(pack))
  );
}

/** Answers `null` when it cannot be told what all packs of the group hold: then its runs stay as they are. */
async function putRun(
  store: ObjectStore,
  pool: ThreadPool,
  group: Group,
  found: ReadonlyMap<string, string[] | null>,
  call: Call,
): Promise<string | null> {
  const lists = await pool.ask<ReadList[]>('pack.lists', group.packs, call.signal);
  // Some of it is gone since, or of a key that is not held: a run of the rest would say that there is no more.
  if (lists.length < group.packs.length) return null;
  for (const { pack, isWhole } of lists) {
    if (!isWhole)
      call.log('warn', `the footer of pack ${pack} is damaged; its records are listed as far as they are whole`);
  }
  const order = { lists, generation: group.generation };
  const { run, bytes } = await pool.ask<{ run: string; bytes: Uint8Array }>('index.encode', order);
  const name = indexName(run);
  if (found.has(run)) await store.remove(name, call);
  try {
    await putObject(store, name, bytes, call);
  } catch (cause) {
    // Another one who mends the index, or a collector, has put the very same: it is named by its content.
    if (!isHoldfastError(cause, 'OBJECT_EXISTS')) throw cause;
    const there = { run, bytes: await readObject(store, name, MAX_INDEX_BYTES, call) };
    if ((await pool.ask<string[] | null>('index.packs', there)) !== null) return run;
    if (!(await pool.ask<boolean>('index.unknown', there))) throw strange(name, cause);
    return null;
  }
  return run;
}

const strange = (name: string, cause: unknown): HoldfastError =>
  new HoldfastError('REPOSITORY_DAMAGED', `${name} was put by somebody else and is not what its name says`, {
    remedy: 'try again',
    facts: { object: name },
    cause,
  });

/** Whether an index object should not be there: damaged, of other packs than it should be, or of packs that are all gone. */
function isWrong(packs: readonly string[] | null, ours: ReadonlySet<string>, keeper: IndexKeeper): boolean {
  if (packs === null) return true;
  return packs.some((pack) => ours.has(pack)) || packs.every((pack) => keeper.listing.size(pack) === undefined);
}
