import { HoldfastError } from '@holdfast/api';

/** JSON from outside nests at most this deep. */
const DEEPEST = 64;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Deepest nesting of brackets outside of strings; stops counting once it is too deep. */
function depthOf(bytes: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let quoted = false;
  for (let at = 0; at < bytes.length && deepest <= DEEPEST; at++) {
    const byte = bytes[at];
    if (quoted) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) quoted = false;
    } else if (byte === QUOTE) quoted = true;
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth);
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return deepest;
}

/**
 * Reads JSON that came from outside: bounded in size and depth, UTF-8 without errors.
 * @param what Name of the object, for the message.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`
 */
export function parseJson(bytes: Uint8Array, maxBytes: number, what: string): unknown {
  if (bytes.length > maxBytes) {
    throw new HoldfastError('REPOSITORY_DAMAGED', `${what} is longer than ${maxBytes} bytes`);
  }
  if (depthOf(bytes) > DEEPEST) {
    throw new HoldfastError('REPOSITORY_DAMAGED', `${what} nests deeper than ${DEEPEST}`);
  }
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new HoldfastError('REPOSITORY_DAMAGED', `${what} is not JSON`, { cause });
  }
}
