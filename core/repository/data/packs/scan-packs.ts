import { type Call, throwIfCancelled } from '@holdfast/api';
import type { PackDamage, PackScan } from '../../data-plane.ts';
import { mapLimited } from '../../documents/map-limited.ts';
import type { IndexKeeper } from '../index/index-keeper.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import { Meter } from '../write/meter.ts';
import { packName } from './format.ts';
import type { ScannedPack } from './scan-pack.ts';
import type { ScanOrder } from './scan-work.ts';

/** Scans all packs that the store lists. */
export async function scanPacks(
  pool: ThreadPool,
  keeper: IndexKeeper,
  tier: 'fast' | 'full',
  call: Call,
): Promise<PackScan> {
  await keeper.refresh(call);
  const packs = [...keeper.listing.packs];
  const totalBytes = packs.reduce((sum, [, size]) => sum + size, 0);
  const damage: PackDamage[] = [];
  let chunks = 0;
  let bytes = 0;
  let doneBytes = 0;
  using _meter = new Meter(call, 'checking packs', totalBytes, pool.width, () => ({
    doneBytes,
    sourceNs: 0,
    targetNs: 0,
  }));
  await mapLimited(packs, pool.width * 2, async ([pack, size]) => {
    throwIfCancelled(call.signal, 'checking the packs');
    const order: ScanOrder = { index: keeper.shared, pack, full: tier === 'full' };
    const found = await pool.ask<ScannedPack>('pack.scan', order, call.signal);
    doneBytes += size;
    chunks += found.chunks;
    bytes += found.bytes;
    if (found.problems.length > 0) {
      damage.push({
        object: packName(pack),
        kind: found.kind,
        detail: found.problems.join('; '),
        lost: found.lost,
        isCondemned: keeper.listing.isCondemned(pack),
      });
    }
  });
  return { packs: packs.length, chunks, bytes, damage: damage.sort((a, b) => (a.object < b.object ? -1 : 1)) };
}
