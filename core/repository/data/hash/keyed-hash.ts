import { createHmac } from 'node:crypto';
import { createRequire } from 'node:module';
import { blake3 as portableBlake3 } from '@noble/hashes/blake3.js';

/** Hashes bytes under a key that was given before; the answer is 32 bytes and belongs to the caller. */
export type KeyedHash = (bytes: Uint8Array) => Uint8Array;

interface NativeHasher {
  reset(): void;
  update(bytes: Uint8Array): unknown;
  digestBuffer(): Buffer;
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
  if (native === null) return (bytes) => portableBlake3(bytes, { key });
  // A reset keeps the key; a new hasher for each chunk costs half the speed on small ones.
  const hasher = native(Buffer.from(key));
  return (bytes) => {
    hasher.reset();
    hasher.update(bytes);
    return hasher.digestBuffer();
  };
}

/** Whether BLAKE3 runs at full speed here. A new repository is made with SHA-256 where it does not. */
export function hasNativeBlake3(): boolean {
  return nativeBlake3() !== null;
}

let loaded: OpenNative | null | undefined;

function nativeBlake3(): OpenNative | null {
  loaded ??= proven(loadNative());
  return loaded;
}

function loadNative(): OpenNative | null {
  try {
    const { Blake3Hasher } = createRequire(import.meta.url)('@napi-rs/blake-hash') as {
      Blake3Hasher: { newKeyed(key: Buffer): NativeHasher };
    };
    return (key) => Blake3Hasher.newKeyed(key);
  } catch {
    return null;
  }
}

/** A module that hashes otherwise would make chunk ids that nobody else finds: better slow than alone. */
function proven(open: OpenNative | null): OpenNative | null {
  if (open === null) return null;
  try {
    const key = Buffer.alloc(32, 7);
    const hasher = open(key);
    for (const length of [1, 70_000, 3]) {
      const sample = Buffer.alloc(length, length);
      hasher.reset();
      hasher.update(sample);
      if (!hasher.digestBuffer().equals(portableBlake3(sample, { key }))) return null;
    }
    return open;
  } catch {
    return null;
  }
}
