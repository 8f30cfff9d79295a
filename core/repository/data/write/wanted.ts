import type { Extent } from '@holdfast/api';

/** Marks the windows that extents touch. Answers the bytes of these windows too. */
export function markWindows(
  sizeBytes: number,
  windowBytes: number,
  extents: readonly Extent[],
): { readonly wanted: Uint8Array; readonly bytes: number } {
  const wanted = new Uint8Array(Math.ceil(sizeBytes / windowBytes));
  for (const { offset, length } of extents) {
    if (length <= 0) continue;
    wanted.fill(1, Math.floor(offset / windowBytes), Math.ceil((offset + length) / windowBytes));
  }
  let bytes = 0;
  for (let at = wanted.indexOf(1); at >= 0; at = wanted.indexOf(1, at + 1)) {
    bytes += Math.min(windowBytes, sizeBytes - at * windowBytes);
  }
  return { wanted, bytes };
}
