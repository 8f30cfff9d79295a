import { HoldfastError } from '@holdfast/api';
import type { ImageFile } from '../image-file.ts';

/** What a qcow2 header says, checked as far as it can be without looking further. */
export interface Qcow2Header {
  readonly version: 2 | 3;
  readonly sizeBytes: number;
  readonly clusterBits: number;
  readonly l1Offset: number;
  /** Entries of the L1 table that are needed for the size. */
  readonly l1Entries: number;
  readonly compression: 'deflate' | 'zstd';
  /** The backing file as it is written there, unresolved and untrusted; `null` when the image stands alone. */
  readonly backing: { readonly name: string; readonly format: string | null } | null;
}

const magic = 0x514649fb;
/** QEMU's own limit: 4 Mi entries. */
const mostL1Bytes = 32 * 1024 * 1024;
const mostBackingNameBytes = 1023;
const headBytes = 64 * 1024;
const extensionEnd = 0;
const extensionBackingFormat = 0xe2792aca;

const dirtyBit = 0x1n;
const corruptBit = 0x2n;
const externalDataBit = 0x4n;
const compressionBit = 0x8n;
const extendedL2Bit = 0x10n;

/** Whether a file begins like a qcow2 image. */
export function beginsLikeQcow2(head: Uint8Array): boolean {
  return head.length >= 4 && new DataView(head.buffer, head.byteOffset, 4).getUint32(0) === magic;
}

/**
 * Reads and checks a header.
 * @throws `DISK_INVALID` when it is damaged or misleading, `UNSUPPORTED` when the image uses what we cannot read.
 * @see QEMU, docs/interop/qcow2.txt
 */
export function readQcow2Header(file: ImageFile): Qcow2Header {
  const head = Buffer.alloc(Math.min(headBytes, file.sizeBytes));
  file.read(head, 0);
  if (head.length < 72 || !beginsLikeQcow2(head)) throw invalid(file, 'it has no qcow2 header');
  const version = head.readUInt32BE(4);
  if (version !== 2 && version !== 3) throw unsupported(file, `qcow2 version ${version}`);
  if (version === 3 && head.length < 104) throw invalid(file, 'its header is cut short');
  const clusterBits = head.readUInt32BE(20);
  if (clusterBits < 9 || clusterBits > 21) throw invalid(file, `a cluster of 2^${clusterBits} bytes is not allowed`);
  if (head.readUInt32BE(32) !== 0) throw unsupported(file, 'encryption inside of the image');
  const compression = version === 3 ? readFeatures(file, head) : 'deflate';
  const sizeBytes = safeNumber(head.readBigUInt64BE(24));
  if (sizeBytes === null) throw invalid(file, 'its size is beyond all reason');
  const { l1Offset, l1Entries } = readL1(file, head, sizeBytes, clusterBits);
  const backing = readBacking(file, head, version, clusterBits);
  return { version, sizeBytes, clusterBits, l1Offset, l1Entries, compression, backing };
}

/** Refuses what a reader must understand and we do not. Answers how clusters are compressed. */
function readFeatures(file: ImageFile, head: Buffer): 'deflate' | 'zstd' {
  const incompatible = head.readBigUInt64BE(72);
  const headerBytes = head.readUInt32BE(100);
  if (headerBytes < 104 || headerBytes > head.length) throw invalid(file, 'the length of its header is wrong');
  if ((incompatible & corruptBit) !== 0n) {
    throw new HoldfastError('DISK_INVALID', `${file.path} is marked as corrupt by QEMU`, {
      remedy: 'repair it with `qemu-img check -r all`, or restore it',
      facts: { path: file.path },
    });
  }
  if ((incompatible & externalDataBit) !== 0n) throw unsupported(file, 'an external data file');
  if ((incompatible & extendedL2Bit) !== 0n) throw unsupported(file, 'subclusters (extended L2 entries)');
  // Dirty means that reference counts may be wrong; the tables that lead to the data are kept right.
  const unknown = incompatible & ~(dirtyBit | corruptBit | externalDataBit | compressionBit | extendedL2Bit);
  if (unknown !== 0n) throw unsupported(file, `feature bits 0x${unknown.toString(16)}`);
  const kind = headerBytes > 104 ? head.readUInt8(104) : 0;
  if ((incompatible & compressionBit) === 0n) {
    if (kind !== 0) throw invalid(file, 'it does not say how it is compressed');
    return 'deflate';
  }
  if (kind === 0) return 'deflate';
  if (kind === 1) return 'zstd';
  throw unsupported(file, `compression ${kind}`);
}

function readL1(
  file: ImageFile,
  head: Buffer,
  sizeBytes: number,
  clusterBits: number,
): { readonly l1Offset: number; readonly l1Entries: number } {
  const given = head.readUInt32BE(36);
  const bytesPerEntry = 2 ** (2 * clusterBits - 3);
  const l1Entries = Math.ceil(sizeBytes / bytesPerEntry);
  const l1Offset = safeNumber(head.readBigUInt64BE(40)) ?? Number.MAX_SAFE_INTEGER;
  if (given < l1Entries) throw invalid(file, 'its L1 table is too small for its size');
  if (l1Entries * 8 > mostL1Bytes) throw invalid(file, 'its L1 table is larger than any that QEMU makes');
  if (l1Entries > 0 && (l1Offset % 2 ** clusterBits !== 0 || l1Offset + l1Entries * 8 > file.sizeBytes)) {
    throw invalid(file, 'its L1 table lies outside of the file');
  }
  const refcounts = safeNumber(head.readBigUInt64BE(48)) ?? Number.MAX_SAFE_INTEGER;
  if (refcounts % 2 ** clusterBits !== 0 || refcounts > file.sizeBytes) {
    throw invalid(file, 'its table of reference counts lies outside of the file');
  }
  return { l1Offset, l1Entries };
}

function readBacking(file: ImageFile, head: Buffer, version: 2 | 3, clusterBits: number): Qcow2Header['backing'] {
  const offset = safeNumber(head.readBigUInt64BE(8)) ?? Number.MAX_SAFE_INTEGER;
  const length = head.readUInt32BE(16);
  if (offset === 0 || length === 0) return null;
  if (length > mostBackingNameBytes || offset + length > Math.min(head.length, 2 ** clusterBits)) {
    throw invalid(file, 'the name of its backing file lies outside of the header');
  }
  const name = head.toString('utf8', offset, offset + length);
  if (name.includes('\0')) throw invalid(file, 'the name of its backing file has a zero byte in it');
  const start = version === 3 ? head.readUInt32BE(100) : 72;
  return { name, format: backingFormat(file, head.subarray(0, offset), start) };
}

function backingFormat(file: ImageFile, head: Buffer, start: number): string | null {
  for (let at = start; at + 8 <= head.length; ) {
    const kind = head.readUInt32BE(at);
    const length = head.readUInt32BE(at + 4);
    if (kind === extensionEnd) return null;
    if (at + 8 + length > head.length) throw invalid(file, 'an extension of its header leads out of it');
    if (kind === extensionBackingFormat) return head.toString('latin1', at + 8, at + 8 + Math.min(length, 32));
    at += 8 + Math.ceil(length / 8) * 8;
  }
  return null;
}

function safeNumber(value: bigint): number | null {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : null;
}

export function invalid(file: ImageFile, how: string): HoldfastError {
  return new HoldfastError('DISK_INVALID', `${file.path} is damaged: ${how}`, { facts: { path: file.path } });
}

function unsupported(file: ImageFile, what: string): HoldfastError {
  return new HoldfastError('UNSUPPORTED', `${file.path} uses ${what}, which cannot be read in this version`, {
    remedy: 'convert the image with `qemu-img convert`',
    facts: { path: file.path },
  });
}
