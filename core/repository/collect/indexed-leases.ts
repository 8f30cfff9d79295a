import type { Call } from '@holdfast/api';
import type { DataPlane } from '../data-plane.ts';
import type { Documents } from '../documents/documents.ts';
import { isOpen, lookAtLeases } from './look-at-leases.ts';

/**
 * Leases whose packs an index run is made for: of all whose holders are over, whether they committed, were fenced, or collected. What a pack
 * holds may be needed, whoever has put it; only who is still at work has not put all packs that its runs are to list.
 */
export async function indexedLeases(
  parts: { readonly documents: Documents; readonly plane: DataPlane },
  call: Call,
): Promise<readonly string[]> {
  const before = await lookAtLeases(parts.documents, call);
  const collector = parts.plane.collector();
  const packs = await collector.listPacks(call);
  const headers = await collector.headers([...packs.keys()], call);
  // Who has put a pack that was listed is on this look, unless a collection has removed the lease: then its holder was over long before.
  const after = await lookAtLeases(parts.documents, call);
  const leases = new Set([...headers.values()].map(({ lease }) => lease));
  return [...leases].filter((lease) => {
    const seen = before.get(lease);
    return seen === undefined ? !after.has(lease) : !isOpen(seen);
  });
}
