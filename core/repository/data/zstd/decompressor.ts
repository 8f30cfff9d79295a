import { constants, createZstdDecompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type NativeContext, nativeContext } from './native-context.ts';

/** Fills `into` with what the frame holds. Answers `false` when it does not hold exactly that many bytes; never writes past `into`. */
export type Decompress = (frame: Uint8Array, into: Uint8Array) => boolean;

/** @param documented Default is `false`. If `true`, only documented functions of Node are used. */
export function openDecompressor(documented = false): Decompress {
  if (documented) return decompressPlainly;
  try {
    let native = openNative();
    if (native === null) return decompressPlainly;
    const decompress: Decompress = (frame, into) => {
      if (native === null) return decompressPlainly(frame, into);
      if (decompressOnce(native, frame, into)) return true;
      // A context that has once reported an error goes on reporting it; and what an earlier frame left in it is not this one's fault.
      native = openNative();
      if (native !== null && decompressOnce(native, frame, into)) return true;
      native = openNative();
      return false;
    };
    return proven(decompress) ? decompress : decompressPlainly;
  } catch {
    return decompressPlainly;
  }
}

const openNative = (): NativeContext | null => nativeContext(createZstdDecompress({ chunkSize: 65_536 }));

const decompressPlainly: Decompress = (frame, into) => {
  try {
    const plain = zstdDecompressSync(frame, { maxOutputLength: into.length });
    if (plain.length !== into.length) return false;
    into.set(plain);
    return true;
  } catch {
    return false;
  }
};

function decompressOnce(native: NativeContext, frame: Uint8Array, into: Uint8Array): boolean {
  // A frame that has ended lets the next one begin. A reset would do it too, by making a new context: a twentieth of a restore.
  return native.run(constants.ZSTD_e_flush, frame, into) === into.length;
}

function proven(decompress: Decompress): boolean {
  for (const length of [1, 50_000, 300]) {
    const sample = Buffer.alloc(length);
    for (let i = 0; i < length; i++) sample[i] = (i * i) >> 6;
    const frame = zstdCompressSync(sample);
    const back = Buffer.alloc(length);
    if (!decompress(frame, back) || !back.equals(sample)) return false;
    if (decompress(frame.subarray(0, frame.length - 1), Buffer.alloc(length))) return false;
    if (length > 1 && decompress(frame, Buffer.alloc(length - 1))) return false;
  }
  return true;
}
