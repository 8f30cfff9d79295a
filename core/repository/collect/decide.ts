import type { Call } from '@holdfast/api';
import type { CollectorPlane } from '../data/collect/collector-plane.ts';
import type { Mark } from '../data/collect/mark.ts';
import type { LeaseLook } from './lease-watch.ts';

/** What a mark says about packs. */
export interface Decision {
  /** Nothing in them is reachable. */
  readonly dead: readonly string[];
  /** So little in them is reachable that it is worth while to write it anew. */
  readonly sparse: readonly string[];
}

/**
 * Decides which packs can go. A pack that nobody understands wholly, or whose writer may still be at work, is left alone.
 * @param repack Share below which packs are sparse, and packs that are not written anew as they are: they wait to be deduplicated.
 * @param leases `before` as they were before the restore points were read; `after`, once the packs had been listed.
 */
export async function decide(
  mark: Mark,
  plane: CollectorPlane,
  leases: { readonly before: LeaseLook; readonly after: LeaseLook },
  repack: { readonly below: number; readonly but: ReadonlySet<string> },
  call: Call,
): Promise<Decision> {
  const candidates: string[] = [];
  for (const pack of mark.packs.keys()) {
    const live = mark.liveBytes(pack);
    const all = mark.recordBytes(pack);
    if (live === null || all === null || mark.dying.has(pack)) continue;
    if (live === 0 || (live < all * repack.below && !repack.but.has(pack))) candidates.push(pack);
  }
  const known = await settledPacks(candidates, mark, plane, leases, call);
  return {
    dead: known.filter((pack) => mark.liveBytes(pack) === 0),
    sparse: known.filter((pack) => mark.liveBytes(pack) !== 0),
  };
}

/**
 * Those of some packs that are understood wholly, and whose writers were over before the restore points were read.
 * @param leases As for `decide`.
 */
export async function settledPacks(
  candidates: readonly string[],
  mark: Mark,
  plane: CollectorPlane,
  leases: { readonly before: LeaseLook; readonly after: LeaseLook },
  call: Call,
): Promise<string[]> {
  const headers = await plane.headers(candidates, call);
  const settled = candidates.filter((pack) => {
    const lease = headers.get(pack)?.lease;
    return lease !== undefined && isSettled(lease, leases.before, leases.after);
  });
  const understood = await plane.understood(settled, mark, call);
  return settled.filter((pack) => understood.has(pack));
}

/** Whether a writer was over before the restore points were read: then all that it has committed was seen. */
function isSettled(lease: string, before: LeaseLook, after: LeaseLook): boolean {
  if (before.open.has(lease) || after.open.has(lease)) return false;
  return before.all.has(lease) || !after.all.has(lease);
}
