import type { Call } from '@holdfast/api';
import { checkDocuments } from '../check/check-documents.ts';
import { DamageReport } from '../check/damage-report.ts';
import { takeInventory } from '../check/inventory.ts';
import type { RepairParts } from './parts.ts';

/** Manifests that a commit or another manifest names; all of them while a commit cannot be read, for it might name any. */
export async function manifestsNamed(
  { store, documents }: Pick<RepairParts, 'store' | 'documents'>,
  call: Call,
): Promise<ReadonlySet<string>> {
  const report = new DamageReport();
  const inventory = await takeInventory(store, call);
  const { commits, manifests } = await checkDocuments(inventory, documents, report, call);
  if (inventory.names.commit.some((name) => report.has(name))) return new Set(inventory.names.manifest);
  const named = new Set(commits.map((commit) => commit.manifest));
  for (const { manifest } of manifests.values()) if (manifest.previous !== null) named.add(manifest.previous.name);
  return named;
}
