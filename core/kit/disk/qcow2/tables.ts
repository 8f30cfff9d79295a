import type { ImageFile } from '../image-file.ts';
import type { Qcow2Header } from './header.ts';
import { invalid } from './header.ts';

const pageBytes = 64 * 1024;
const mostPages = 64;
const offsetMask = 0x00fffffffffffe00n;
const compressedBit = 1n << 62n;

/** What an image knows of one of its clusters. */
export type Cluster =
  | { readonly kind: 'unallocated' }
  | { readonly kind: 'zero' }
  | { readonly kind: 'data'; readonly offset: number }
  | { readonly kind: 'compressed'; readonly offset: number; readonly length: number };

const unallocated: Cluster = { kind: 'unallocated' };
const zero: Cluster = { kind: 'zero' };

/** The two levels of tables that lead from a cluster to its place in the file. At most 4 MiB of them are kept in memory. */
export class ClusterTables {
  readonly #file: ImageFile;
  readonly #header: Qcow2Header;
  readonly #clusterBytes: number;
  readonly #entriesPerTable: number;
  /** In order of last use. */
  readonly #pages = new Map<number, Buffer>();

  constructor(file: ImageFile, header: Qcow2Header) {
    this.#file = file;
    this.#header = header;
    this.#clusterBytes = 2 ** header.clusterBits;
    this.#entriesPerTable = this.#clusterBytes / 8;
  }

  /** Clusters that one L2 table covers. */
  get clustersPerTable(): number {
    return this.#entriesPerTable;
  }

  cluster(index: number): Cluster {
    const table = this.l2Table(Math.floor(index / this.#entriesPerTable));
    if (table === 0) return unallocated;
    return this.clusterOf(table, index % this.#entriesPerTable);
  }

  /** Offset of an L2 table in the file; 0 when there is none. */
  l2Table(l1Index: number): number {
    const offset = Number(this.#entry(this.#header.l1Offset + l1Index * 8) & offsetMask);
    if (offset === 0) return 0;
    if (offset % this.#clusterBytes !== 0 || offset + this.#clusterBytes > this.#file.sizeBytes) {
      throw invalid(this.#file, `L1 entry ${l1Index} leads out of the file`);
    }
    return offset;
  }

  /** What an entry of an L2 table says. */
  clusterOf(table: number, l2Index: number): Cluster {
    const entry = this.#entry(table + l2Index * 8);
    if (entry === 0n) return unallocated;
    if ((entry & compressedBit) !== 0n) return this.#compressed(entry);
    if ((entry & 1n) !== 0n) {
      if (this.#header.version === 2) throw invalid(this.#file, 'a zero cluster in an image of version 2');
      return zero;
    }
    const offset = Number(entry & offsetMask);
    if (offset === 0) return unallocated;
    if (offset % this.#clusterBytes !== 0 || offset >= this.#file.sizeBytes) {
      throw invalid(this.#file, `an L2 entry leads to ${offset}, which is no cluster of the file`);
    }
    return { kind: 'data', offset };
  }

  #compressed(entry: bigint): Cluster {
    const shift = BigInt(62 - (this.#header.clusterBits - 8));
    const offset = Number(entry & ((1n << shift) - 1n));
    const sectors = Number((entry & ~(3n << 62n)) >> shift) + 1;
    const length = Math.min(sectors * 512 - (offset % 512), this.#file.sizeBytes - offset);
    if (length <= 0) throw invalid(this.#file, `a compressed cluster at ${offset} lies outside of the file`);
    return { kind: 'compressed', offset, length };
  }

  #entry(offset: number): bigint {
    const number = Math.floor(offset / pageBytes);
    return this.#page(number).readBigUInt64BE(offset - number * pageBytes);
  }

  #page(number: number): Buffer {
    const known = this.#pages.get(number);
    if (known !== undefined) {
      this.#pages.delete(number);
      this.#pages.set(number, known);
      return known;
    }
    const oldest = this.#pages.keys().next();
    if (this.#pages.size >= mostPages && oldest.done !== true) this.#pages.delete(oldest.value);
    const page = Buffer.alloc(Math.min(pageBytes, this.#file.sizeBytes - number * pageBytes));
    this.#file.read(page, number * pageBytes);
    this.#pages.set(number, page);
    return page;
  }
}
