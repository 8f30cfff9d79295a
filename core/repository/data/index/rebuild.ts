import { type Call, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
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
 * other packs than it should. What lists packs of other leases is left alone: their writers may still be at work.
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
  const right = new Set<string>();
  let repaired = 0;
  for (const group of groups) {
    throwIfCancelled(call.signal, 'rebuilding the index');
    const fitting = [...found].find(([, packs]) => packs !== null && listsGroup(packs, group, unreadable));
    const run = fitting?.[0] ?? (await putRun(store, pool, group, found, call));
    right.add(run);
    if (fitting === undefined) repaired++;
  }
  const ours = new Set(groups.flatMap((group) => group.packs));
  for (const [run, packs] of found) {
    if (right.has(run) || !isWrong(packs, ours, keeper)) continue;
    await store.remove(indexName(run), call);
    call.log('warn', `${indexName(run)} was ${packs === null ? 'damaged' : 'stale'} and has been removed`);
    repaired++;
  }
  await keeper.refresh(call);
  return { runs: groups.length, repaired };
}

/** All index objects with the packs that they list; `null` for what is not whole. */
async function readObjects(store: ObjectStore, pool: ThreadPool, call: Call): Promise<Map<string, string[] | null>> {
  const found = new Map<string, string[] | null>();
  const names: string[] = [];
  for await (const { name } of store.list('index/', call)) names.push(name);
  await mapLimited(names, pool.width, async (name) => {
    const run = name.slice('index/'.length);
    try {
      const bytes = await readObject(store, name, MAX_INDEX_BYTES, call);
      found.set(run, await pool.ask<string[] | null>('index.packs', { run, bytes }));
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

async function putRun(
  store: ObjectStore,
  pool: ThreadPool,
  group: Group,
  found: ReadonlyMap<string, string[] | null>,
  call: Call,
): Promise<string> {
  const lists = await pool.ask<ReadList[]>('pack.lists', group.packs, call.signal);
  for (const { pack, isWhole } of lists) {
    if (!isWhole)
      call.log('warn', `the footer of pack ${pack} is damaged; its records are listed as far as they are whole`);
  }
  const order = { lists, generation: group.generation };
  const { run, bytes } = await pool.ask<{ run: string; bytes: Uint8Array }>('index.encode', order);
  if (found.has(run)) await store.remove(indexName(run), call);
  await putObject(store, indexName(run), bytes, call);
  return run;
}

/** Whether an index object should not be there: damaged, of other packs than it should be, or of packs that are all gone. */
function isWrong(packs: readonly string[] | null, ours: ReadonlySet<string>, keeper: IndexKeeper): boolean {
  if (packs === null) return true;
  return packs.some((pack) => ours.has(pack)) || packs.every((pack) => keeper.listing.size(pack) === undefined);
}
