import { bloomWords } from './bloom.ts';

/**
 * A file of the local index cache. It is private to this machine and made anew whenever it is not as expected. Little-endian words:
 * head, packs (16 bytes each), where each pack's ids begin, CRC of each pack's ids, bytes of each pack, index runs that went into it (16 bytes each),
 * where each bucket begins, CRC of each bucket, Bloom filter; then the records sorted by id, then the ids of each pack in order.
 */
export const CACHE_MAGIC = 0x4349_4648; // HFIC
export const CACHE_VERSION = 3;
export const HEAD_BYTES = 64;
/** id 32 ‖ pack ‖ offset ‖ stored length ‖ plain length with bit 31 for zstd ‖ number of the record in its pack. */
export const RECORD_BYTES = 52;
export const ID_BYTES = 32;
const RECORDS_PER_BUCKET = 64;
const MIN_BUCKET_BITS = 8;
const MAX_BUCKET_BITS = 22;
const MAX_PACKS = 1 << 26;
const MAX_RUNS = 1 << 26;

/** Where the parts of a cache file lie, in bytes. */
export interface CacheLayout {
  readonly packs: number;
  readonly records: number;
  /** Index runs whose contents are here, or lay in other files when they were read. */
  readonly runs: number;
  readonly bucketBits: number;
  readonly packIdsAt: number;
  readonly packStartsAt: number;
  readonly packCrcsAt: number;
  readonly packSizesAt: number;
  readonly runIdsAt: number;
  readonly bucketStartsAt: number;
  readonly bucketCrcsAt: number;
  readonly bloomAt: number;
  readonly bloomWords: number;
  /** End of the tables, which are held in memory. */
  readonly tablesEnd: number;
  readonly recordsAt: number;
  readonly idsAt: number;
  readonly end: number;
}

export function bucketBitsFor(records: number): number {
  const bits = Math.ceil(Math.log2(Math.max(1, records) / RECORDS_PER_BUCKET));
  return Math.min(MAX_BUCKET_BITS, Math.max(MIN_BUCKET_BITS, bits));
}

/** `null` for sizes that no cache file has. */
export function layoutOf(packs: number, records: number, bucketBits: number, runs: number): CacheLayout | null {
  if (packs > MAX_PACKS || runs > MAX_RUNS || bucketBits < MIN_BUCKET_BITS || bucketBits > MAX_BUCKET_BITS) return null;
  const buckets = 2 ** bucketBits;
  const packIdsAt = HEAD_BYTES;
  const packStartsAt = packIdsAt + packs * 16;
  const packCrcsAt = packStartsAt + (packs + 1) * 4;
  const packSizesAt = packCrcsAt + packs * 4;
  const runIdsAt = packSizesAt + packs * 4;
  const bucketStartsAt = runIdsAt + runs * 16;
  const bucketCrcsAt = bucketStartsAt + (buckets + 1) * 4;
  const bloomAt = bucketCrcsAt + buckets * 4;
  const words = bloomWords(records);
  const tablesEnd = bloomAt + words * 4;
  const idsAt = tablesEnd + records * RECORD_BYTES;
  return {
    packs,
    records,
    runs,
    bucketBits,
    packIdsAt,
    packStartsAt,
    packCrcsAt,
    packSizesAt,
    runIdsAt,
    bucketStartsAt,
    bucketCrcsAt,
    bloomAt,
    bloomWords: words,
    tablesEnd,
    recordsAt: tablesEnd,
    idsAt,
    end: idsAt + records * ID_BYTES,
  };
}
