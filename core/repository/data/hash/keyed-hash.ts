import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';

/** Hashes bytes under a key that was given before; the answer is 32 bytes and belongs to the caller. */
export type KeyedHash = (bytes: Uint8Array) => Uint8Array;

interface NativeHasher {
  reset(): void;
  update(bytes: Uint8Array): unknown;
  digest(format: 'hex'): string;
}
type OpenNative = (key: Buffer) => NativeHasher;

/**
 * The keyed hash of a repository.
 * @param key 32 bytes.
 * @param portable Default is `false`. If `true`, BLAKE3 is computed in JavaScript: a hundredth of the speed, the same bytes.
 * @see docs/formats/repository.md §4
 */
export function openKeyedHash(kind: 'blake3' | 'sha256', key: Uint8Array, portable = false): KeyedHash {
  if (kind === 'sha256') return (bytes) => createHmac('sha256', key).update(bytes).digest();
  const native = portable ? null : nativeBlake3();
  if (native === null) return portableBlake3(key);
  // A reset keeps the key; a new hasher for each chunk costs half the speed on small ones.
  const hasher = native(Buffer.from(key));
  return (bytes) => {
    hasher.reset();
    hasher.update(bytes);
    // As text: a buffer that native code makes is registered, and collected, at five times the cost.
    return Buffer.from(hasher.digest('hex'), 'hex');
  };
}

/** Whether BLAKE3 runs at full speed here. A new repository is made with SHA-256 where it does not. */
export function hasNativeBlake3(): boolean {
  return nativeBlake3() !== null;
}

// Loaded when they are needed: not every process hashes, and hardly one needs both.
const load = createRequire(import.meta.url);

let loaded: OpenNative | null | undefined;

function nativeBlake3(): OpenNative | null {
  loaded ??= proven(loadNative());
  return loaded;
}

function loadNative(): OpenNative | null {
  // What loads it asks the system for a report of everything, and in that for the names of all network addresses.
  if (process.report !== undefined) Object.assign(process.report, { excludeNetwork: true });
  try {
    const { Blake3Hasher } = load('@napi-rs/blake-hash') as {
      Blake3Hasher: { newKeyed(key: Buffer): NativeHasher };
    };
    return (key) => Blake3Hasher.newKeyed(key);
  } catch {
    return null;
  }
}

function portableBlake3(key: Uint8Array): KeyedHash {
  const { blake3 } = load('@noble/hashes/blake3.js') as {
    blake3: (bytes: Uint8Array, options: { key: Uint8Array }) => Uint8Array;
  };
  return (bytes) => blake3(bytes, { key });
}

/** Keyed BLAKE3 of so many bytes, each the low byte of that number, under 32 bytes of 7. The two implementations agree on them. */
const KNOWN: readonly (readonly [length: number, hash: string])[] = [
  [1, '1249389052bd5bd34f1e97b15a59f4df670ee7356556e07bd96fdf879031a876'],
  [70_000, '15612f9d39e4ff78190388cf72a05e303b67b3b0e0ec50bb7033129f601476ce'],
  [3, 'ccedf84e17f11fe8269a8da9a95a09154566a7ab00cbfa969fad8448b0043e74'],
];

/** A module that hashes otherwise would make chunk ids that nobody else finds: better slow than alone. */
function proven(open: OpenNative | null): OpenNative | null {
  if (open === null) return null;
  try {
    const hasher = open(Buffer.alloc(32, 7));
    for (const [length, hash] of KNOWN) {
      hasher.reset();
      hasher.update(Buffer.alloc(length, length));
      if (hasher.digest('hex') !== hash) return null;
    }
    return open;
  } catch {
    return null;
  }
}
