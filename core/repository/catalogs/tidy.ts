import { type Call, isHoldfastError, type ObjectStore } from '@holdfast/api';
import type { CatalogDocument } from './catalog-document.ts';
import { type CatalogParts, type FoundCatalog, lookForCatalogs, newestCatalogFirst } from './look.ts';

/** Copies of one installation that stay: so many of the newest, */
export const KEPT_COPIES = 5;
/** and the newest of each of so many days before. An installation that is busy, and no longer right, would else push the last good one out within the hour. */
export const KEPT_DAYS = 7;
const DAY_MS = 86_400_000;
/** Parts without a document are of a copy that was broken off once they have been seen twice, so long apart. */
const BROKEN_OFF_MS = 60 * 60_000;
const OLD_MS = 30 * 86_400_000;

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
  const old = superseded(whole);
  const isLongAgo = before !== null && terms.now() - before.savedAt >= BROKEN_OFF_MS;
  const seenBefore = new Set(isLongAgo ? before.unfinished : []);
  const withDocument = new Set(whole.map(({ object }) => object));
  const brokenOff = [...parts].filter(([object]) => {
    return !withDocument.has(object) && seenBefore.has(object.slice(object.lastIndexOf('/') + 1));
  });
  const names = [...old.flatMap((copy) => namesOf(copy, parts)), ...brokenOff.flatMap(([, ofIt]) => ofIt)];
  await removeAll(names, documents.store, call);
}

/** Which copies of one installation have newer ones enough. Days are those that the copies name, in their order: no clock is asked, and one that jumps costs old copies at worst. */
function superseded(whole: readonly FoundCatalog[]): readonly FoundCatalog[] {
  const days = new Set<number>();
  return whole.toSorted(newestCatalogFirst).filter(({ document }, at) => {
    const day = Math.floor(document.savedAt / DAY_MS);
    const isNewestOfDay = !days.has(day);
    days.add(day);
    return at >= KEPT_COPIES && !(isNewestOfDay && days.size <= KEPT_DAYS);
  });
}

/**
 * For whoever collects, where writers may not remove: of every installation the copies go that are older than thirty days, but never the newest five. So
 * somebody who took over a writer cannot push good copies out with bad ones before anybody has noticed.
 */
export async function tidyOldCatalogs(parts: CatalogParts, call: Call): Promise<void> {
  const found = await lookForCatalogs(parts, null, call);
  const bySite = Map.groupBy(found.whole, ({ document }) => document.site);
  for (const copies of bySite.values()) {
    const old = copies
      .toSorted(newestCatalogFirst)
      .slice(KEPT_COPIES)
      .filter(({ document }) => parts.terms.now() - document.savedAt > OLD_MS);
    await removeAll(
      old.flatMap((copy) => namesOf(copy, found.parts)),
      parts.documents.store,
      call,
    );
  }
}

/** A copy without its document does not exist: nobody finds it half removed. */
const namesOf = ({ object }: FoundCatalog, parts: ReadonlyMap<string, readonly string[]>): string[] => [
  object,
  ...(parts.get(object) ?? []),
];

async function removeAll(names: readonly string[], store: ObjectStore, call: Call): Promise<void> {
  for (const name of names) {
    try {
      await store.remove(name, call);
    } catch (failure) {
      if (isHoldfastError(failure, 'CANCELLED')) return;
      const why = failure instanceof Error ? failure.message : String(failure);
      call.log('debug', `older copies of the catalog stay where they are: ${why}`);
      return;
    }
  }
}
