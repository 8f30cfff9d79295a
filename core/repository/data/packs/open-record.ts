import { createDecipheriv, type KeyObject } from 'node:crypto';
import {
  CIPHER,
  ENTRY_BYTES,
  firstRecordNonce,
  footerNonce,
  HEADER_BYTES,
  ID_BYTES,
  MAX_PLAIN_BYTES,
  MAX_RECORDS,
  METHOD_ZSTD,
  type PackEntry,
  RECORD_HEADER_BYTES,
  RECORD_OVERHEAD,
  recordNonce,
  TAG_BYTES,
} from './format.ts';

/**
 * Opens record number `record` of a pack.
 * @param sealed The whole record: header, ciphertext, tag.
 * @returns The body, or `null` when it does not authenticate.
 */
export function openRecord(key: KeyObject, record: number, sealed: Uint8Array): Buffer | null {
  const header = sealed.subarray(0, RECORD_HEADER_BYTES);
  const body = sealed.subarray(RECORD_HEADER_BYTES);
  return open(key, recordNonce(record, header), header, body) ?? open(key, firstRecordNonce(record), header, body);
}

/**
 * Opens the footer of a pack.
 * @param header The pack's first 48 bytes.
 * @returns Its entries in order, or `null` when it does not authenticate or does not describe a pack of this format.
 */
export function openFooter(key: KeyObject, header: Uint8Array, sealed: Uint8Array): PackEntry[] | null {
  const list = open(key, footerNonce(), header, sealed);
  return list === null ? null : decodeList(list);
}

/** The entries of a footer in plain; `null` when they do not follow one another without gaps from the header on. */
export function decodeList(list: Buffer): PackEntry[] | null {
  if (list.length % ENTRY_BYTES !== 0 || list.length > MAX_RECORDS * ENTRY_BYTES) return null;
  const entries: PackEntry[] = [];
  let next = HEADER_BYTES;
  for (let at = 0; at < list.length; at += ENTRY_BYTES) {
    const entry = {
      id: list.subarray(at, at + ID_BYTES),
      offset: list.readUInt32LE(at + ID_BYTES),
      plainBytes: list.readUInt32LE(at + 36),
      storedBytes: list.readUInt32LE(at + 40),
      method: list.readUInt32LE(at + 44),
    };
    if (entry.offset !== next || !isPossible(entry)) return null;
    next += entry.storedBytes + RECORD_OVERHEAD;
    entries.push(entry);
  }
  return entries;
}

/** The entry that a record header stands for; `null` when no writer makes such a one. */
export function entryOfRecord(head: Buffer, offset: number): PackEntry | null {
  const entry = {
    id: head.subarray(0, ID_BYTES),
    offset,
    plainBytes: head.readUInt32LE(32),
    storedBytes: head.readUInt32LE(36),
    method: head.readUInt32LE(40),
  };
  return isPossible(entry) ? entry : null;
}

/** Whether lengths and method lie within the limits of the format. */
export function isPossible(entry: Pick<PackEntry, 'plainBytes' | 'storedBytes' | 'method'>): boolean {
  if (entry.plainBytes < 1 || entry.plainBytes > MAX_PLAIN_BYTES || entry.method > METHOD_ZSTD) return false;
  return entry.method === METHOD_ZSTD
    ? entry.storedBytes > 0 && entry.storedBytes < entry.plainBytes + 1024
    : entry.storedBytes === entry.plainBytes;
}

function open(key: KeyObject, nonce: Buffer, aad: Uint8Array, sealed: Uint8Array): Buffer | null {
  if (sealed.length < TAG_BYTES) return null;
  const end = sealed.length - TAG_BYTES;
  try {
    const decipher = createDecipheriv(CIPHER, key, nonce);
    decipher.setAAD(aad);
    decipher.setAuthTag(sealed.subarray(end));
    const plain = decipher.update(sealed.subarray(0, end));
    decipher.final();
    return plain;
  } catch {
    return null;
  }
}
