import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { openKeyedHash } from '../../../core/repository/data/hash/keyed-hash.ts';
import { encodeRun, indexName, type PackList } from '../../../core/repository/data/index/run-object.ts';
import { encodePieces } from '../../../core/repository/data/map/segment-list.ts';
import { METHOD_PLAIN, packName } from '../../../core/repository/data/packs/format.ts';
import { PackBuilder } from '../../../core/repository/data/packs/pack-builder.ts';
import type { DiskContents } from '../../../core/repository/disk-contents.ts';
import { chunkIds, PACK_CHUNKS, PLAIN_BYTES, secrets, suite } from './synthetic-repository.ts';

const PACK_BYTES = 32 * 1024 * 1024;
/** Segments of a disk: 64 GiB. */
const DISK_SEGMENTS = 1000;

/** Puts chunks into packs as a writer does, all under one lease. */
class MapWriter {
  readonly #keys = new DerivedKeys(suite, secrets);
  readonly #hash = openKeyedHash(suite.hash, this.#keys.idKey);
  readonly #folder: string;
  readonly #lease = randomBytes(16).toString('hex');
  readonly #lists: PackList[] = [];
  #open: PackBuilder | null = null;

  constructor(folder: string) {
    this.#folder = folder;
  }

  put(chunk: Buffer): Buffer {
    const id = Buffer.from(this.#hash(chunk));
    if (this.#open?.fits(chunk.length) !== true) {
      this.#seal();
      const pack = randomBytes(16).toString('hex');
      const key = this.#keys.pack(1, pack);
      if (key === null) throw new Error('there is no key');
      const header = { generation: 1, run: 0, pack, lease: this.#lease };
      this.#open = new PackBuilder(header, key, new ArrayBuffer(PACK_BYTES));
    }
    this.#open.add(id, chunk.length, METHOD_PLAIN, chunk);
    return id;
  }

  end(): void {
    this.#seal();
    const { run, bytes } = encodeRun(this.#lists, 1, this.#keys, this.#hash);
    writeFileSync(join(this.#folder, indexName(run)), bytes);
  }

  #seal(): void {
    const sealed = this.#open?.seal();
    if (sealed === undefined) return;
    const path = join(this.#folder, packName(sealed.pack));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, new Uint8Array(sealed.memory, 0, sealed.length));
    this.#lists.push({ pack: sealed.pack, list: sealed.list });
    this.#open = null;
  }
}

/** The segment list of a segment that holds the chunks of one synthetic pack. */
function segmentList(pack: number): Buffer {
  const ids = chunkIds(pack);
  const pieces = Array.from({ length: PACK_CHUNKS }, (_, i) => {
    return { offset: i * PLAIN_BYTES, length: PLAIN_BYTES, id: ids.subarray(i * 32, i * 32 + 32) };
  });
  return encodePieces(pieces, 0);
}

/**
 * Puts real disk maps over the chunks of so many packs that are only named: disks of 64 GiB, each with so many restore points that differ in
 * one segment.
 */
export function putMaps(folder: string, packs: number, points: number): readonly DiskContents[] {
  const writer = new MapWriter(folder);
  const disks: DiskContents[] = [];
  const lists = Array.from({ length: packs }, (_, pack) => writer.put(segmentList(pack)));
  for (let first = 0; first < packs; first += DISK_SEGMENTS) {
    const own = lists.slice(first, first + DISK_SEGMENTS);
    for (let point = 0; point < points; point++) {
      // Its neighbour's list stands in for what changed.
      const page = own.map((id, at) => (at === point % own.length ? (own[(at + 1) % own.length] ?? id) : id));
      const map = [writer.put(Buffer.concat(page)).toString('hex')];
      const chunks = own.length * PACK_CHUNKS;
      disks.push({
        sizeBytes: own.length * suite.segmentBytes,
        segmentBytes: suite.segmentBytes,
        map,
        chunks,
        dataBytes: chunks * PLAIN_BYTES,
        root: '0'.repeat(64),
      });
    }
  }
  writer.end();
  return disks;
}
