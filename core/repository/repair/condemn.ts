import { type Call, isHoldfastError } from '@holdfast/api';
import type { RepairParts } from './parts.ts';

const MOST_TRIES = 100;

/**
 * Puts a tombstone: from now on nothing new is built upon these packs. They stay readable until a collector sweeps them.
 * @see docs/formats/repository.md §9
 */
export async function condemn(
  packs: readonly string[],
  { store, documents, terms }: Pick<RepairParts, 'store' | 'documents' | 'terms'>,
  call: Call,
): Promise<void> {
  if (packs.length === 0) return;
  let epoch = 0;
  for await (const { name } of store.list('tombstones/', call)) {
    const number = Number(/^tombstones\/([0-9]{12})$/.exec(name)?.[1] ?? -1);
    epoch = Math.max(epoch, number + 1);
  }
  for (let attempt = 1; ; attempt++, epoch++) {
    const name = `tombstones/${String(epoch).padStart(12, '0')}`;
    const tombstone = { version: 1, epoch, packs: packs.toSorted(), writtenAt: terms.now() };
    try {
      await documents.put(documents.seal(name, tombstone), call);
      return;
    } catch (failure) {
      // Somebody else was there first.
      if (!isHoldfastError(failure, 'OBJECT_EXISTS') || attempt === MOST_TRIES) throw failure;
    }
  }
}
