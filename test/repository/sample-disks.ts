import { createCipheriv, createHash } from 'node:crypto';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSource } from '@holdfast/api';

const BLOCK = 4096;

/** Bytes that look random and are the same for the same seed. */
export function noise(seed: string, length: number): Buffer {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return cipher.update(Buffer.alloc(length));
}

/**
 * A disk as guests have it: stretches of zeros, of what compresses well and of what does not, in runs of whole blocks.
 * The same seed and size give the same bytes, on every machine and for ever: golden repositories rely on it.
 */
export function sampleDisk(seed: string, sizeBytes: number): Buffer {
  const disk = Buffer.alloc(sizeBytes);
  const choices = noise(`${seed}/choices`, Math.ceil(sizeBytes / BLOCK) * 4);
  const random = noise(`${seed}/random`, sizeBytes);
  let at = 0;
  for (let turn = 0; at < sizeBytes; turn++) {
    const kind = choices.readUInt8(turn * 4) % 4;
    const run = (1 + (choices.readUInt16LE(turn * 4 + 1) % 48)) * BLOCK;
    const end = Math.min(sizeBytes, at + run);
    if (kind === 1) random.copy(disk, at, at, end);
    if (kind >= 2) disk.fill(`${seed} line ${turn} of a log that says the same again and again\n`, at, end);
    at = end;
  }
  return disk;
}

/** A copy of a disk in which some blocks were written anew. */
export function changedDisk(
  disk: Buffer,
  seed: string,
  blocks: number,
): { readonly disk: Buffer; readonly extents: readonly { offset: number; length: number }[] } {
  const changed = Buffer.from(disk);
  const whole = Math.floor(disk.length / BLOCK);
  const choices = noise(`${seed}/changes`, blocks * 4);
  const numbers = new Set(Array.from({ length: blocks }, (_, i) => choices.readUInt32LE(i * 4) % whole));
  for (const number of numbers) noise(`${seed}/${number}`, BLOCK).copy(changed, number * BLOCK);
  const extents = [...numbers].sort((a, b) => a - b).map((number) => ({ offset: number * BLOCK, length: BLOCK }));
  return { disk: changed, extents };
}

/** Puts a disk into a raw image file. */
export async function rawImage(folder: string, name: string, disk: Buffer): Promise<FileSource> {
  const path = join(folder, name);
  await writeFile(path, disk);
  return { kind: 'file', path, format: 'raw', chain: [], sizeBytes: disk.length };
}

/** An empty raw image to restore to, and what is in it afterwards. */
export async function emptyImage(folder: string, name: string, sizeBytes: number) {
  const path = join(folder, name);
  await writeFile(path, '');
  await truncate(path, sizeBytes);
  return { sink: { kind: 'file', path, format: 'raw', sizeBytes } as const, bytes: () => readFile(path) };
}
