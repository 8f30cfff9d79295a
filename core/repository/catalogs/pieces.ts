/** Bytes that come in pieces of any size, cut into pieces of one size; the last may be shorter, none is empty. Each belongs to the caller until the next. */
export async function* inPieces(
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
  pieceBytes: number,
): AsyncGenerator<Uint8Array> {
  if (bytes instanceof Uint8Array) {
    for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
    return;
  }
  const piece = new Uint8Array(pieceBytes);
  let filled = 0;
  for await (const given of bytes) {
    for (let at = 0; at < given.length; ) {
      const taken = Math.min(given.length - at, pieceBytes - filled);
      piece.set(given.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < pieceBytes) continue;
      yield piece;
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}
