import { constants, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import type { ImageFile } from '../image-file.ts';
import { invalid } from './header.ts';
import { zstdFrameLength } from './zstd-frame.ts';

/** A cluster is at most 2 MiB, so no honest frame needs a larger window than this. */
const mostWindowLog = 24;

/** Unpacks one cluster. What follows the compressed bytes, up to the end of their last sector, is ignored. */
export function decompressCluster(
  file: ImageFile,
  packed: Uint8Array,
  kind: 'deflate' | 'zstd',
  clusterBytes: number,
): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes =
      kind === 'deflate'
        ? inflateRawSync(packed, { maxOutputLength: clusterBytes, finishFlush: constants.Z_SYNC_FLUSH })
        : zstdDecompressSync(packed.subarray(0, zstdFrameLength(packed) ?? 0), {
            maxOutputLength: clusterBytes,
            params: { [constants.ZSTD_d_windowLogMax]: mostWindowLog },
          });
  } catch {
    throw invalid(file, 'a compressed cluster does not unpack');
  }
  if (bytes.length !== clusterBytes) throw invalid(file, 'a compressed cluster is cut short');
  return bytes;
}
