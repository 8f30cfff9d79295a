import type { Extent } from '@holdfast/api';
import type { ImageFile } from '../image-file.ts';
import type { ImageReader } from '../image-reader.ts';
import { allocatedClusters } from './allocated.ts';
import { decompressCluster } from './decompress.ts';
import type { Qcow2Header } from './header.ts';
import { invalid } from './header.ts';
import type { Cluster } from './tables.ts';
import { ClusterTables } from './tables.ts';

/** A qcow2 image, with the image below it where it has one. */
export class Qcow2Reader implements ImageReader {
  readonly sizeBytes: number;
  readonly #file: ImageFile;
  readonly #header: Qcow2Header;
  readonly #tables: ClusterTables;
  readonly #backing: ImageReader | null;
  readonly #clusterBytes: number;
  /** The compressed cluster that was unpacked last: small reads come back to it. */
  #unpacked: { readonly offset: number; readonly bytes: Uint8Array } | null = null;

  constructor(file: ImageFile, header: Qcow2Header, backing: ImageReader | null) {
    this.#file = file;
    this.#header = header;
    this.#backing = backing;
    this.#tables = new ClusterTables(file, header);
    this.#clusterBytes = 2 ** header.clusterBits;
    this.sizeBytes = header.sizeBytes;
  }

  read(into: Uint8Array, offsetBytes: number): void {
    this.fill(into, offsetBytes);
    this.assertUnchanged();
  }

  fill(into: Uint8Array, offsetBytes: number): void {
    const end = offsetBytes + into.length;
    if (offsetBytes < 0 || end > this.sizeBytes) {
      throw new RangeError(`read of ${into.length} bytes at ${offsetBytes} of ${this.#file.path}`);
    }
    for (let at = offsetBytes; at < end; ) {
      const run = this.#run(at, end);
      const part = into.subarray(at - offsetBytes, at - offsetBytes + run.length);
      this.#fillRun(run.cluster, part, at);
      at += run.length;
    }
  }

  assertUnchanged(): void {
    this.#file.assertUnchanged();
    this.#backing?.assertUnchanged();
  }

  async allocated(): Promise<readonly Extent[]> {
    const below = this.#backing === null ? [] : await this.#backing.allocated();
    const extents = await allocatedClusters(this.#file, this.#header, this.#tables, below);
    this.assertUnchanged();
    return extents;
  }

  close(): void {
    this.#file.close();
    this.#backing?.close();
  }

  /** How far from `at` one read will do: neighbours on the disk that are neighbours in the file too. */
  #run(at: number, end: number): { readonly cluster: Cluster; readonly length: number } {
    const size = this.#clusterBytes;
    const first = Math.floor(at / size);
    const cluster = this.#tables.cluster(first);
    let next = first + 1;
    if (cluster.kind !== 'compressed') {
      for (; next * size < end; next += 1) {
        const follower = this.#tables.cluster(next);
        if (follower.kind !== cluster.kind) break;
        if (
          cluster.kind === 'data' &&
          follower.kind === 'data' &&
          follower.offset !== cluster.offset + (next - first) * size
        )
          break;
      }
    }
    return { cluster, length: Math.min(next * size, end) - at };
  }

  #fillRun(cluster: Cluster, into: Uint8Array, at: number): void {
    const within = at % this.#clusterBytes;
    if (cluster.kind === 'zero') into.fill(0);
    else if (cluster.kind === 'data') this.#fillData(cluster.offset + within, into);
    else if (cluster.kind === 'compressed') into.set(this.#unpack(cluster).subarray(within, within + into.length));
    else this.#fillFromBacking(into, at);
  }

  #fillData(offset: number, into: Uint8Array): void {
    if (offset + into.length > this.#file.sizeBytes) throw invalid(this.#file, 'it has been cut short');
    this.#file.read(into, offset);
  }

  /** A backing image may be shorter; what is past its end reads as zeros. */
  #fillFromBacking(into: Uint8Array, at: number): void {
    const there = this.#backing === null ? 0 : Math.max(0, Math.min(into.length, this.#backing.sizeBytes - at));
    if (there > 0) this.#backing?.fill(into.subarray(0, there), at);
    into.fill(0, there);
  }

  #unpack(cluster: { readonly offset: number; readonly length: number }): Uint8Array {
    if (this.#unpacked?.offset === cluster.offset) return this.#unpacked.bytes;
    const packed = new Uint8Array(cluster.length);
    this.#file.read(packed, cluster.offset);
    const bytes = decompressCluster(this.#file, packed, this.#header.compression, this.#clusterBytes);
    this.#unpacked = { offset: cluster.offset, bytes };
    return bytes;
  }
}
