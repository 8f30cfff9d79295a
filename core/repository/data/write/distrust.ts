import { NOWHERE, PACK_LOST } from '../lanes/protocol.ts';
import { ABSENT, FIRST_PACK, type IdTable } from '../table/id-table.ts';

/**
 * Enters a chunk as lost, whatever the index says of it: its pack is listed, but does not give it. Whoever has the chunk next stores it again.
 * A table without room enters nothing; then the chunk counts as there, as it did before.
 */
export function distrust(table: IdTable, states: Int32Array, id: Uint8Array): void {
  Atomics.store(states, NOWHERE, PACK_LOST);
  const words = new Int32Array(Uint8Array.from(id).buffer);
  const lost = FIRST_PACK + NOWHERE;
  const owner = table.claim(words, lost);
  // What this writer has stored meanwhile stays.
  if (owner !== ABSENT && owner < FIRST_PACK) table.replace(words, owner, lost);
}
