import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { release } from '../packs/release.ts';
import { Bloom } from './bloom.ts';
import { tablesCrc } from './cache-file.ts';
import { bucketBitsFor, CACHE_MAGIC, CACHE_VERSION, type CacheLayout, layoutOf, RECORD_BYTES } from './cache-layout.ts';
import type { CacheSource } from './cache-source.ts';
import { sortRecords } from './sort-records.ts';

const HALF = /\.(\d+)\.half$/;

/** Where a file is while it is made: it says by whom, so that what a dead process has left can be told from what is being made. */
const halfPath = (path: string): string => `${path}.${process.pid}.half`;

/** Whether a file was left half made by a process that is no more. */
export function isLeftover(name: string): boolean {
  const pid = HALF.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (cause) {
    return cause instanceof Error && 'code' in cause && cause.code === 'ESRCH';
  }
}

/** A pack that goes into a new cache file: where its records come from. */
interface Chosen {
  readonly pack: string;
  readonly source: CacheSource;
  readonly number: number;
}

/**
 * Makes a cache file from several sources, each pack once. Reads and writes a few megabytes at a time; the file has its name only when it is whole.
 * @param keep Which packs go in.
 * @param runs Index runs that the file is to name.
 * @returns Number of records, or -1 when a source could not be read: then there is no file.
 */
export function writeCacheFile(
  path: string,
  repositoryId: string,
  sources: readonly CacheSource[],
  keep: (pack: string) => boolean,
  runs: readonly string[] = [],
): number {
  const chosen = choose(sources, keep);
  const records = chosen.reduce((sum, { source, number }) => sum + source.records(number), 0);
  const layout = layoutOf(chosen.length, records, bucketBitsFor(records), runs.length);
  if (layout === null) return -1;
  const half = halfPath(path);
  const fd = openSync(half, 'w', 0o600);
  let whole = false;
  try {
    const tables = Buffer.alloc(layout.tablesEnd);
    whole = writeRecords(fd, layout, tables, sources, chosen) && writeIds(fd, layout, tables, chosen);
    for (const [number, run] of runs.entries()) tables.write(run, layout.runIdsAt + number * 16, 'hex');
    if (whole) writeTables(fd, layout, tables, repositoryId);
  } finally {
    closeSync(fd);
    if (!whole) rmSync(half, { force: true });
  }
  if (whole) renameSync(half, path);
  return whole ? records : -1;
}

function choose(sources: readonly CacheSource[], keep: (pack: string) => boolean): Chosen[] {
  const chosen = new Map<string, Chosen>();
  for (const source of sources) {
    source.packs.forEach((pack, number) => {
      if (!chosen.has(pack) && keep(pack)) chosen.set(pack, { pack, source, number });
    });
  }
  return [...chosen.values()].sort((a, b) => (a.pack < b.pack ? -1 : 1));
}

function writeRecords(
  fd: number,
  layout: CacheLayout,
  tables: Buffer,
  sources: readonly CacheSource[],
  chosen: readonly Chosen[],
): boolean {
  const newNumbers = sources.map((source) => numbersIn(source, chosen));
  const bloom = new Bloom(new Uint32Array(tables.buffer, tables.byteOffset + layout.bloomAt, layout.bloomWords));
  let done = 0;
  // The same memory for each group: what is left to be collected would pile up.
  let group = Buffer.alloc(0);
  let sorted = Buffer.alloc(0);
  for (let byte = 0; byte < 256; byte++) {
    const most = sources.reduce((sum, source) => sum + source.groupBytes(byte), 0);
    if (most > group.length) {
      group = Buffer.allocUnsafeSlow(most + (most >> 3));
      sorted = Buffer.allocUnsafeSlow(group.length);
    }
    const length = gather(sources, newNumbers, byte, group);
    if (length < 0) return false;
    let at = 0;
    for (const record of sortRecords(group.subarray(0, length), RECORD_BYTES)) {
      group.copy(sorted, at, record * RECORD_BYTES, (record + 1) * RECORD_BYTES);
      at += RECORD_BYTES;
    }
    const page = sorted.subarray(0, length);
    noteBuckets(layout, tables, bloom, page, byte, done);
    writeAt(fd, page, layout.recordsAt + done * RECORD_BYTES);
    done += length / RECORD_BYTES;
  }
  release(group);
  release(sorted);
  return done === layout.records;
}

/** For each pack of a source its number in the new file, or -1 when it is taken from elsewhere or left out. */
function numbersIn(source: CacheSource, chosen: readonly Chosen[]): Int32Array {
  const numbers = new Int32Array(source.packs.length).fill(-1);
  chosen.forEach((pack, number) => {
    if (pack.source === source) numbers[pack.number] = number;
  });
  return numbers;
}

/** Reads one group of all sources, one after the other; answers its bytes, or -1 when a source could not be read. */
function gather(
  sources: readonly CacheSource[],
  newNumbers: readonly Int32Array[],
  byte: number,
  into: Buffer,
): number {
  let end = 0;
  for (const [i, source] of sources.entries()) {
    const part = into.subarray(end, end + source.groupBytes(byte));
    if (!source.readGroup(byte, part)) return -1;
    end += renumber(part, newNumbers[i] ?? new Int32Array(0));
  }
  return end;
}

/** Gives records the new numbers of their packs and closes up over those that do not go in; answers the bytes left. */
function renumber(group: Buffer, numbers: Int32Array): number {
  let at = 0;
  for (let from = 0; from < group.length; from += RECORD_BYTES) {
    const number = numbers[group.readUInt32LE(from + 32)] ?? -1;
    if (number < 0) continue;
    if (at !== from) group.copyWithin(at, from, from + RECORD_BYTES);
    group.writeUInt32LE(number, at + 32);
    at += RECORD_BYTES;
  }
  return at;
}

/** Enters where the buckets of a first byte begin, their sums, and their ids in the filter. */
function noteBuckets(
  layout: CacheLayout,
  tables: Buffer,
  bloom: Bloom,
  sorted: Buffer,
  byte: number,
  done: number,
): void {
  const shift = 32 - layout.bucketBits;
  const perByte = 2 ** (layout.bucketBits - 8);
  const words = new Int32Array(8);
  const asBytes = Buffer.from(words.buffer);
  let at = 0;
  for (let bucket = byte * perByte; bucket < (byte + 1) * perByte; bucket++) {
    const start = at;
    while (at < sorted.length && sorted.readUInt32BE(at) >>> shift === bucket) {
      sorted.copy(asBytes, 0, at, at + 32);
      bloom.add(words);
      at += RECORD_BYTES;
    }
    tables.writeUInt32LE(done + start / RECORD_BYTES, layout.bucketStartsAt + bucket * 4);
    tables.writeUInt32LE(crc32(sorted.subarray(start, at)), layout.bucketCrcsAt + bucket * 4);
  }
  tables.writeUInt32LE(done + at / RECORD_BYTES, layout.bucketStartsAt + (byte + 1) * perByte * 4);
}

function writeIds(fd: number, layout: CacheLayout, tables: Buffer, chosen: readonly Chosen[]): boolean {
  let done = 0;
  for (const [number, { pack, source, number: inSource }] of chosen.entries()) {
    const ids = source.ids(inSource);
    if (ids === null) return false;
    tables.write(pack, layout.packIdsAt + number * 16, 'hex');
    tables.writeUInt32LE(done, layout.packStartsAt + number * 4);
    tables.writeUInt32LE(crc32(ids), layout.packCrcsAt + number * 4);
    tables.writeUInt32LE(source.packBytes(inSource), layout.packSizesAt + number * 4);
    writeAt(fd, ids, layout.idsAt + done * 32);
    done += ids.length / 32;
    source.spent(ids);
  }
  tables.writeUInt32LE(done, layout.packStartsAt + chosen.length * 4);
  return done === layout.records;
}

function writeTables(fd: number, layout: CacheLayout, tables: Buffer, repositoryId: string): void {
  tables.writeUInt32LE(CACHE_MAGIC, 0);
  tables.writeUInt32LE(CACHE_VERSION, 4);
  tables.write(repositoryId, 8, 'hex');
  tables.writeUInt32LE(layout.packs, 24);
  tables.writeUInt32LE(layout.records, 28);
  tables.writeUInt32LE(layout.bucketBits, 32);
  tables.writeUInt32LE(layout.runs, 40);
  tables.writeUInt32LE(tablesCrc(tables), 36);
  writeAt(fd, tables, 0);
}

function writeAt(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
}
