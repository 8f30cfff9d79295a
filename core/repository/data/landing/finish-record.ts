import type { ThreadContext } from '../lanes/thread-context.ts';
import { METHOD_PLAIN, METHOD_ZSTD } from '../packs/format.ts';
import { isWorth, openCompressor } from '../zstd/compressor.ts';

/** A chunk as it goes into a pack. */
export interface FinishedRecord {
  readonly id: Uint8Array;
  readonly plainBytes: number;
  readonly method: number;
  /** The chunk, or its zstd frame when `method` is 1. */
  readonly body: Uint8Array;
}

/** Does what was left undone when a chunk landed. `null` when it is not what its id says. The answer may be overwritten by the next call. */
export type Finish = (record: FinishedRecord) => FinishedRecord | null;

/** Compresses chunks that are as plain as they came, after their bytes were compared with their ids; others stay as they are. */
export function openFinish(context: ThreadContext): Finish {
  const { hash, level, suite } = context;
  const compress = openCompressor(level, suite.chunker.maximumBytes);
  return (record) => {
    const { id, method, body } = record;
    if (method !== METHOD_PLAIN) return record;
    if (Buffer.compare(hash(body), id) !== 0) return null;
    const frame = compress(body);
    return isWorth(frame, body) ? { ...record, method: METHOD_ZSTD, body: frame } : record;
  };
}
