import type { Call, ObjectStore } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { IndexKeeper } from '../index/index-keeper.ts';
import { indexName } from '../index/run-object.ts';
import {
  CONTROL,
  PACK_LOST,
  type PackReport,
  type Round,
  type RoundEnd,
  type StoredChunk,
  SUMS,
  type UnitReport,
  type WriteSetup,
} from '../lanes/protocol.ts';
import type { Thread, ThreadPool } from '../lanes/thread-pool.ts';
import { Handover } from '../lanes/wire.ts';
import { IdTable, idTableMemory } from '../table/id-table.ts';
import { putObject } from './put-object.ts';
import { type ShippedPack, Shipper } from './shipper.ts';

/** What a team is told when it begins. */
export interface TeamOptions {
  readonly lease: string;
  readonly packBytes: number;
  /** Packs in memory at once, open or on their way. */
  readonly buffers: number;
  /** Slots of the table of ids. */
  readonly tableSlots: number;
}

/** Who hears of what the threads have done. */
export interface TeamEvents {
  units(report: UnitReport): void;
  durable(pack: number): void;
  lost(pack: number): void;
}

const MOST_PACKS = 16_384;
const MOST_DEATHS = 3;

/** The threads of one writer, what they share, and what they have made since the last index run. */
export class Team {
  events: TeamEvents | null = null;
  /** Index runs that were put. */
  readonly runs: string[] = [];
  readonly sums = new BigInt64Array(new SharedArrayBuffer(SUMS.words * 8));
  readonly shipper: Shipper;
  readonly #pool: ThreadPool;
  readonly #keeper: IndexKeeper;
  readonly #store: ObjectStore;
  readonly #lease: string;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL.words * 4));
  readonly #states = new Int32Array(new SharedArrayBuffer(MOST_PACKS * 4));
  readonly #tableMemory: SharedArrayBuffer;
  readonly #openPacks = new Map<Thread, Set<number>>();
  #shipped: ShippedPack[] = [];
  #run = 0;
  #deaths = 0;
  #failure: unknown = null;

  constructor(pool: ThreadPool, keeper: IndexKeeper, store: ObjectStore, options: TeamOptions) {
    this.#pool = pool;
    this.#keeper = keeper;
    this.#store = store;
    this.#lease = options.lease;
    this.#tableMemory = idTableMemory(options.tableSlots);
    this.shipper = new Shipper(store, this.#states, options.packBytes, options.buffers, {
      durable: (pack) => this.#isDurable(pack),
      lost: (number) => this.events?.lost(number),
      failed: (cause) => this.fail(cause),
    });
  }

  /** What makes it impossible to go on; `null` while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  get width(): number {
    return this.#pool.width;
  }

  isLost(pack: number): boolean {
    return Atomics.load(this.#states, pack) === PACK_LOST;
  }

  /** Ends everything for this reason; the first one counts. */
  fail(cause: unknown): void {
    this.#failure ??= cause;
    Atomics.store(this.#control, CONTROL.stop, 1);
    this.shipper.stop();
  }

  /** Works on units with all threads. Answers whether the table was found crowded. */
  async round(round: Round): Promise<boolean> {
    Atomics.store(this.#control, CONTROL.next, 0);
    const threads = await this.#threads(Math.min(this.#pool.width, round.units.length));
    const ends = await Promise.all(threads.map((thread) => this.#askOrLose<RoundEnd>(thread, 'write.round', round)));
    return ends.includes('crowded');
  }

  /** Stores one chunk, on whichever thread has least to do. */
  async store(plain: Uint8Array): Promise<StoredChunk> {
    for (;;) {
      this.#assertWell();
      const threads = await this.#threads(1);
      const thread = threads.reduce((least, other) => (other.load < least.load ? other : least));
      const stored = await this.#askOrLose<StoredChunk>(thread, 'write.store', plain);
      if (stored !== null) return stored;
    }
  }

  /** Seals all packs, waits until they are durable and puts their index run. */
  async settle(call: Call): Promise<void> {
    await Promise.all([...this.#openPacks.keys()].map((thread) => this.#askOrLose<void>(thread, 'write.seal', null)));
    await this.shipper.settled();
    this.#assertWell();
    if (this.#shipped.length === 0) return;
    const packs = this.#shipped;
    const generation = packs.reduce((most, pack) => Math.max(most, pack.generation), 0);
    const lists = packs.map(({ pack, list }) => ({ pack, list }));
    const object = await this.#pool.ask<{ run: string; bytes: Uint8Array }>('index.encode', { lists, generation });
    await putObject(this.#store, indexName(object.run), object.bytes, call);
    this.shipper.storedBytes += object.bytes.length;
    this.runs.push(object.run);
    this.#shipped = [];
    await this.#keeper.add(object.run, packs);
  }

  /** Empties the table: what was stored so far is found through the index from now on. */
  async turn(call: Call): Promise<void> {
    await this.settle(call);
    this.#run++;
    new IdTable(this.#tableMemory).clear();
    this.#states.fill(0);
    Atomics.store(this.#control, CONTROL.packs, 0);
    const turn = { run: this.#run, index: this.#keeper.shared };
    await Promise.all([...this.#openPacks.keys()].map((thread) => this.#askOrLose<void>(thread, 'write.turn', turn)));
  }

  /** Lets the threads go. What is still on its way is stopped. */
  async end(): Promise<void> {
    this.fail(new HoldfastError('CANCELLED', 'the writer has ended'));
    const threads = [...this.#openPacks.keys()];
    this.#openPacks.clear();
    await Promise.all(threads.map((thread) => thread.ask('write.end', null).catch(() => {})));
    await this.shipper.settled();
    this.#pool.giveBack(threads);
  }

  #assertWell(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** At least this many threads, all of them set up. */
  async #threads(count: number): Promise<Thread[]> {
    const missing = count - this.#openPacks.size;
    if (missing > 0) {
      const fresh = this.#pool.borrow(missing);
      for (const thread of fresh) this.#welcome(thread);
      await Promise.all(fresh.map((thread) => this.#askOrLose<void>(thread, 'write.begin', this.#setup())));
    }
    const threads = [...this.#openPacks.keys()];
    if (threads.length >= count) return threads;
    this.#assertWell();
    return this.#threads(count);
  }

  #welcome(thread: Thread): void {
    const open = new Set<number>();
    this.#openPacks.set(thread, open);
    thread.borrower = {
      memory: async (plainBytes: number) => {
        const memory = await this.shipper.memory(plainBytes);
        const number = Atomics.add(this.#control, CONTROL.packs, 1);
        open.add(number);
        return new Handover({ memory, number }, [memory]);
      },
      pack: (report: PackReport) => {
        open.delete(report.number);
        this.shipper.ship(report);
      },
      units: (report: UnitReport) => this.events?.units(report),
    };
  }

  #setup(): WriteSetup {
    return {
      lease: this.#lease,
      run: this.#run,
      table: this.#tableMemory,
      states: this.#states.buffer as SharedArrayBuffer,
      control: this.#control.buffer as SharedArrayBuffer,
      sums: this.sums.buffer as SharedArrayBuffer,
      index: this.#keeper.shared,
    };
  }

  /** `null` when the thread has died: what it had in memory is lost, what it had claimed comes again. */
  async #askOrLose<T>(thread: Thread, what: string, argument: unknown): Promise<T | null> {
    try {
      return await thread.ask<T>(what, argument);
    } catch (cause) {
      if (!isHoldfastError(cause, 'WORKER_LOST')) {
        this.fail(cause);
        return null;
      }
      const open = this.#openPacks.get(thread);
      this.#openPacks.delete(thread);
      for (const number of open ?? []) {
        Atomics.store(this.#states, number, PACK_LOST);
        this.shipper.replaceMemory();
        this.events?.lost(number);
      }
      if (open !== undefined && ++this.#deaths > MOST_DEATHS) this.fail(cause);
      return null;
    }
  }

  #isDurable(pack: ShippedPack): void {
    this.#shipped.push(pack);
    this.events?.durable(pack.number);
  }
}
