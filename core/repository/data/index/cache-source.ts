import { ENTRY_BYTES, HEADER_BYTES, RECORD_OVERHEAD, TAG_BYTES, TRAILER_BYTES } from '../packs/format.ts';
import { release } from '../packs/release.ts';
import type { CacheFile } from './cache-file.ts';
import { ID_BYTES, RECORD_BYTES } from './cache-layout.ts';
import type { PackList } from './run-object.ts';

/** Something that a cache file can be made from: packs and what lies in them. */
export interface CacheSource {
  readonly packs: readonly string[];
  /** Number of records in a pack. */
  records(pack: number): number;
  /** Bytes that a pack must have when it is whole; 0 when its list was made of what is left of it. */
  packBytes(pack: number): number;
  /** Bytes of all records whose ids begin with a byte. */
  groupBytes(firstByte: number): number;
  /** Reads these records, with the numbers of their packs in this source; `false` when they cannot be read. */
  readGroup(firstByte: number, into: Buffer): boolean;
  /** The ids of a pack, in order; `null` when they cannot be read. */
  ids(pack: number): Buffer | null;
  /** These ids are not needed any more. */
  spent(ids: Buffer): void;
  /** Gives back what it holds in memory. */
  end(): void;
}

/** From lists of packs in memory. */
export function listSource(lists: readonly PackList[]): CacheSource {
  const { groups, all } = groupRecords(lists);
  return {
    packs: lists.map((list) => list.pack),
    records: (pack) => (lists[pack]?.list.length ?? 0) / ENTRY_BYTES,
    packBytes: (pack) => packBytesOf(lists[pack]),
    groupBytes: (firstByte) => groups[firstByte]?.length ?? 0,
    readGroup(firstByte, into) {
      groups[firstByte]?.copy(into);
      return true;
    },
    ids(pack) {
      const list = lists[pack]?.list ?? Buffer.alloc(0);
      const ids = Buffer.allocUnsafe((list.length / ENTRY_BYTES) * ID_BYTES);
      for (let from = 0, at = 0; from < list.length; from += ENTRY_BYTES, at += ID_BYTES) {
        list.copy(ids, at, from, from + ID_BYTES);
      }
      return ids;
    },
    spent: release,
    end: () => release(all),
  };
}

/** From an older cache file. */
export function fileSource(file: CacheFile): CacheSource {
  const perByte = 2 ** (file.layout.bucketBits - 8);
  return {
    packs: file.packs(),
    records: (pack) => file.packRecords(pack),
    packBytes: (pack) => file.packBytes(pack),
    groupBytes: (firstByte) => file.bucketBytes(firstByte * perByte, perByte),
    readGroup: (firstByte, into) => file.readBuckets(firstByte * perByte, perByte, into),
    ids: (pack) => file.packIds(pack),
    // Read into the same memory each time.
    spent: () => {},
    end: () => {},
  };
}

/** The records fill a pack without gaps: where the last one ends the footer begins. */
function packBytesOf(list: PackList | undefined): number {
  if (list === undefined || list.isPartial === true) return 0;
  const { length } = list.list;
  const last = length - ENTRY_BYTES;
  const recordsEnd =
    length === 0
      ? HEADER_BYTES
      : list.list.readUInt32LE(last + ID_BYTES) + list.list.readUInt32LE(last + 40) + RECORD_OVERHEAD;
  return recordsEnd + length + TAG_BYTES + TRAILER_BYTES;
}

function groupRecords(lists: readonly PackList[]): { readonly groups: readonly Buffer[]; readonly all: Buffer } {
  const counts = new Uint32Array(256);
  for (const { list } of lists) {
    for (let from = 0; from < list.length; from += ENTRY_BYTES) {
      const byte = list[from] as number;
      counts[byte] = (counts[byte] as number) + 1;
    }
  }
  // In one piece, so that the room is given back in one piece too.
  const all = Buffer.allocUnsafeSlow(counts.reduce((sum, count) => sum + count, 0) * RECORD_BYTES);
  let end = 0;
  const groups = Array.from(counts, (count) => {
    const start = end;
    end += count * RECORD_BYTES;
    return all.subarray(start, end);
  });
  counts.fill(0);
  for (const [pack, { list }] of lists.entries()) {
    for (let from = 0; from < list.length; from += ENTRY_BYTES) {
      const byte = list[from] as number;
      const number = counts[byte] as number;
      counts[byte] = number + 1;
      copyRecord(list, from, pack, groups[byte] as Buffer, number * RECORD_BYTES);
    }
  }
  return { groups, all };
}

function copyRecord(list: Buffer, from: number, pack: number, group: Buffer, at: number): void {
  list.copy(group, at, from, from + ID_BYTES);
  group.writeUInt32LE(pack, at + 32);
  list.copy(group, at + 36, from + 32, from + 36);
  list.copy(group, at + 40, from + 40, from + 44);
  group.writeUInt32LE((list.readUInt32LE(from + 36) | (list.readUInt32LE(from + 44) << 31)) >>> 0, at + 44);
  group.writeUInt32LE(from / ENTRY_BYTES, at + 48);
}
