import { CacheFile, PACK_GONE, type SharedCacheFile } from './cache-file.ts';
import { RECORD_BYTES } from './cache-layout.ts';
import { type CacheSource, fileSource } from './cache-source.ts';
import { sortRecords } from './sort-records.ts';

/** Counts the distinct chunks of some cache files, and their bytes before compression. Reads a few megabytes at a time. */
export function totalsOf(shared: readonly SharedCacheFile[]): {
  readonly chunks: number;
  readonly uniqueBytes: number;
} {
  const files = shared.map((file) => new CacheFile(file));
  const sources = files.map(fileSource);
  let chunks = 0;
  let uniqueBytes = 0;
  for (let byte = 0; byte < 256; byte++) {
    const records = Buffer.concat(sources.map((source, i) => listed(groupOf(source, byte), files[i])));
    let last = -1;
    for (const record of sortRecords(records, RECORD_BYTES)) {
      const at = record * RECORD_BYTES;
      if (last >= 0 && records.compare(records, last, last + 32, at, at + 32) === 0) continue;
      last = at;
      chunks++;
      uniqueBytes += records.readUInt32LE(at + 44) & 0x7fff_ffff;
    }
  }
  return { chunks, uniqueBytes };
}

function groupOf(source: CacheSource, byte: number): Buffer | null {
  const group = Buffer.allocUnsafe(source.groupBytes(byte));
  return source.readGroup(byte, group) ? group : null;
}

/** The records whose packs the store lists. */
function listed(group: Buffer | null, file: CacheFile | undefined): Buffer {
  if (group === null || file === undefined) return Buffer.alloc(0);
  const kept = Buffer.allocUnsafe(group.length);
  let length = 0;
  for (let at = 0; at < group.length; at += RECORD_BYTES) {
    if (file.state(group.readUInt32LE(at + 32)) === PACK_GONE) continue;
    group.copy(kept, length, at, at + RECORD_BYTES);
    length += RECORD_BYTES;
  }
  return kept.subarray(0, length);
}
