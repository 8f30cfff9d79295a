import { constants, createZstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type NativeContext, nativeContext } from './native-context.ts';

/** Makes a standard frame of `plain`. The answer is overwritten by the next call. */
export type Compress = (plain: Uint8Array) => Uint8Array;

/** Whether a frame is so much shorter than its chunk that it is stored instead: by 3 %. */
export const isWorth = (frame: Uint8Array, plain: Uint8Array): boolean => frame.length < plain.length * 0.97;

/** Levels that are what they say: Node's zstd takes -1 for 3. */
export const MIN_LEVEL = 1;
export const MAX_LEVEL = 19;

/** What is set besides the level. For inputs as short as chunks zstd's level 3 looks for matches of five bytes; with four they become 1.2 % smaller, for 7 % more time. */
const TUNING: Readonly<Record<number, Readonly<Record<number, number>>>> = { 3: { [constants.ZSTD_c_minMatch]: 4 } };

/**
 * Compression at a level.
 * @param maxPlainBytes The longest chunk there usually is; longer ones cost more.
 * @param documented Default is `false`. If `true`, only documented functions of Node are used.
 */
export function openCompressor(level: number, maxPlainBytes: number, documented = false): Compress {
  const params = { [constants.ZSTD_c_compressionLevel]: level, ...TUNING[level] };
  const plainly: Compress = (plain) => zstdCompressSync(plain, { params });
  if (documented) return plainly;
  const out = Buffer.allocUnsafeSlow(maxPlainBytes + (maxPlainBytes >> 7) + 1024);
  let native: NativeContext | null = null;
  try {
    native = nativeContext(createZstdCompress({ chunkSize: 65_536, params }));
    if (native !== null && !proven(native, out, plainly)) native = null;
  } catch {
    native = null;
  }
  return (plain) => {
    if (native === null || plain.length > maxPlainBytes) return plainly(plain);
    const frame = compressOnce(native, plain, out);
    // What a context that failed holds of an unfinished frame would go into the next one.
    if (frame === null) native = null;
    return frame ?? plainly(plain);
  };
}

function compressOnce(native: NativeContext, plain: Uint8Array, out: Buffer): Uint8Array | null {
  // A frame that is ended lets the next call begin a new one with the same parameters; a reset would drop the level.
  const length = native.run(constants.ZSTD_e_end, plain, out);
  return length <= 0 || length >= out.length ? null : out.subarray(0, length);
}

/** Several frames in a row must decompress to what went in, and be as long as the level makes them. */
function proven(native: NativeContext, out: Buffer, plainly: Compress): boolean {
  for (const seed of [3, 5]) {
    const sample = Buffer.alloc(Math.min(24_000, out.length - 1024));
    let x = seed;
    for (let i = 0; i < sample.length; i++) {
      x = (Math.imul(x, 1_103_515_245) + 12_345) >>> 0;
      sample[i] = x % 97 < 60 ? (i >> 5) & 0xff : x >>> 24;
    }
    const frame = compressOnce(native, sample, out);
    if (frame === null || !zstdDecompressSync(frame).equals(sample)) return false;
    if (Math.abs(frame.length - plainly(sample).length) > 64) return false;
  }
  return true;
}
