/** A run of bytes about which a server says the same. */
export interface FlaggedExtent {
  readonly offset: number;
  readonly length: number;
  /** Their meaning depends on the context. */
  readonly flags: number;
}

/** What is asked for at a time. A server may answer for less. */
const ASKED_BYTES = 1024 * 1024 * 1024;

/**
 * Asks about a range in parts, each from where the last answer ended.
 * @param ask Answers length and flags of each extent in turn, at least one.
 * @param nonsense Makes the error for an answer that is none.
 */
export async function* statusExtents(
  offset: number,
  length: number,
  minBlock: number,
  sizeBytes: number,
  ask: (offset: number, length: number) => Promise<Buffer>,
  nonsense: (what: string) => Error,
): AsyncGenerator<FlaggedExtent> {
  const end = offset + length;
  let last: { offset: number; length: number; flags: number } | undefined;
  for (let at = offset; at < end; ) {
    const start: number = at - (at % minBlock);
    const askedTo = Math.min(sizeBytes, Math.ceil(Math.min(end, start + ASKED_BYTES) / minBlock) * minBlock);
    const answer = await ask(start, askedTo - start);
    const before = at;
    let from: number = start;
    for (let i = 0; i + 8 <= answer.length && at < end; i += 8) {
      from += answer.readUInt32BE(i);
      // The last extent may go on behind what was asked for, and the first may begin before it.
      const to: number = Math.min(end, from);
      if (to <= at) continue;
      const flags = answer.readUInt32BE(i + 4);
      if (last !== undefined && last.flags === flags) last.length += to - at;
      else {
        if (last !== undefined) yield last;
        last = { offset: at, length: to - at, flags };
      }
      at = to;
    }
    if (at === before) throw nonsense('it tells of extents that are none');
  }
  if (last !== undefined) yield last;
}
