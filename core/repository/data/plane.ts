import { type Call, type DedupeMode, type DiskSink, HoldfastError, type MoveResult } from '@holdfast/api';
import type { DataPlane, DataPlaneOptions, DataWriter, PackScan } from '../data-plane.ts';
import type { DiskContents, Piece } from '../disk-contents.ts';
import type { RepositorySecrets, Suite } from '../suite.ts';
import { CollectorPlane } from './collect/collector-plane.ts';
import { type MovedRecords, type MoveRecords, moveRecords } from './collect/move-records.ts';
import type { GroupedChunks } from './collect/move-work.ts';
import { Movers } from './collect/movers.ts';
import type { RecordSource } from './collect/record-mover.ts';
import { IndexKeeper } from './index/index-keeper.ts';
import { rebuildIndex } from './index/rebuild.ts';
import { SecondLook } from './index/second-look.ts';
import { wrongRuns } from './index/wrong-runs.ts';
import type { ServedDisk, ServedSource } from './lanes/served-disk.ts';
import { ServedDisks } from './lanes/served-disks.ts';
import { type StartLane, startThreadLane } from './lanes/started-lane.ts';
import { ThreadPool } from './lanes/thread-pool.ts';
import { fetchPack, locatePack } from './packs/pack-serving.ts';
import { scanPacks } from './packs/scan-packs.ts';
import { damaged } from './read/disk-map.ts';
import { DiskReading } from './read/disk-reading.ts';
import { readPieces } from './read/read-pieces.ts';
import { readRange } from './read/read-range.ts';
import type { ReadingParts } from './read/reading-parts.ts';
import { type WeighedPack, weighPacks } from './salvage/weigh-packs.ts';
import { PlaneWriter } from './write/data-writer.ts';
import { Meter } from './write/meter.ts';
import { Turnstile } from './write/turnstile.ts';
import { Writers } from './write/writers.ts';
import { MAX_LEVEL, MIN_LEVEL } from './zstd/compressor.ts';

const MIB = 1024 * 1024;
const PACK_BYTES = 32 * MIB;
const LEAST_PACK_BYTES = 8 * MIB;
/** Memory for packs that are open or on their way, over all threads: for the usual two, and for more. */
const PACK_MEMORY_BYTES = { few: 80 * MIB, many: 136 * MIB };
const TABLE_SLOTS = 2 ** 18;

/** The data plane over worker threads. */
export class Plane implements DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #tableSlots: number;
  readonly #pool: ThreadPool;
  readonly #keeper: IndexKeeper;
  readonly #turnstile = new Turnstile();
  readonly #writers = new Writers();
  readonly #movers = new Movers();
  readonly #served = new ServedDisks();
  readonly #reading: ReadingParts;
  readonly #secondLooks = new WeakMap<Call, SecondLook>();

  /**
   * @param tableSlots Slots of the table of ids that the threads of a writer share. Tests use few.
   * @param startLane How a lane is started.
   */
  constructor(
    options: DataPlaneOptions,
    cacheFolder: string,
    tableSlots = TABLE_SLOTS,
    startLane: StartLane = startThreadLane,
  ) {
    assertKnown(options.suite);
    assertPossible(options);
    this.#options = options;
    this.#tableSlots = tableSlots;
    const { store, suite, secrets, level, workers } = options;
    this.#pool = new ThreadPool(
      Math.max(1, workers),
      { suite, secrets, level },
      {
        ...this.#writers.handlers(),
        ...this.#movers.handlers(),
        ...this.#served.handlers(),
        locate: (pack: string) => locatePack(store, this.#keeper.listing, pack),
        fetch: ({ pack, offset, length }: { pack: string; offset: number; length: number }) =>
          fetchPack(store, pack, offset, length),
      },
      startLane,
    );
    const keys = { repositoryId: suite.repositoryId, secrets };
    const { learn } = options;
    const parts = { store, keys, folder: cacheFolder, pool: this.#pool };
    this.#keeper = new IndexKeeper(learn === undefined ? parts : { ...parts, learn });
    this.#reading = {
      pool: this.#pool,
      keeper: this.#keeper,
      readChunk: (id, call) => this.#read(id, call),
    };
  }

  refresh(call: Call): Promise<void> {
    return this.#keeper.refresh(call);
  }

  openWriter(lease: string, dedupe: DedupeMode = 'immediate'): DataWriter {
    const { store, suite } = this.#options;
    const { width } = this.#pool;
    const packBytes = this.#options.packBytes ?? packBytesFor(width);
    // One for each thread to fill, and one that is on its way.
    const buffers = width + 1;
    return new PlaneWriter(
      {
        store,
        suite,
        pool: this.#pool,
        keeper: this.#keeper,
        turnstile: this.#turnstile,
        reading: this.#reading,
        writers: this.#writers,
      },
      { lease, dedupe, packBytes, buffers, tableSlots: this.#tableSlots },
    );
  }

  serve(disk: ServedDisk): ServedSource {
    return this.#served.serve(disk);
  }

  async chunk(id: Uint8Array, call: Call): Promise<Uint8Array> {
    const chunk = await this.#read(id, call);
    if (chunk !== null) return chunk;
    const name = Buffer.from(id).toString('hex');
    throw damaged(`chunk ${name} is lost`, { chunk: name });
  }

  pieces(contents: DiskContents, call: Call): AsyncIterable<readonly Piece[]> {
    return readPieces(this.#reading, contents, call);
  }

  async restoreDisk(contents: DiskContents, to: DiskSink, call: Call): Promise<MoveResult> {
    const reading = new DiskReading(this.#reading, contents, to, call);
    using meter = new Meter(call, 'restoring a disk', contents.dataBytes, this.#pool.width, () => reading);
    await reading.run();
    reading.assertWhole();
    return {
      readBytes: reading.doneBytes,
      zeroBytes: contents.sizeBytes - contents.dataBytes,
      duplicateBytes: 0,
      newBytes: reading.doneBytes,
      storedBytes: 0,
      durationMs: meter.durationMs,
      bottleneck: meter.bottleneck,
    };
  }

  readDisk(
    contents: DiskContents,
    range: { readonly offset: number; readonly length: number },
    call: Call,
  ): AsyncIterable<Uint8Array> {
    return readRange(this.#reading, contents, range, call);
  }

  async verifyDisk(contents: DiskContents, call: Call): Promise<readonly Piece[]> {
    const reading = new DiskReading(this.#reading, contents, null, call);
    await reading.run();
    return reading.lost();
  }

  scan(tier: 'fast' | 'full', call: Call): Promise<PackScan> {
    return scanPacks(this.#pool, this.#keeper, tier, call);
  }

  async has(id: Uint8Array): Promise<boolean> {
    return this.#keeper.view.all(id).length > 0;
  }

  async totals(): Promise<{ readonly chunks: number; readonly uniqueBytes: number; readonly packs: number }> {
    const sums = await this.#pool.ask<{ chunks: number; uniqueBytes: number }>('cache.totals', this.#keeper.shared);
    return { ...sums, packs: this.#keeper.listing.packs.size };
  }

  rebuild(leases: readonly string[], call: Call): Promise<{ readonly runs: number; readonly repaired: number }> {
    return rebuildIndex(this.#options.store, this.#pool, this.#keeper, new Set(leases), call);
  }

  wrongRuns(call: Call): Promise<ReadonlyMap<string, string>> {
    return wrongRuns(this.#options.store, this.#pool, call);
  }

  weighPacks(packs: readonly string[], call: Call): Promise<readonly WeighedPack[]> {
    return weighPacks(this.#pool, this.#keeper, this.#reading.readChunk, packs, call);
  }

  moveRecords(how: MoveRecords, call: Call): Promise<MovedRecords> {
    const { width } = this.#pool;
    const memory = { packBytes: this.#options.packBytes ?? packBytesFor(width), buffers: width + 1 };
    const { store } = this.#options;
    return moveRecords({ store, pool: this.#pool, keeper: this.#keeper }, this.#movers, memory, how, call);
  }

  collector(): CollectorPlane {
    return new CollectorPlane(this.#options.store, this.#pool, this.#keeper);
  }

  asSource(): RecordSource {
    const { store, suite, secrets } = this.#options;
    return { store, suite, secrets, listing: this.#keeper.listing };
  }

  groupByPack(ids: Uint8Array, call: Call): Promise<GroupedChunks> {
    return this.#pool.ask<GroupedChunks>('move.group', { index: this.#keeper.shared, ids }, call.signal);
  }

  absent(ids: Uint8Array, call: Call): Promise<Uint8Array> {
    return this.#pool.ask<Uint8Array>('move.absent', { index: this.#keeper.shared, ids }, call.signal);
  }

  learned(secrets: RepositorySecrets): void {
    this.#pool.tellEach('keys.learn', secrets);
  }

  warm(): void {
    this.#pool.threads(this.#pool.width);
  }

  async close(): Promise<void> {
    await this.#pool.close();
    await this.#keeper.close();
  }

  async #read(id: Uint8Array, call: Call): Promise<Uint8Array | null> {
    const ask = () =>
      this.#pool.ask<Uint8Array | null>(
        'read.chunk',
        { index: this.#keeper.shared, id: Uint8Array.from(id) },
        call.signal,
      );
    const looked = this.#secondLooks.get(call);
    await looked?.take();
    const chunk = await ask();
    // Once for each piece of work: of a target that has lost much thousands of chunks are asked for.
    if (chunk !== null || looked !== undefined) return chunk;
    const secondLook = this.#secondLooks.get(call) ?? new SecondLook(this.#keeper, call);
    this.#secondLooks.set(call, secondLook);
    await secondLook.take();
    return ask();
  }
}

/** Fewer bytes where many threads each fill a pack. A gibibyte in forty packs is what a cloud can be asked to take. */
function packBytesFor(workers: number): number {
  const memory = workers <= 2 ? PACK_MEMORY_BYTES.few : PACK_MEMORY_BYTES.many;
  return Math.min(PACK_BYTES, Math.max(LEAST_PACK_BYTES, Math.floor(memory / (workers + 1))));
}

function assertPossible({ level, workers }: DataPlaneOptions): void {
  if (
    Number.isInteger(level) &&
    level >= MIN_LEVEL &&
    level <= MAX_LEVEL &&
    Number.isInteger(workers) &&
    workers >= 0
  ) {
    return;
  }
  throw new HoldfastError('CONFIG_INVALID', `compression at level ${level} by ${workers} threads is not possible`, {
    remedy: `choose a level from ${MIN_LEVEL} to ${MAX_LEVEL} and none or more threads`,
  });
}

function assertKnown({ chunker, segmentBytes }: Suite): void {
  const { kind, blockBytes, minimumBytes, averageBytes, maximumBytes, windowBytes } = chunker;
  const sizes = [minimumBytes, averageBytes, maximumBytes, windowBytes];
  const fits =
    kind === 'aligned' &&
    blockBytes === 4096 &&
    sizes.every((size) => Number.isSafeInteger(size) && size > 0 && size % blockBytes === 0) &&
    minimumBytes <= averageBytes &&
    averageBytes <= maximumBytes &&
    maximumBytes <= windowBytes &&
    windowBytes <= 4 * 1024 * 1024 &&
    Number.isInteger(Math.log2(averageBytes / blockBytes)) &&
    segmentBytes > 0 &&
    segmentBytes <= 1024 * 1024 * 1024 &&
    segmentBytes % windowBytes === 0;
  if (fits) return;
  throw new HoldfastError('REPOSITORY_NEWER', 'the repository cuts disks in a way that this version does not know');
}
