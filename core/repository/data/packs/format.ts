/** Numbers of the pack format. @see docs/formats/repository.md §6 */

export const PACK_MAGIC = 0x4b50_4648; // HFPK
export const PACK_END_MAGIC = 0x4550_4648; // HFPE
export const PACK_VERSION = 1;
export const HEADER_BYTES = 48;
export const RECORD_HEADER_BYTES = 44;
export const TAG_BYTES = 16;
export const ENTRY_BYTES = 48;
export const TRAILER_BYTES = 12;
export const ID_BYTES = 32;
export const MAX_PACK_BYTES = 512 * 1024 * 1024;
export const MAX_PLAIN_BYTES = 4 * 1024 * 1024;
export const MAX_RECORDS = 1 << 20;
export const CIPHER = 'aes-256-gcm';
export const METHOD_PLAIN = 0;
export const METHOD_ZSTD = 1;

/** What a record takes besides its body. */
export const RECORD_OVERHEAD = RECORD_HEADER_BYTES + TAG_BYTES;
/** What a pack takes besides its records and their entries in the footer. */
export const PACK_OVERHEAD = HEADER_BYTES + TAG_BYTES + TRAILER_BYTES;

/** The first 48 bytes of a pack. */
export interface PackHeader {
  readonly generation: number;
  /** Which index run of its lease lists the pack. */
  readonly run: number;
  /** 32 hexadecimal digits. */
  readonly pack: string;
  /** 32 hexadecimal digits. */
  readonly lease: string;
}

/** Where a chunk lies in a pack. */
export interface PackEntry {
  readonly id: Buffer;
  /** Of the record header, from the beginning of the pack. */
  readonly offset: number;
  readonly plainBytes: number;
  readonly storedBytes: number;
  readonly method: number;
}

/** Name of a pack in the store. */
export const packName = (pack: string): string => `packs/${pack.slice(0, 2)}/${pack}`;

/** Identity of a pack by its name in the store; `null` when no pack is called so. */
export function packOfName(name: string): string | null {
  const match = /^packs\/([0-9a-f]{2})\/([0-9a-f]{32})$/.exec(name);
  const [, prefix, pack] = match ?? [];
  return pack !== undefined && prefix !== undefined && pack.startsWith(prefix) ? pack : null;
}

/**
 * The nonce of record number `record`. With the beginning of the chunk's id in it, it does not come again for another chunk even where a process goes on twice from
 * the same memory: a machine that was set back to a snapshot.
 */
export function recordNonce(record: number, id: Uint8Array): Buffer {
  const nonce = firstRecordNonce(record);
  nonce.set(id.subarray(0, 8), 4);
  return nonce;
}

/** The nonce of record number `record` as it was made at first. */
export function firstRecordNonce(record: number): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUInt32LE(record >>> 0, 0);
  return nonce;
}

/** The nonce of the footer: no record has this number. */
export function footerNonce(): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.fill(0xff, 0, 8);
  return nonce;
}

export function encodeHeader(header: PackHeader): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES);
  bytes.writeUInt32LE(PACK_MAGIC, 0);
  bytes.writeUInt16LE(PACK_VERSION, 4);
  bytes.writeUInt32LE(header.generation, 8);
  bytes.writeUInt32LE(header.run, 12);
  bytes.write(header.pack, 16, 'hex');
  bytes.write(header.lease, 32, 'hex');
  return bytes;
}

/** The version of whatever begins as a pack does; `null` for anything else. */
export function versionOf(bytes: Buffer): number | null {
  return bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== PACK_MAGIC ? null : bytes.readUInt16LE(4);
}

/** `null` when these are not the first bytes of a pack of this version. */
export function decodeHeader(bytes: Buffer): PackHeader | null {
  if (bytes.length < HEADER_BYTES || bytes.readUInt32LE(0) !== PACK_MAGIC) return null;
  if (bytes.readUInt16LE(4) !== PACK_VERSION || bytes.readUInt16LE(6) !== 0) return null;
  return {
    generation: bytes.readUInt32LE(8),
    run: bytes.readUInt32LE(12),
    pack: bytes.toString('hex', 16, 32),
    lease: bytes.toString('hex', 32, 48),
  };
}
