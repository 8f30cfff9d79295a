/*
 * What ssh2 1.17 does not tell, read from its inside. Where the inside is not what is expected, nothing is known and nothing is changed.
 */

type Inside = Readonly<Record<string, unknown>>;

const inside = (thing: unknown, name: string): unknown =>
  typeof thing === 'object' && thing !== null ? (thing as Inside)[name] : undefined;

/** Packets and payloads that wait, in bytes. */
function bytesOf(queue: unknown): number {
  if (!Array.isArray(queue)) return 0;
  let bytes = 0;
  for (const part of queue) if (part instanceof Uint8Array) bytes += part.length;
  return bytes;
}

/** Bytes that wait until keys have been exchanged again. A client that begins an exchange and never ends it would make this grow for ever. */
export const heldByKeyExchange = (client: unknown): number => bytesOf(inside(inside(client, '_protocol'), '_queue'));

/** Answers of an SFTP session that wait for room in the channel's window. */
export const heldBySftp = (sftp: unknown): number => bytesOf(inside(sftp, '_buffer'));

/**
 * Forgets the rest of a piece that has been sent. ssh2 keeps it, and when standard error next waits for the window, sends it again and calls
 * its callback a second time. Only while nothing waits in the channel itself.
 */
export function forgetSentPiece(channel: object): void {
  for (const name of ['_chunk', '_chunkcb', '_chunkErr', '_chunkcbErr']) {
    if (name in channel) Reflect.set(channel, name, undefined);
  }
}
