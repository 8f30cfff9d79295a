import { createCipheriv, createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteRange, ObjectInfo } from '@holdfast/api';
import { DerivedKeys } from '../../../core/repository/data/hash/derived-keys.ts';
import { openKeyedHash } from '../../../core/repository/data/hash/keyed-hash.ts';
import { encodeRun, indexName, type PackList } from '../../../core/repository/data/index/run-object.ts';
import {
  ENTRY_BYTES,
  HEADER_BYTES,
  PACK_OVERHEAD,
  packName,
  RECORD_OVERHEAD,
} from '../../../core/repository/data/packs/format.ts';
import type { RepositorySecrets, Suite } from '../../../core/repository/suite.ts';
import { FolderStore } from '../../repository/stores.ts';

/** Chunks of a pack: 32 MiB of chunks of 64 KiB that shrink to half. */
export const PACK_CHUNKS = 1000;
const STORED_BYTES = 32_000;
export const PLAIN_BYTES = 65_536;
/** Packs of an index run: as many chunks as a writer's table of ids takes before it is emptied. */
const RUN_PACKS = 180;

export const suite: Suite = {
  repositoryId: '5ca1e000000000000000000000000000',
  hash: 'blake3',
  chunker: {
    kind: 'aligned',
    blockBytes: 4096,
    minimumBytes: 16_384,
    averageBytes: PLAIN_BYTES,
    maximumBytes: 262_144,
    windowBytes: 4 * 1024 * 1024,
  },
  segmentBytes: 64 * 1024 * 1024,
};

export const secrets: RepositorySecrets = {
  family: Buffer.alloc(32, 1),
  generations: { 1: Buffer.alloc(32, 2) },
  current: 1,
};

const idOfPack = (number: number): string => createHash('md5').update(`pack ${number}`).digest('hex');

/** The ids of the chunks of a pack, 32 bytes each: like hashes, and the same each time. */
export function chunkIds(pack: number): Buffer {
  const start = Buffer.alloc(16);
  start.writeUInt32LE(pack, 0);
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), start).update(Buffer.alloc(PACK_CHUNKS * 32));
}

/** What the footer of a pack would list. */
function listOf(pack: number): PackList {
  const ids = chunkIds(pack);
  const list = Buffer.alloc(PACK_CHUNKS * ENTRY_BYTES);
  for (let chunk = 0; chunk < PACK_CHUNKS; chunk++) {
    const at = chunk * ENTRY_BYTES;
    ids.copy(list, at, chunk * 32, chunk * 32 + 32);
    list.writeUInt32LE(HEADER_BYTES + chunk * (STORED_BYTES + RECORD_OVERHEAD), at + 32);
    list.writeUInt32LE(PLAIN_BYTES, at + 36);
    list.writeUInt32LE(STORED_BYTES, at + 40);
    list.writeUInt32LE(1, at + 44);
  }
  return { pack: idOfPack(pack), list };
}

const PACK_BYTES = PACK_OVERHEAD + PACK_CHUNKS * (STORED_BYTES + RECORD_OVERHEAD + ENTRY_BYTES);

/**
 * A repository of very many chunks that takes only the room of its index: index runs are the product's own, the packs that they list are
 * named and not there. Whatever else is put lies beside, in the same folder, as it would.
 */
export class SyntheticStore extends FolderStore {
  readonly packs: number;
  readonly asked = new Map<string, number>();

  constructor(folder: string, packs: number) {
    super(folder);
    this.packs = packs;
  }

  override async *list(prefix: string): AsyncGenerator<ObjectInfo> {
    this.#count('list', prefix);
    yield* super.list(prefix);
    if (!'packs/'.startsWith(prefix) && !prefix.startsWith('packs/')) return;
    for (let pack = 0; pack < this.packs; pack++) {
      const name = packName(idOfPack(pack));
      if (name.startsWith(prefix)) yield { name, sizeBytes: PACK_BYTES, modifiedAt: 0 };
    }
  }

  override get(name: string, range: ByteRange | null): AsyncGenerator<Uint8Array> {
    this.#count('get', name);
    return super.get(name, range);
  }

  #count(operation: string, name: string): void {
    const what = `${operation} ${name.slice(0, name.indexOf('/') + 1)}`;
    this.asked.set(what, (this.asked.get(what) ?? 0) + 1);
  }
}

/** Puts the index runs of so many packs, from one on. */
export function putRuns(folder: string, from: number, packs: number): void {
  const keys = new DerivedKeys(suite, secrets);
  const hash = openKeyedHash(suite.hash, keys.idKey);
  mkdirSync(join(folder, 'index'), { recursive: true });
  for (let first = from; first < from + packs; first += RUN_PACKS) {
    const count = Math.min(RUN_PACKS, from + packs - first);
    const lists = Array.from({ length: count }, (_, i) => listOf(first + i));
    const { run, bytes } = encodeRun(lists, 1, keys, hash);
    writeFileSync(join(folder, indexName(run)), bytes);
  }
}
