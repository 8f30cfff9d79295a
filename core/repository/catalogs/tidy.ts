import { type Call, isHoldfastError } from '@holdfast/api';
import type { CatalogDocument } from './catalog-document.ts';
import { type CatalogParts, type FoundCatalog, newestCatalogFirst } from './look.ts';

/** Copies of one installation that stay. */
export const KEPT_COPIES = 5;
/** Parts without a document are of a copy that was broken off once they have been seen twice, so long apart. */
const BROKEN_OFF_MS = 60 * 60_000;

/**
 * Removes what is no longer needed of one installation, after a new copy is whole. What the store does not remove stays: it does no harm.
 * @param whole All its copies, the new one among them.
 * @param parts Names of parts by the object of their document.
 * @param before The document of the copy that was the newest before.
 */
export async function tidyCatalogs(
  { documents, terms }: CatalogParts,
  whole: readonly FoundCatalog[],
  parts: ReadonlyMap<string, readonly string[]>,
  before: CatalogDocument | null,
  call: Call,
): Promise<void> {
  const old = whole.toSorted(newestCatalogFirst).slice(KEPT_COPIES);
  const isLongAgo = before !== null && terms.now() - before.savedAt >= BROKEN_OFF_MS;
  const seenBefore = new Set(isLongAgo ? before.unfinished : []);
  const withDocument = new Set(whole.map(({ object }) => object));
  const brokenOff = [...parts].filter(([object]) => {
    return !withDocument.has(object) && seenBefore.has(object.slice(object.lastIndexOf('/') + 1));
  });
  // A copy without its document does not exist: nobody finds it half removed.
  const names = [
    ...old.flatMap(({ object }) => [object, ...(parts.get(object) ?? [])]),
    ...brokenOff.flatMap(([, ofIt]) => ofIt),
  ];
  for (const name of names) {
    try {
      await documents.store.remove(name, call);
    } catch (failure) {
      if (isHoldfastError(failure, 'CANCELLED')) return;
      const why = failure instanceof Error ? failure.message : String(failure);
      call.log('debug', `older copies of the catalog stay where they are: ${why}`);
      return;
    }
  }
}
