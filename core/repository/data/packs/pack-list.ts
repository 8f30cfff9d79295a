import type { KeyObject } from 'node:crypto';
import {
  ENTRY_BYTES,
  HEADER_BYTES,
  MAX_PACK_BYTES,
  MAX_RECORDS,
  PACK_END_MAGIC,
  type PackEntry,
  RECORD_HEADER_BYTES,
  RECORD_OVERHEAD,
  TAG_BYTES,
  TRAILER_BYTES,
} from './format.ts';
import { entryOfRecord, openFooter, openRecord } from './open-record.ts';
import { newScratch, type OpenPack } from './pack-access.ts';

/** What is in a pack, and whether its own footer says so. */
export interface PackContents {
  readonly entries: readonly PackEntry[];
  /** The key that opened it; `null` when nothing did. */
  readonly key: KeyObject | null;
  /** `null` when the footer is whole; else what is wrong with it. */
  readonly footerDamage: string | null;
  /** Where the records end. */
  readonly recordsEnd: number;
}

/** What is said of a footer that is where it should be, but that no key opens. */
export const FOOTER_UNOPENED = 'the footer fails its authentication';

/** Reads the list of a pack from its footer; where that is damaged, from the records that authenticate. */
export async function readPackList(pack: OpenPack): Promise<PackContents> {
  const footer = await readFooter(pack);
  return typeof footer === 'string' ? walkRecords(pack, footer) : footer;
}

/** @returns In words what is wrong when the footer is not whole. */
export async function readFooter(pack: OpenPack): Promise<PackContents | string> {
  const least = HEADER_BYTES + TAG_BYTES + TRAILER_BYTES;
  if (pack.sizeBytes < least) return 'the pack is too short';
  if (pack.sizeBytes > MAX_PACK_BYTES) return 'the pack is too long';
  if (pack.header === null) return 'the header is damaged';
  const trailer = await pack.read(pack.sizeBytes - TRAILER_BYTES, TRAILER_BYTES, newScratch());
  if (trailer.length !== TRAILER_BYTES || trailer.readUInt32LE(4) !== PACK_END_MAGIC) return 'the trailer is damaged';
  const length = trailer.readUInt32LE(0);
  const at = pack.sizeBytes - TRAILER_BYTES - length;
  if (length < TAG_BYTES || length > MAX_RECORDS * ENTRY_BYTES + TAG_BYTES || at < HEADER_BYTES) {
    return 'the trailer names an impossible footer';
  }
  const sealed = await pack.read(at, length, newScratch());
  for (const key of pack.keys) {
    const entries = openFooter(key, pack.headerBytes, sealed);
    if (entries === null) continue;
    if (endOf(entries) !== at) return 'the footer does not fit the records';
    return { entries, key, footerDamage: null, recordsEnd: at };
  }
  return FOOTER_UNOPENED;
}

/** Goes from record to record by their headers, as far as they authenticate. */
async function walkRecords(pack: OpenPack, footerDamage: string): Promise<PackContents> {
  const scratch = newScratch();
  const entries: PackEntry[] = [];
  let opener: KeyObject | null = null;
  let at = HEADER_BYTES;
  const end = Math.min(pack.sizeBytes, MAX_PACK_BYTES);
  while (entries.length < MAX_RECORDS && at + RECORD_OVERHEAD <= end) {
    const head = Buffer.from(await pack.read(at, RECORD_HEADER_BYTES, scratch));
    const entry = head.length === RECORD_HEADER_BYTES ? entryOfRecord(head, at) : null;
    if (entry === null) break;
    const sealed = await pack.read(at, entry.storedBytes + RECORD_OVERHEAD, scratch);
    const number = entries.length;
    const key: KeyObject | undefined = pack.keys.find((candidate) => openRecord(candidate, number, sealed) !== null);
    if (key === undefined && opener === null) break;
    // A record that fails among others that do not: its lengths led to the next one, so it is listed, and found lost when it is read.
    opener ??= key ?? null;
    entries.push(entry);
    at += entry.storedBytes + RECORD_OVERHEAD;
  }
  return { entries, key: opener, footerDamage, recordsEnd: at };
}

function endOf(entries: readonly PackEntry[]): number {
  const last = entries.at(-1);
  return last === undefined ? HEADER_BYTES : last.offset + last.storedBytes + RECORD_OVERHEAD;
}
