import { type Call, HoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';

/**
 * A whole object in memory.
 * @param maxBytes What is longer is refused before it is read to its end.
 * @throws {HoldfastError} `OBJECT_NOT_FOUND`, `TARGET_IO`, `REPOSITORY_DAMAGED` when it is too long.
 */
export async function readObject(store: ObjectStore, name: string, maxBytes: number, call: Call): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of store.get(name, null, call)) {
    throwIfCancelled(call.signal, `reading ${name}`);
    length += part.length;
    if (length > maxBytes) {
      throw new HoldfastError('REPOSITORY_DAMAGED', `${name} is longer than ${maxBytes} bytes`, {
        facts: { object: name },
      });
    }
    // A store may use its buffer again for the next piece.
    parts.push(Uint8Array.from(part));
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
}
