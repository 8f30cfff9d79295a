import { type Call, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import { DerivedKeys } from '../data/hash/derived-keys.ts';
import { openKeyedHash } from '../data/hash/keyed-hash.ts';
import { decodeRun, indexName, isUnknownRun, MAX_INDEX_BYTES } from '../data/index/run-object.ts';
import { readTombstones } from '../data/index/tombstones.ts';
import { decodeHeader, ENTRY_BYTES, HEADER_BYTES, packName } from '../data/packs/format.ts';
import { mapLimited } from '../documents/map-limited.ts';
import { readObject } from '../documents/read-object.ts';
import type { Committed } from '../points/commit-document.ts';
import type { RepositorySecrets, Suite } from '../suite.ts';
import { type DamageReport, damageOf } from './damage-report.ts';
import { type Inventory, Relisting } from './inventory.ts';
import type { SuspectPack } from './suspect-pack.ts';

const HEADERS_AT_ONCE = 8;

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
  const now = new Relisting(store, call);
  const covered = new Set<string>();
  const suspects: SuspectPack[] = [];
  for (const name of inventory.names.index) {
    throwIfCancelled(call.signal, 'checking the index');
    const run = name.slice('index/'.length);
    const bytes = await readRun(store, name, report, call);
    if (bytes === null) continue;
    const lists = decodeRun(run, bytes, keys, hash);
    if (typeof lists === 'string') {
      report.add(name, isUnknownRun(run, bytes, keys) ? 'unknown' : 'damaged', `${name} ${lists}`);
      continue;
    }
    for (const { pack, list } of lists) {
      const object = packName(pack);
      covered.add(object);
      const isGone = !present.has(object) && !(await now.has(object));
      if (!isGone && !damaged.has(object)) continue;
      suspects.push({ object, isGone, run: name, heads: headsOf(list) });
    }
  }
  // A run whose packs are all listed by others was written anew by a collector, and is not missed.
  const unlisted = inventory.names.pack.filter((pack) => !covered.has(pack));
  if (unlisted.length > 0) {
    // Of packs that are to go the index is the first to go. What is still missed of them is found by following the disk maps.
    const condemned = await readTombstones(store, { repositoryId: suite.repositoryId, secrets: parts.secrets }, call);
    const dying = new Set([...condemned].map(packName));
    const uncovered = unlisted.filter((pack) => !dying.has(pack));
    const leases = await leasesOf(uncovered, store, call);
    const missed = commits.filter(({ lease }) => leases.has(lease));
    await reportMissing(inventory, missed, store, report, call);
  }
  return suspects;
}

function headsOf(list: Buffer): Uint8Array {
  const heads = new Uint8Array((list.length / ENTRY_BYTES) * 8);
  for (let at = 0; at < list.length; at += ENTRY_BYTES) heads.set(list.subarray(at, at + 8), (at / ENTRY_BYTES) * 8);
  return heads;
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
  const now = new Relisting(store, call);
  for (const { lease, runs } of commits) {
    for (const name of runs.map(indexName)) {
      if (present.has(name) || (await now.has(name))) continue;
      report.add(
        name,
        'missing',
        `the index run of restore point ${lease} is not there; it can be made again from the packs`,
      );
    }
  }
}
