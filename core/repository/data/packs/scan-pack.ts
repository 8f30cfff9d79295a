import { crc32 } from 'node:zlib';
import { isHoldfastError } from '../../../api/errors.ts';
import type { ChunkReader } from './chunk-reader.ts';
import { METHOD_ZSTD, PACK_VERSION, type PackEntry, RECORD_OVERHEAD, TRAILER_BYTES, versionOf } from './format.ts';
import { openRecord } from './open-record.ts';
import { newScratch, type OpenPack, type PackAccess } from './pack-access.ts';
import { FOOTER_UNOPENED, type PackContents, readPackList } from './pack-list.ts';
import { release } from './release.ts';

/** What a scan found in a pack. */
export interface ScannedPack {
  readonly pack: string;
  readonly chunks: number;
  readonly bytes: number;
  readonly kind: 'missing' | 'damaged' | 'foreign' | 'unknown';
  /** What is wrong, in words; empty when nothing is. */
  readonly problems: readonly string[];
  readonly lost: readonly Uint8Array[];
  /** Set when the device or the target failed: what could not be read may be whole. */
  readonly isUnreadable: boolean;
}

const MOST_PROBLEMS = 8;

/** Looks through packs: structure, checksum and every authentication tag; and if asked for, what is inside too. */
export class PackScanner {
  readonly #packs: PackAccess;
  readonly #chunks: ChunkReader;
  readonly #slab = newScratch();
  readonly #plain = newScratch();
  #last: Promise<unknown> = Promise.resolve();

  constructor(packs: PackAccess, chunks: ChunkReader) {
    this.#packs = packs;
    this.#chunks = chunks;
  }

  /**
   * @param full Whether to decompress and hash as well.
   * @param expected Chunks that the index knows to be in this pack.
   */
  scan(pack: string, full: boolean, expected: readonly Uint8Array[]): Promise<ScannedPack> {
    // One after another, for they share memory.
    const mine = this.#last.then(() => this.#scanOne(pack, full, expected));
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #scanOne(pack: string, full: boolean, expected: readonly Uint8Array[]): Promise<ScannedPack> {
    try {
      using opened = await this.#packs.openAnew(pack);
      if (opened !== null) return await this.#scan(opened, full, expected);
    } catch (cause) {
      if (!isHoldfastError(cause, 'TARGET_IO') && !isReadFailure(cause)) throw cause;
      const failed = nothing(pack, 'damaged', `the pack cannot be read: ${String(cause)}`, expected);
      return { ...failed, isUnreadable: true };
    }
    return nothing(pack, 'missing', 'the pack is not there', expected);
  }

  async #scan(pack: OpenPack, full: boolean, expected: readonly Uint8Array[]): Promise<ScannedPack> {
    const contents = await readPackList(pack);
    const findings = new Findings();
    if (contents.footerDamage !== null) findings.add(contents.footerDamage);
    const isGood = await this.#readThrough(pack, contents, full, findings);
    const lost = lostOf(contents.entries, isGood, expected);
    const unknown = contents.key === null ? whyUnknown(pack, findings.all()) : null;
    const isForeign = pack.header === null && contents.key === null && pack.headerBytes.subarray(0, 4).equals(MAGIC);
    return {
      pack: pack.pack,
      chunks: contents.entries.length,
      bytes: pack.sizeBytes,
      kind: unknown !== null ? 'unknown' : isForeign ? 'foreign' : 'damaged',
      problems: unknown === null ? findings.all() : [unknown],
      lost,
      isUnreadable: false,
    };
  }

  /** Reads a pack from front to back, once. Answers for each record 1 when it is whole. */
  async #readThrough(pack: OpenPack, contents: PackContents, full: boolean, findings: Findings): Promise<Uint8Array> {
    const isGood = new Uint8Array(contents.entries.length);
    let summed = 0;
    let sum = 0;
    let next = 0;
    let at = 0;
    const end = pack.sizeBytes - 4;
    while (summed < end) {
      const first = contents.entries[next];
      const needed = first === undefined ? 0 : first.offset + first.storedBytes + RECORD_OVERHEAD - at;
      const slab = await pack.read(at, Math.min(Math.max(pack.goodReadBytes, needed), end - at), this.#slab);
      if (at + slab.length <= summed) {
        findings.add('the pack ends early');
        return isGood;
      }
      sum = crc32(slab.subarray(summed - at), sum);
      summed = at + slab.length;
      for (let entry = contents.entries[next]; entry !== undefined; entry = contents.entries[++next]) {
        const recordEnd = entry.offset + entry.storedBytes + RECORD_OVERHEAD;
        if (recordEnd > summed) break;
        const sealed = slab.subarray(entry.offset - at, recordEnd - at);
        if (this.#isWhole(pack, contents, entry, next, sealed, full)) isGood[next] = 1;
        else findings.add(`the record at ${entry.offset} fails its authentication`);
      }
      at = Math.min(summed, contents.entries[next]?.offset ?? summed);
    }
    // One with nothing in it, or next to nothing, is said to be too short already.
    if (pack.sizeBytes < TRAILER_BYTES) return isGood;
    const trailer = await pack.read(pack.sizeBytes - TRAILER_BYTES, TRAILER_BYTES, newScratch());
    if (trailer.length === TRAILER_BYTES && trailer.readUInt32LE(8) !== sum) findings.add('the checksum is wrong');
    return isGood;
  }

  #isWhole(
    pack: OpenPack,
    contents: PackContents,
    entry: PackEntry,
    record: number,
    sealed: Buffer,
    full: boolean,
  ): boolean {
    if (full) {
      const { plainBytes } = entry;
      // The same memory for every chunk: what is made for each piles up until it is collected.
      if (this.#plain.bytes.length < plainBytes) this.#plain.bytes = Buffer.allocUnsafeSlow(plainBytes);
      const plain = this.#plain.bytes.subarray(0, plainBytes);
      return this.#chunks.open(pack, { ...entry, pack: pack.pack, record }, sealed, entry.id, plain);
    }
    if (sealed.compare(entry.id, 0, 32, 0, 32) !== 0 || sealed.readUInt32LE(32) !== entry.plainBytes) return false;
    if (sealed.readUInt32LE(36) !== entry.storedBytes || sealed.readUInt32LE(40) !== entry.method) return false;
    if (entry.method === METHOD_ZSTD && entry.storedBytes === 0) return false;
    const body = contents.key === null ? null : openRecord(contents.key, record, sealed);
    if (body !== null) release(body);
    return body !== null;
  }
}

/** Why a pack that none of the keys opens may be whole nevertheless; `null` when nothing says so. */
function whyUnknown({ header, headerBytes, keyIsHeld }: OpenPack, problems: readonly string[]): string | null {
  if (header !== null && !keyIsHeld) {
    return `it is sealed with key generation ${header.generation}, which this key does not hold`;
  }
  if (header !== null) {
    // With the right checksum over all of it nothing has changed since it was written.
    const isAsWritten = problems.length === 1 && problems[0] === FOOTER_UNOPENED;
    return isAsWritten ? 'it is as it was written, but with keys of another repository' : null;
  }
  const version = versionOf(headerBytes);
  return version !== null && version > PACK_VERSION ? `it has version ${version}, which is not known` : null;
}

const MAGIC = Buffer.from('HFPK', 'ascii');
const keyOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('latin1');

/** Chunks that are not whole in any record: those that the index expects, and those that the pack lists. */
function lostOf(entries: readonly PackEntry[], isGood: Uint8Array, expected: readonly Uint8Array[]): Uint8Array[] {
  // Most packs are whole and hold what the index says, in its order: nothing is looked up then.
  const isWhole = !isGood.includes(0) && expected.length === entries.length;
  if (isWhole && entries.every(({ id }, i) => Buffer.compare(id, expected[i] as Uint8Array) === 0)) return [];
  const good = new Set(entries.filter((_, i) => isGood[i] === 1).map(({ id }) => keyOf(id)));
  const lost = new Map<string, Uint8Array>();
  for (const id of [...expected, ...entries.map((entry) => entry.id)]) {
    const key = keyOf(id);
    if (!good.has(key)) lost.set(key, lost.get(key) ?? Uint8Array.from(id));
  }
  return [...lost.values()];
}

function nothing(pack: string, kind: ScannedPack['kind'], problem: string, lost: readonly Uint8Array[]): ScannedPack {
  return { pack, chunks: 0, bytes: 0, kind, problems: [problem], lost, isUnreadable: false };
}

/** A device that fails under a file that is read directly. */
function isReadFailure(cause: unknown): boolean {
  return cause instanceof Error && 'syscall' in cause && 'code' in cause;
}

class Findings {
  readonly #some: string[] = [];
  #count = 0;

  add(problem: string): void {
    this.#count++;
    if (this.#some.length < MOST_PROBLEMS) this.#some.push(problem);
  }

  all(): string[] {
    const more = this.#count - this.#some.length;
    return more === 0 ? this.#some : [...this.#some, `and ${more} more`];
  }
}
