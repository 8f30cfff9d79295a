import { HoldfastError } from '@holdfast/api';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { DiskFile, FileExtent, FileSystem } from '../disk/files.ts';
import { readDisk } from '../disk/files.ts';
import { longNamePlaces } from './entries.ts';

const endOfChain = 0x0ffffff8;
const mostDepth = 64;
const mostFolderBytes = 2 * 1024 * 1024;
const mostFatBytes = 256 * 1024 * 1024;

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly cluster: number;
  readonly sizeBytes: number;
}

/** Reads the files of a FAT32 file system that covers a disk from its first byte, as `makeFat32` makes it. */
export class Fat32 implements FileSystem {
  readonly kind = 'fat32';
  readonly #disk: DiskReader;
  readonly #fat: Buffer;
  readonly #clusterBytes: number;
  readonly #dataOffset: number;
  readonly #rootCluster: number;

  private constructor(disk: DiskReader, fat: Buffer, clusterBytes: number, dataOffset: number, rootCluster: number) {
    this.#disk = disk;
    this.#fat = fat;
    this.#clusterBytes = clusterBytes;
    this.#dataOffset = dataOffset;
    this.#rootCluster = rootCluster;
  }

  static async open(disk: DiskReader): Promise<Fat32 | null> {
    if (disk.sizeBytes < 512) return null;
    const boot = await readDisk(disk, 0, 512);
    if (boot.readUInt16LE(510) !== 0xaa55 || boot.toString('latin1', 82, 87) !== 'FAT32') return null;
    const sectorBytes = boot.readUInt16LE(11);
    const clusterBytes = sectorBytes * boot.readUInt8(13);
    const fatBytes = boot.readUInt32LE(36) * sectorBytes;
    const fatOffset = boot.readUInt16LE(14) * sectorBytes;
    const dataOffset = fatOffset + boot.readUInt8(16) * fatBytes;
    const plausible =
      sectorBytes === 512 && clusterBytes >= 512 && fatBytes <= mostFatBytes && dataOffset < disk.sizeBytes;
    if (!plausible) throw damaged('its boot sector contradicts itself');
    const fat = await readDisk(disk, fatOffset, fatBytes);
    return new Fat32(disk, fat, clusterBytes, dataOffset, boot.readUInt32LE(44));
  }

  async *files(): AsyncGenerator<DiskFile> {
    yield* this.#walk(this.#rootCluster, '', 0);
  }

  async *#walk(cluster: number, path: string, depth: number): AsyncGenerator<DiskFile> {
    if (depth > mostDepth) throw damaged(`folder ${path} is inside itself`);
    const extents = this.#chain(cluster, mostFolderBytes);
    const parts = await Promise.all(extents.map((extent) => readDisk(this.#disk, extent.offset ?? 0, extent.length)));
    const entries = parseEntries(Buffer.concat(parts)).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const inner = path === '' ? entry.name : `${path}/${entry.name}`;
      if (entry.isFolder) yield* this.#walk(entry.cluster, inner, depth + 1);
      else yield { path: inner, sizeBytes: entry.sizeBytes, extents: this.#chain(entry.cluster, entry.sizeBytes) };
    }
  }

  /** The extents of a chain of clusters, neighbours put together, cut at `bytes`; a folder has as many as the chain is long. */
  #chain(first: number, bytes: number): FileExtent[] {
    const extents: { offset: number; length: number }[] = [];
    let left = bytes;
    for (let cluster = first; cluster >= 2 && cluster < endOfChain && left > 0; cluster = this.#next(cluster)) {
      const offset = this.#dataOffset + (cluster - 2) * this.#clusterBytes;
      const length = Math.min(this.#clusterBytes, left);
      if (offset + length > this.#disk.sizeBytes) throw damaged('a chain leads out of the disk');
      const last = extents.at(-1);
      if (last !== undefined && last.offset + last.length === offset) last.length += length;
      else extents.push({ offset, length });
      left -= length;
    }
    return extents;
  }

  #next(cluster: number): number {
    if (cluster * 4 + 4 > this.#fat.length) throw damaged('a chain leads out of its table');
    return this.#fat.readUInt32LE(cluster * 4) & 0x0fffffff;
  }
}

function parseEntries(bytes: Buffer): Entry[] {
  const entries: Entry[] = [];
  let long = '';
  for (let at = 0; at + 32 <= bytes.length && bytes[at] !== 0; at += 32) {
    const entry = bytes.subarray(at, at + 32);
    const attribute = entry.readUInt8(11);
    if (entry[0] === 0xe5) long = '';
    else if (attribute === 0x0f) long = longPart(entry) + ((entry.readUInt8(0) & 0x40) === 0 ? long : '');
    else {
      const short = entry.toString('latin1', 0, 11).trim();
      const name = long === '' ? short : long;
      long = '';
      if ((attribute & 0x08) !== 0 || name === '.' || name === '..') continue;
      const cluster = entry.readUInt16LE(20) * 65536 + entry.readUInt16LE(26);
      entries.push({ name, isFolder: (attribute & 0x10) !== 0, cluster, sizeBytes: entry.readUInt32LE(28) });
    }
  }
  return entries;
}

function longPart(entry: Buffer): string {
  const codes = longNamePlaces.map((place) => entry.readUInt16LE(place));
  const end = codes.indexOf(0);
  return String.fromCharCode(...(end < 0 ? codes : codes.slice(0, end)));
}

function damaged(how: string): HoldfastError {
  return new HoldfastError('DISK_INVALID', `the FAT32 file system is damaged: ${how}`);
}
