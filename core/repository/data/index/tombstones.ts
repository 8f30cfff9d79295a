import type { Call, ObjectStore } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import { readObject } from '../../documents/read-object.ts';
import { type DocumentKeys, MAX_DOCUMENT_BYTES, openDocument } from '../../documents/sealed-document.ts';

/**
 * Packs that collectors are about to remove. A tombstone that does not authenticate counts as absent, for it was not written by one who
 * holds the key; it is logged.
 * @see docs/formats/repository.md §9
 */
export async function readTombstones(store: ObjectStore, keys: DocumentKeys, call: Call): Promise<ReadonlySet<string>> {
  const packs = new Set<string>();
  for await (const { name } of store.list('tombstones/', call)) {
    try {
      for (const pack of packsOf(openDocument(name, await readObject(store, name, MAX_DOCUMENT_BYTES, call), keys))) {
        packs.add(pack);
      }
    } catch (cause) {
      // Gone since it was listed: its packs are gone too.
      if (isHoldfastError(cause, 'OBJECT_NOT_FOUND')) continue;
      if (!isHoldfastError(cause, 'REPOSITORY_DAMAGED')) throw cause;
      call.log('warn', `${name} is left out of account: ${cause.message}`);
    }
  }
  return packs;
}

function packsOf(document: unknown): string[] {
  if (typeof document !== 'object' || document === null || !('packs' in document)) return [];
  const { packs } = document;
  return Array.isArray(packs) ? packs.filter((pack) => typeof pack === 'string') : [];
}
