import type { ZstdCompress, ZstdDecompress } from 'node:zlib';

/**
 * What stands behind Node's zstd streams. It is not documented; used here because one native context that is used again costs two
 * thirds of a new one for each chunk. Whoever uses it proves first that it does what is expected, and falls back to the documented functions.
 */
export interface NativeContext {
  /** Runs one step at once. Answers bytes written, or -1 when the native side reported an error or left input over. */
  run(flush: number, input: Uint8Array, output: Uint8Array): number;
}

interface Handle {
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void;
  onerror: (message: string, errno: number, code: string) => void;
}

/** `null` when the stream has not the inside that is expected. */
export function nativeContext(stream: ZstdCompress | ZstdDecompress): NativeContext | null {
  const handle = memberOf(stream, '_handle');
  const state = memberOf(stream, '_writeState');
  if (!isHandle(handle) || !(state instanceof Uint32Array) || state.length < 2) return null;
  let failed = false;
  handle.onerror = () => {
    failed = true;
  };
  return {
    // The stream is held here: collected, it would close the handle.
    run(flush, input, output) {
      void stream;
      failed = false;
      handle.writeSync(flush, input, 0, input.length, output, 0, output.length);
      if (failed || state[1] !== 0) return -1;
      return output.length - (state[0] ?? 0);
    },
  };
}

function memberOf(thing: object, name: string): unknown {
  return (thing as Record<string, unknown>)[name];
}

function isHandle(thing: unknown): thing is Handle {
  return typeof thing === 'object' && thing !== null && typeof memberOf(thing, 'writeSync') === 'function';
}
