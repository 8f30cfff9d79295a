/** How well a promise of recent restore points was kept over a time. */
export interface KeptPromise {
  /** The longest that the newest restore point was old, in milliseconds. */
  readonly worstMs: number;
  /** Time in which the newest restore point was older than promised. */
  readonly outMs: number;
  /** How often that began. */
  readonly misses: number;
  /** Time that was looked at. */
  readonly wholeMs: number;
  /** Share of each part of the time in which the promise was kept, oldest first. */
  readonly trend: readonly number[];
}

/**
 * Looks back at a promise. Pure.
 * @param points Epoch milliseconds of restore points in any order, those before `from` too.
 * @param from Where there is no point before it, the time counts from here as if there had been one.
 * @param parts How many parts the trend has.
 */
export function keptPromise(
  points: readonly number[],
  rpoMs: number,
  from: number,
  until: number,
  parts = 14,
): KeptPromise {
  const wholeMs = Math.max(0, until - from);
  const sorted = points.filter((at) => at <= until).toSorted((a, b) => a - b);
  const before = sorted.findLast((at) => at <= from) ?? from;
  const moments = [before, ...sorted.filter((at) => at > from), until];
  const outOf = new Array<number>(parts).fill(0);
  const partMs = wholeMs / parts;
  let worstMs = 0;
  let outMs = 0;
  let misses = 0;
  for (const [index, at] of moments.entries()) {
    const next = moments[index + 1];
    if (next === undefined) break;
    worstMs = Math.max(worstMs, next - at);
    const begin = Math.max(at + rpoMs, from);
    if (next <= begin) continue;
    misses += 1;
    outMs += next - begin;
    for (let part = 0; part < parts && partMs > 0; part += 1) {
      const start = from + part * partMs;
      outOf[part] = (outOf[part] ?? 0) + Math.max(0, Math.min(next, start + partMs) - Math.max(begin, start));
    }
  }
  return {
    worstMs,
    outMs,
    misses,
    wholeMs,
    trend: outOf.map((out) => (partMs > 0 ? Math.max(0, 1 - out / partMs) : 1)),
  };
}
