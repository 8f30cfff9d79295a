import { type Call, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import { DerivedKeys } from '../data/hash/derived-keys.ts';
import { openKeyedHash } from '../data/hash/keyed-hash.ts';
import { decodeRun, indexName, MAX_INDEX_BYTES } from '../data/index/run-object.ts';
import { decodeHeader, ENTRY_BYTES, HEADER_BYTES, ID_BYTES, packName } from '../data/packs/format.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { readObject } from '../documents/read-object.ts';
import type { Committed } from '../points/commit-document.ts';
import type { RepositorySecrets, Suite } from '../suite.ts';
import { type DamageReport, damageOf } from './damage-report.ts';
import { type Inventory, isStored } from './inventory.ts';

const HEADERS_AT_ONCE = 8;

/** What an index run lists of a pack that is damaged, or that the store does not have. */
export interface SuspectPack {
  readonly object: string;
  readonly isGone: boolean;
  /** The index run that lists it. */
  readonly run: string;
  /** Ids of its chunks, hexadecimal. */
  readonly chunks: ReadonlySet<string>;
}

/**
 * Opens every index run, and finds out which packs there should be and are not.
 * @param damaged Names of packs that are known to be damaged.
 */
export async function checkIndex(
  inventory: Inventory,
  commits: readonly Committed[],
  parts: { readonly store: ObjectStore; readonly suite: Suite; readonly secrets: RepositorySecrets },
  damaged: ReadonlySet<string>,
  report: DamageReport,
  call: Call,
): Promise<SuspectPack[]> {
  const { store, suite } = parts;
  const keys = new DerivedKeys(suite, parts.secrets);
  const hash = openKeyedHash(suite.hash, keys.idKey);
  const present = new Set(inventory.names.pack);
  const covered = new Set<string>();
  const suspects: SuspectPack[] = [];
  for (const name of inventory.names.index) {
    throwIfCancelled(call.signal, 'checking the index');
    const run = name.slice('index/'.length);
    const bytes = await readRun(store, name, report, call);
    if (bytes === null) continue;
    const lists = decodeRun(run, bytes, keys, hash);
    if (typeof lists === 'string') {
      report.add(name, 'damaged', `${name} ${lists}`);
      continue;
    }
    for (const { pack, list } of lists) {
      const object = packName(pack);
      covered.add(object);
      const isGone = !present.has(object) && !(await isStored(store, object, call));
      if (!isGone && !damaged.has(object)) continue;
      const chunks = new Set<string>();
      for (let at = 0; at < list.length; at += ENTRY_BYTES) chunks.add(list.toString('hex', at, at + ID_BYTES));
      suspects.push({ object, isGone, run: name, chunks });
    }
  }
  // A run whose packs are all listed by others was written anew by a collector, and is not missed.
  const uncovered = inventory.names.pack.filter((pack) => !covered.has(pack));
  if (uncovered.length > 0) {
    const leases = await leasesOf(uncovered, store, call);
    const missed = commits.filter(({ lease }) => leases.has(lease));
    await reportMissing(inventory, missed, store, report, call);
  }
  return suspects;
}

/** Under which leases packs were put. Of those that nobody has listed most belong to writers that are still at work. */
async function leasesOf(packs: readonly string[], store: ObjectStore, call: Call): Promise<Set<string>> {
  const headers = await mapLimited(packs, HEADERS_AT_ONCE, async (name) => {
    const bytes = Buffer.alloc(HEADER_BYTES);
    let length = 0;
    try {
      for await (const part of store.get(name, { offset: 0, length: HEADER_BYTES }, call)) {
        bytes.set(part.subarray(0, HEADER_BYTES - length), length);
        length = Math.min(HEADER_BYTES, length + part.length);
      }
    } catch (failure) {
      if (damageOf(failure) === null && !isHoldfastError(failure, 'TARGET_IO')) throw failure;
    }
    return decodeHeader(bytes.subarray(0, length))?.lease ?? '';
  });
  return new Set(headers);
}

async function readRun(store: ObjectStore, name: string, report: DamageReport, call: Call): Promise<Buffer | null> {
  try {
    const bytes = await readObject(store, name, MAX_INDEX_BYTES, call);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  } catch (failure) {
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return null;
    const damage = damageOf(failure);
    if (damage === null) throw failure;
    report.add(name, damage.kind, damage.failure.message);
    return null;
  }
}

async function reportMissing(
  inventory: Inventory,
  commits: readonly Committed[],
  store: ObjectStore,
  report: DamageReport,
  call: Call,
): Promise<void> {
  const present = new Set(inventory.names.index);
  for (const { lease, runs } of commits) {
    for (const name of runs.map(indexName)) {
      if (present.has(name) || (await isStored(store, name, call))) continue;
      report.add(
        name,
        'missing',
        `the index run of restore point ${lease} is not there; it can be made again from the packs`,
      );
    }
  }
}
