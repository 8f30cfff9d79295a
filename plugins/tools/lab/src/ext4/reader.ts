import type { DiskReader } from '@holdfast/kit/disk/reader';
import type { DiskFile, FileExtent, FileSystem } from '../disk/files.ts';
import { readDisk } from '../disk/files.ts';
import { fileExtents } from './extents.ts';
import type { Ext4Layout } from './layout.ts';
import { damaged, readExt4Layout } from './layout.ts';

const rootInode = 2;
const mostDepth = 64;
const mostDirectoryBytes = 64 * 1024 * 1024;

/** An inode, as far as reading needs it. */
interface Inode {
  readonly kind: number;
  readonly sizeBytes: number;
  readonly raw: Buffer;
}

/** Reads the regular files of an ext4 file system that covers a disk from its first byte, as `mke2fs` makes it in an image. */
export class Ext4 implements FileSystem {
  readonly kind = 'ext4';
  readonly #disk: DiskReader;
  readonly #layout: Ext4Layout;
  readonly #inodePages = new Map<number, Buffer>();

  private constructor(disk: DiskReader, layout: Ext4Layout) {
    this.#disk = disk;
    this.#layout = layout;
  }

  static async open(disk: DiskReader): Promise<Ext4 | null> {
    const layout = await readExt4Layout(disk);
    return layout === null ? null : new Ext4(disk, layout);
  }

  async *files(): AsyncGenerator<DiskFile> {
    yield* this.#walk(rootInode, '', new Set(), 0);
  }

  async *#walk(directory: number, path: string, above: Set<number>, depth: number): AsyncGenerator<DiskFile> {
    if (above.has(directory) || depth > mostDepth) throw damaged(`folder ${path} is inside itself`);
    above.add(directory);
    const inode = await this.#inode(directory);
    if (inode.kind !== 0x4000) throw damaged(`folder ${path} is none`);
    const names = new Map<string, number>();
    for await (const entry of this.#entries(inode)) names.set(entry.name, entry.inode);
    for (const [name, number] of [...names].sort(byName)) {
      const inner = path === '' ? name : `${path}/${name}`;
      const found = await this.#inode(number);
      if (found.kind === 0x4000) yield* this.#walk(number, inner, above, depth + 1);
      if (found.kind !== 0x8000) continue;
      yield { path: inner, sizeBytes: found.sizeBytes, extents: await this.#extents(found) };
    }
    above.delete(directory);
  }

  async *#entries(directory: Inode): AsyncGenerator<{ readonly name: string; readonly inode: number }> {
    if (directory.sizeBytes > mostDirectoryBytes) throw damaged('a folder is larger than any that we read');
    for (const { offset, length } of await this.#extents(directory)) {
      if (offset === null) continue;
      const bytes = await readDisk(this.#disk, offset, length);
      for (let at = 0; at + 8 <= bytes.length; ) {
        const inode = bytes.readUInt32LE(at);
        const recordBytes = bytes.readUInt16LE(at + 4);
        const nameBytes = bytes.readUInt8(at + 6);
        if (
          recordBytes < 8 ||
          recordBytes % 4 !== 0 ||
          nameBytes + 8 > recordBytes ||
          at + recordBytes > bytes.length
        ) {
          throw damaged('an entry of a folder leads out of it');
        }
        const name = bytes.toString('utf8', at + 8, at + 8 + nameBytes);
        if (inode !== 0 && name !== '.' && name !== '..') yield { name, inode };
        at += recordBytes;
      }
    }
  }

  #extents(inode: Inode): Promise<readonly FileExtent[]> {
    return fileExtents(this.#disk, this.#layout.blockBytes, this.#layout.blockCount, inode.raw, inode.sizeBytes);
  }

  async #inode(number: number): Promise<Inode> {
    const { inodesPerGroup, inodeBytes, blockBytes, inodeTables, inodeCount, blockCount } = this.#layout;
    if (number < 1 || number > inodeCount) throw damaged(`there is no inode ${number}`);
    const table = inodeTables[Math.floor((number - 1) / inodesPerGroup)] ?? 0;
    const at = ((number - 1) % inodesPerGroup) * inodeBytes;
    const block = table + Math.floor(at / blockBytes);
    if (block >= blockCount) throw damaged(`inode ${number} lies outside of the disk`);
    const page = await this.#inodePage(block);
    const raw = page.subarray(at % blockBytes, (at % blockBytes) + inodeBytes);
    const sizeBytes = raw.readUInt32LE(4) + raw.readUInt32LE(108) * 2 ** 32;
    return { kind: raw.readUInt16LE(0) & 0xf000, sizeBytes, raw };
  }

  /** Neighbours share a block; a few hundred blocks are kept. */
  async #inodePage(block: number): Promise<Buffer> {
    const known = this.#inodePages.get(block);
    if (known !== undefined) return known;
    if (this.#inodePages.size >= 512) this.#inodePages.clear();
    const page = await readDisk(this.#disk, block * this.#layout.blockBytes, this.#layout.blockBytes);
    this.#inodePages.set(block, page);
    return page;
  }
}

const byName = (a: readonly [string, number], b: readonly [string, number]): number => (a[0] < b[0] ? -1 : 1);
