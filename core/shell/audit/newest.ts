import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { AuditEntry } from './contract.ts';
import { mostLineBytes, mostStrange, parseEntry } from './line.ts';
import { bytesOf, readPart, split } from './log-file.ts';

const chunkBytes = 64 * 1024;

/**
 * Reads entries from the end of a log backwards, so that the newest cost the same however long the log is. Lines that are no entries are passed over:
 * checking is for `verify`.
 * @param before Only those of a smaller number.
 */
export async function newestEntries(file: string, limit: number, before: number): Promise<AuditEntry[]> {
  const size = await bytesOf(file);
  const found: AuditEntry[] = [];
  if (size === 0 || limit <= 0) return found;
  await using handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  const end = Number.isFinite(before) ? await endBefore(handle, size, before) : size;
  let isFirst = true;
  let strange = 0;
  for await (const line of linesBackward(handle, end)) {
    // What follows the last line feed is being written, or torn.
    if (isFirst) {
      isFirst = false;
      if (line.length > 0 && end === size) continue;
    }
    const entry = parseEntry(line);
    strange = entry === null ? strange + 1 : 0;
    if (strange > mostStrange) break;
    if (entry === null || entry.number >= before) continue;
    found.push(entry);
    if (found.length === limit) break;
  }
  return found;
}

async function* linesBackward(handle: FileHandle, end: number): AsyncIterable<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - chunkBytes);
    const pieces = split(Buffer.concat([await readPart(handle, from, to - from), rest]));
    rest = pieces.shift() ?? Buffer.alloc(0);
    // A line longer than any entry is skipped, not collected.
    if (rest.length > chunkBytes) rest = rest.subarray(0, mostLineBytes + 1);
    yield* pieces.reverse();
    to = from;
  }
  yield rest;
}

/** An offset that all entries of smaller numbers lie before, found by halving. */
async function endBefore(handle: FileHandle, size: number, number: number): Promise<number> {
  let [low, high] = [0, size];
  while (high - low > chunkBytes) {
    const middle = low + Math.floor((high - low) / 2);
    const part = await readPart(handle, middle, Math.min(2 * mostLineBytes, high - middle));
    const [, ...lines] = split(part);
    const entry = lines.map(parseEntry).find((one) => one !== null);
    if (entry === undefined || entry === null) break;
    if (entry.number >= number) high = Math.min(high - 1, middle + part.length);
    else low = middle;
  }
  return high;
}
