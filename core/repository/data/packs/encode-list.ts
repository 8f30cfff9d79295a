import { ENTRY_BYTES, ID_BYTES, type PackEntry } from './format.ts';

/** Entries as a footer lists them, 48 bytes each. */
export function encodeList(entries: readonly PackEntry[]): Buffer {
  const list = Buffer.alloc(entries.length * ENTRY_BYTES);
  for (const [number, entry] of entries.entries()) {
    const at = number * ENTRY_BYTES;
    list.set(entry.id, at);
    list.writeUInt32LE(entry.offset, at + ID_BYTES);
    list.writeUInt32LE(entry.plainBytes, at + 36);
    list.writeUInt32LE(entry.storedBytes, at + 40);
    list.writeUInt32LE(entry.method, at + 44);
  }
  return list;
}
