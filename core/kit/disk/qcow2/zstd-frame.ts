const magic = 0xfd2fb528;

/**
 * Length of the first Zstandard frame in some bytes, so that the frame behind it (the next cluster's, in the same sector) is
 * not taken for a part of it. Answers `null` when there is no whole frame.
 * @see RFC 8878 §3.1.1
 */
export function zstdFrameLength(bytes: Uint8Array): number | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 6 || view.getUint32(0, true) !== magic) return null;
  const descriptor = view.getUint8(4);
  const singleSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >> 6;
  const contentSizeBytes = sizeFlag === 0 ? (singleSegment ? 1 : 0) : 2 ** sizeFlag;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  let at = 5 + (singleSegment ? 0 : 1) + dictionaryBytes + contentSizeBytes;
  for (let last = false; !last; ) {
    if (at + 3 > bytes.length) return null;
    const block = view.getUint16(at, true) + view.getUint8(at + 2) * 65536;
    last = (block & 1) !== 0;
    // A block of one repeated byte holds that byte only, whatever length it stands for.
    at += 3 + (((block >> 1) & 3) === 1 ? 1 : block >> 3);
  }
  if ((descriptor & 4) !== 0) at += 4;
  return at <= bytes.length ? at : null;
}
