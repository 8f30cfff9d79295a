import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import type { DerivedKeys } from '../hash/derived-keys.ts';
import type { KeyedHash } from '../hash/keyed-hash.ts';
import { CIPHER, ENTRY_BYTES, ID_BYTES, MAX_RECORDS, TAG_BYTES } from '../packs/format.ts';
import { isPossible } from '../packs/open-record.ts';
import { release } from '../packs/release.ts';
import { sortRecords } from './sort-records.ts';

const MAGIC = 0x5849_4648; // HFIX
const VERSION = 1;
const HEAD_BYTES = 16;
const RECORD_BYTES = 48;
const COMPRESSED = 0x8000_0000;
const MAX_RUN_PACKS = 1 << 20;

/** An index object is never longer than this. */
export const MAX_INDEX_BYTES = 512 * 1024 * 1024;

/** Name of an index run in the store. */
export const indexName = (run: string): string => `index/${run}`;

/** What an index run lists of one pack: the footer's list in plain. */
export interface PackList {
  readonly pack: string;
  readonly list: Buffer;
  /** Set when the pack is not whole and this is what is left of it. */
  readonly isPartial?: boolean;
}

/** An index run, ready to be put. */
export interface RunObject {
  readonly run: string;
  readonly bytes: Buffer;
}

/**
 * Makes the index run of some packs. The same packs give the same bytes, whatever their order.
 * @see docs/formats/repository.md §7
 */
export function encodeRun(
  packs: readonly PackList[],
  generation: number,
  keys: DerivedKeys,
  hash: KeyedHash,
): RunObject {
  const content = encodeContent(packs);
  const run = Buffer.from(hash(content)).toString('hex', 0, 16);
  const key = keys.index(generation, run);
  if (key === null) throw new Error(`no master key of generation ${generation}`);
  return { run, bytes: seal(key, headOf(generation), content) };
}

function headOf(generation: number): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32LE(MAGIC, 0);
  head.writeUInt16LE(VERSION, 4);
  head.writeUInt32LE(generation, 8);
  return head;
}

/**
 * Opens an index run.
 * @returns Its packs, each with the list that its footer has; or in words what is wrong with it.
 */
export function decodeRun(run: string, object: Buffer, keys: DerivedKeys, hash: KeyedHash): PackList[] | string {
  if (object.length < HEAD_BYTES + TAG_BYTES + 8 || object.length > MAX_INDEX_BYTES) return 'has an impossible length';
  if (object.readUInt32LE(0) !== MAGIC) return 'is not an index run';
  const version = object.readUInt16LE(4);
  if (version !== VERSION) return `has version ${version}, which is not known`;
  const generation = object.readUInt32LE(8);
  const key = keys.index(generation, run);
  if (key === null) return `is sealed with key generation ${generation}, which this key does not hold`;
  const content = open(key, object);
  if (content === null) return 'fails its authentication';
  if (Buffer.from(hash(content)).toString('hex', 0, 16) !== run) return 'is not what its name says';
  const lists = decodeContent(content);
  // Megabytes of which everything has been copied.
  release(content);
  return lists ?? 'has a content that no writer makes';
}

/**
 * Whether a run that `decodeRun` did not open may be whole nevertheless: of a version that is not known, or sealed with a key that is not held.
 * What opens once that is set right is damaged there.
 */
export function isUnknownRun(run: string, object: Buffer, keys: DerivedKeys): boolean {
  if (object.length < HEAD_BYTES + TAG_BYTES + 8 || object.readUInt32LE(0) !== MAGIC) return false;
  const isNewer = object.readUInt16LE(4) > VERSION;
  if (!isNewer && keys.generations().includes(object.readUInt32LE(8))) return false;
  return !keys.generations().some((generation) => {
    const key = keys.index(generation, run);
    const righted = Buffer.concat([headOf(generation), object.subarray(HEAD_BYTES)]);
    return key !== null && open(key, righted) !== null;
  });
}

function encodeContent(unordered: readonly PackList[]): Buffer {
  const packs = unordered.toSorted((a, b) => (a.pack < b.pack ? -1 : 1));
  const count = packs.reduce((sum, pack) => sum + pack.list.length / ENTRY_BYTES, 0);
  const records = Buffer.allocUnsafe(count * RECORD_BYTES);
  let at = 0;
  packs.forEach(({ list }, number) => {
    for (let from = 0; from < list.length; from += ENTRY_BYTES, at += RECORD_BYTES) {
      list.copy(records, at, from, from + ID_BYTES);
      records.writeUInt32LE(number, at + 32);
      list.copy(records, at + 36, from + 32, from + 36);
      list.copy(records, at + 40, from + 40, from + 44);
      const method = list.readUInt32LE(from + 44);
      records.writeUInt32LE((list.readUInt32LE(from + 36) | (method === 0 ? 0 : COMPRESSED)) >>> 0, at + 44);
    }
  });
  const content = Buffer.allocUnsafe(8 + packs.length * 16 + records.length);
  content.writeUInt32LE(packs.length, 0);
  content.writeUInt32LE(count, 4);
  for (const [number, { pack }] of packs.entries()) content.write(pack, 8 + number * 16, 'hex');
  at = 8 + packs.length * 16;
  for (const record of sortRecords(records, RECORD_BYTES)) {
    records.copy(content, at, record * RECORD_BYTES, (record + 1) * RECORD_BYTES);
    at += RECORD_BYTES;
  }
  return content;
}

function decodeContent(content: Buffer): PackList[] | null {
  const packs = content.readUInt32LE(0);
  const count = content.readUInt32LE(4);
  if (packs > MAX_RUN_PACKS || content.length !== 8 + packs * 16 + count * RECORD_BYTES) return null;
  const ids = Array.from({ length: packs }, (_, i) => content.toString('hex', 8 + i * 16, 24 + i * 16));
  if (ids.some((id, i) => i > 0 && id <= (ids[i - 1] ?? ''))) return null;
  const records = content.subarray(8 + packs * 16);
  const byPack = groupByPack(records, packs);
  if (byPack === null) return null;
  const lists: PackList[] = [];
  for (const [number, pack] of ids.entries()) {
    const list = listOf(records, byPack[number] ?? new Uint32Array(0));
    if (list === null) return null;
    lists.push({ pack, list });
  }
  return lists;
}

/** Record numbers of each pack in the order in which they lie in it. */
function groupByPack(records: Buffer, packs: number): Uint32Array[] | null {
  const count = records.length / RECORD_BYTES;
  const sizes = new Uint32Array(packs);
  for (let i = 0; i < count; i++) {
    const pack = records.readUInt32LE(i * RECORD_BYTES + 32);
    if (pack >= packs) return null;
    sizes[pack] = (sizes[pack] as number) + 1;
  }
  const groups = Array.from(sizes, (size) => new Float64Array(size));
  sizes.fill(0);
  for (let i = 0; i < count; i++) {
    const pack = records.readUInt32LE(i * RECORD_BYTES + 32);
    const at = sizes[pack] as number;
    (groups[pack] as Float64Array)[at] = records.readUInt32LE(i * RECORD_BYTES + 36) * 2 ** 21 + (i % 2 ** 21);
    sizes[pack] = at + 1;
  }
  if (count > 2 ** 21) return groupSlowly(records, sizes);
  return groups.map((group) => Uint32Array.from(group.sort(), (key) => key % 2 ** 21));
}

function groupSlowly(records: Buffer, sizes: Uint32Array): Uint32Array[] {
  const groups = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  for (let i = 0; i < records.length / RECORD_BYTES; i++) {
    const pack = records.readUInt32LE(i * RECORD_BYTES + 32);
    const at = sizes[pack] as number;
    (groups[pack] as Uint32Array)[at] = i;
    sizes[pack] = at + 1;
  }
  const offset = (i: number): number => records.readUInt32LE(i * RECORD_BYTES + 36);
  return groups.map((group) => group.sort((a, b) => offset(a) - offset(b)));
}

function listOf(records: Buffer, order: Uint32Array): Buffer | null {
  if (order.length > MAX_RECORDS) return null;
  const list = Buffer.alloc(order.length * ENTRY_BYTES);
  for (const [number, record] of order.entries()) {
    const from = record * RECORD_BYTES;
    const at = number * ENTRY_BYTES;
    const plain = records.readUInt32LE(from + 44);
    const entry = {
      plainBytes: plain & ~COMPRESSED,
      storedBytes: records.readUInt32LE(from + 40),
      method: plain >>> 31,
    };
    if (!isPossible(entry)) return null;
    records.copy(list, at, from, from + ID_BYTES);
    records.copy(list, at + 32, from + 36, from + 40);
    list.writeUInt32LE(entry.plainBytes, at + 36);
    list.writeUInt32LE(entry.storedBytes, at + 40);
    list.writeUInt32LE(entry.method, at + 44);
  }
  return list;
}

function seal(key: KeyObject, head: Buffer, content: Buffer): Buffer {
  // A zero nonce is safe: the key is of this content alone, since its hash names the run.
  const cipher = createCipheriv(CIPHER, key, Buffer.alloc(12));
  cipher.setAAD(head);
  return Buffer.concat([head, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
}

function open(key: KeyObject, object: Buffer): Buffer | null {
  const end = object.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key, Buffer.alloc(12));
    decipher.setAAD(object.subarray(0, HEAD_BYTES));
    decipher.setAuthTag(object.subarray(end));
    const content = decipher.update(object.subarray(HEAD_BYTES, end));
    decipher.final();
    return content;
  } catch {
    return null;
  }
}
