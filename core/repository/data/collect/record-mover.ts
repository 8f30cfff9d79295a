import { type Call, HoldfastError, type ObjectStore } from '@holdfast/api';
import type { FlatList } from '../index/cache-work.ts';
import type { IndexKeeper } from '../index/index-keeper.ts';
import type { PackListing } from '../index/pack-listing.ts';
import { indexName } from '../index/run-object.ts';
import { CONTROL, SUMS } from '../lanes/protocol.ts';
import type { Thread, ThreadPool } from '../lanes/thread-pool.ts';
import { Handover } from '../lanes/wire.ts';
import { putObject } from '../write/put-object.ts';
import { type ShippedPack, Shipper } from '../write/shipper.ts';
import type { MovedPack, MoveOrder, MoveReport, MoveSetup, SourceKeys } from './move-protocol.ts';

/** Where records are taken from, when that is another repository. It must be of the same family: chunk ids are taken over. */
export interface RecordSource extends SourceKeys {
  readonly store: ObjectStore;
  /** Its packs; kept up to date by its owner. */
  readonly listing: PackListing;
}

/** What a mover works with. */
export interface MoverParts {
  readonly store: ObjectStore;
  readonly pool: ThreadPool;
  readonly keeper: IndexKeeper;
}

export interface MoverOptions {
  /** Names the mover within this process. */
  readonly number: number;
  readonly lease: string;
  /** Number of the first index run. */
  readonly firstRun: number;
  readonly source: RecordSource | null;
  /** Whether plain records are compressed. */
  readonly finish: boolean;
  /** Most bytes a second that are read; 0 for no limit. */
  readonly limit: number;
  readonly packBytes: number;
  /** Packs in memory at once, open or on their way. */
  readonly buffers: number;
}

/** New packs that one index run lists: some 250,000 chunks of the usual size. */
const RUN_PACKS = 256;
const MOST_NUMBERS = 4096;
/** How long threads may take to stop. */
const MOST_STOP_MS = 700;

/** Moves records between packs with all threads. The first failure ends it: what is durable by then is found by whoever begins anew. */
export class RecordMover {
  readonly number: number;
  /** Index runs and packs that are durable. */
  readonly runs: string[] = [];
  readonly packs: string[] = [];
  readonly #parts: MoverParts;
  readonly #options: MoverOptions;
  readonly #shipper: Shipper;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL.words * 4));
  readonly #sums = new BigInt64Array(new SharedArrayBuffer(SUMS.words * 8));
  /** Threads that have not answered, and how many orders. */
  readonly #asked = new Map<Thread, number>();
  #threads: readonly Thread[] = [];
  #shipped: ShippedPack[] = [];
  #granted = 0;
  #run: number;
  #failure: unknown = null;

  constructor(parts: MoverParts, options: MoverOptions) {
    this.number = options.number;
    this.#parts = parts;
    this.#options = options;
    this.#run = options.firstRun;
    const states = new Int32Array(MOST_NUMBERS);
    this.#shipper = new Shipper(parts.store, states, options.packBytes, options.buffers, {
      durable: (pack) => {
        this.#shipped.push(pack);
        this.packs.push(pack.pack);
      },
      lost: (_number, cause) => this.fail(cause),
      failed: (cause) => this.fail(cause),
    });
  }

  /** The other repository that records are taken from. */
  get foreignSource(): RecordSource {
    const { source } = this.#options;
    if (source === null) throw new Error('a thread asked for packs of another repository where there is none');
    return source;
  }

  /** Bytes of all objects that are durable. */
  get storedBytes(): number {
    return this.#shipper.storedBytes;
  }

  /** Number that the next index run would have. */
  get nextRun(): number {
    return this.#run;
  }

  /** Orders that may be under way at once: one for each thread, and one more each where reading is a journey. */
  get width(): number {
    return Math.max(1, this.#threads.length) * 2;
  }

  async begin(call: Call): Promise<void> {
    this.#shipper.actFor(call);
    this.#threads = this.#parts.pool.threads(this.#parts.pool.width);
    const { lease, source, finish, limit } = this.#options;
    const setup: MoveSetup = {
      mover: this.number,
      lease,
      run: this.#run,
      source: source === null ? null : { suite: source.suite, secrets: source.secrets },
      finish,
      limit,
      control: this.#control.buffer as SharedArrayBuffer,
      sums: this.#sums.buffer as SharedArrayBuffer,
    };
    await this.#all('move.begin', setup);
  }

  /** Gives an order to the thread that has least to do. */
  async move(order: MoveOrder, checkOnly: boolean): Promise<MoveReport> {
    this.assertWell();
    const [first, ...others] = this.#threads;
    if (first === undefined) throw new Error('records cannot be moved before the mover has begun');
    const thread = others.reduce((least, other) => (other.load < least.load ? other : least), first);
    this.#asked.set(thread, (this.#asked.get(thread) ?? 0) + 1);
    try {
      return await thread.ask<MoveReport>('move.records', { ...order, mover: this.number, checkOnly });
    } catch (cause) {
      this.fail(cause);
      throw this.#failure;
    } finally {
      const left = (this.#asked.get(thread) ?? 1) - 1;
      if (left === 0) this.#asked.delete(thread);
      else this.#asked.set(thread, left);
    }
  }

  /** Whether it is time for an index run. */
  get isRunFull(): boolean {
    return this.#shipped.length >= RUN_PACKS;
  }

  /** Seals all packs, waits until they are durable and puts their index run. No order may be under way. */
  async settle(call: Call): Promise<void> {
    await this.#all('move.turn', { mover: this.number, run: this.#run + 1 });
    await this.#shipper.settled();
    this.assertWell();
    const packs = this.#shipped;
    this.#shipped = [];
    this.#granted = 0;
    if (packs.length > 0) await this.#putRun(packs, call);
    this.#run++;
  }

  /** Memory for a pack that a thread begins. */
  async grant(plainBytes: number): Promise<Handover> {
    const memory = await this.#shipper.memory(plainBytes);
    return new Handover({ memory, number: this.#granted++ % MOST_NUMBERS }, [memory]);
  }

  /** A pack that a thread has sealed. */
  ship(pack: MovedPack): void {
    this.#shipper.ship({ ...pack, writer: pack.mover });
  }

  /** Ends everything for this reason; the first one counts. */
  fail(cause: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = cause;
    Atomics.store(this.#control, CONTROL.stop, 1);
    this.#shipper.stop();
    // Whoever waits is answered within a second, even when a device does not answer at all.
    setTimeout(() => {
      for (const thread of this.#asked.keys()) thread.giveUp();
    }, MOST_STOP_MS).unref();
  }

  assertWell(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** Lets go of all memory; what is still on its way is stopped. */
  async end(): Promise<void> {
    const threads = this.#threads;
    this.fail(new HoldfastError('CANCELLED', 'moving records has ended'));
    await Promise.all(threads.map((thread) => thread.ask('move.end', { mover: this.number }).catch(() => {})));
    await this.#shipper.settled();
  }

  async #putRun(packs: readonly ShippedPack[], call: Call): Promise<void> {
    const generation = packs.reduce((most, pack) => Math.max(most, pack.generation), 0);
    const lists: FlatList[] = packs.map(({ pack, list }) => ({ pack, list }));
    const order = { lists, generation };
    const { run, bytes } = await this.#parts.pool.ask<{ run: string; bytes: Uint8Array }>('index.encode', order);
    await putObject(this.#parts.store, indexName(run), bytes, call);
    this.#shipper.storedBytes += bytes.length;
    this.runs.push(run);
    await this.#parts.keeper.add(run, packs, call);
  }

  async #all(what: string, argument: unknown): Promise<void> {
    try {
      await Promise.all(this.#threads.map((thread) => thread.ask<void>(what, argument)));
    } catch (cause) {
      this.fail(cause);
      throw this.#failure;
    }
  }
}
