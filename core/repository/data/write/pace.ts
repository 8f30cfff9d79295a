import { setTimeout as wait } from 'node:timers/promises';
import { monotonicNs } from '../lanes/monotonic.ts';
import { CONTROL, SUMS } from '../lanes/protocol.ts';

const LONGEST_SLEEP_MS = 100;

/**
 * Holds reading down to a limit, over all threads: each books the time that its window takes and waits for its beginning.
 * @param limit Bytes per second; 0 for no limit.
 * @returns `false` when everything was told to stop meanwhile.
 */
export async function keepPace(
  bytes: number,
  limit: number,
  control: Int32Array,
  sums: BigInt64Array,
): Promise<boolean> {
  if (limit <= 0) return true;
  const begin = book(sums, BigInt(Math.round((bytes * 1e9) / limit)));
  for (;;) {
    if (Atomics.load(control, CONTROL.stop) !== 0) return false;
    const leftMs = Number(begin - monotonicNs()) / 1e6;
    if (leftMs <= 0) return true;
    await wait(Math.min(leftMs, LONGEST_SLEEP_MS));
  }
}

function book(sums: BigInt64Array, duration: bigint): bigint {
  for (;;) {
    const next = Atomics.load(sums, SUMS.nextReadNs);
    const now = monotonicNs();
    const begin = next > now ? next : now;
    if (Atomics.compareExchange(sums, SUMS.nextReadNs, next, begin + duration) === next) return begin;
  }
}
