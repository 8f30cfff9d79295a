import type { Call, DedupeMode, ObjectStore } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { IndexKeeper } from '../index/index-keeper.ts';
import { indexName } from '../index/run-object.ts';
import {
  CONTROL,
  MOST_PACKS,
  PACK_DURABLE,
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
import { distrust } from './distrust.ts';
import { putObject } from './put-object.ts';
import { type ShippedPack, Shipper } from './shipper.ts';

/** What a team is told when it begins. */
export interface TeamOptions {
  /** Names the writer within this process. */
  readonly number: number;
  readonly lease: string;
  readonly dedupe: DedupeMode;
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

const MOST_DEATHS = 3;
/** How long threads may take to stop. */
const MOST_STOP_MS = 700;

/** What threads do together for one writer: what they share, and what they have made since the last index run. */
export class Team {
  readonly number: number;
  events: TeamEvents | null = null;
  /** Index runs that were put. */
  readonly runs: string[] = [];
  readonly sums = new BigInt64Array(new SharedArrayBuffer(SUMS.words * 8));
  readonly shipper: Shipper;
  readonly #pool: ThreadPool;
  readonly #keeper: IndexKeeper;
  readonly #store: ObjectStore;
  readonly #lease: string;
  readonly #dedupe: DedupeMode;
  /** Packs that are to be deduplicated later, with their sizes; durable, and in an index run. */
  readonly landed = new Map<string, number>();
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL.words * 4));
  readonly #states = new Int32Array(new SharedArrayBuffer(MOST_PACKS * 4));
  readonly #tableMemory: SharedArrayBuffer;
  /** Threads that take part, with the packs that each has open. */
  readonly #openPacks = new Map<Thread, Set<number>>();
  /** Packs that are not durable yet and that disks need which are finished. */
  readonly #pledged = new Set<number>();
  readonly #distrusted = new Map<string, Uint8Array>();
  /** Threads that have not answered, and how many questions. */
  readonly #asked = new Map<Thread, number>();
  #shipped: ShippedPack[] = [];
  #run = 0;
  #deaths = 0;
  #failure: unknown = null;

  constructor(pool: ThreadPool, keeper: IndexKeeper, store: ObjectStore, options: TeamOptions) {
    this.number = options.number;
    this.#pool = pool;
    this.#keeper = keeper;
    this.#store = store;
    this.#lease = options.lease;
    this.#dedupe = options.dedupe;
    this.#tableMemory = idTableMemory(options.tableSlots);
    this.shipper = new Shipper(store, this.#states, options.packBytes, options.buffers, {
      durable: (pack) => this.#isDurable(pack),
      lost: (number, cause) => this.#isLost(number, cause),
      failed: (cause) => this.fail(cause),
    });
  }

  /** What makes it impossible to go on; `null` while all is well. */
  get failure(): unknown {
    return this.#failure;
  }

  isLost(pack: number): boolean {
    return Atomics.load(this.#states, pack) === PACK_LOST;
  }

  /** A chunk that the index knows but that cannot be read: when it comes again it is stored. */
  distrust(id: Uint8Array): void {
    this.#distrusted.set(Buffer.from(id).toString('hex'), Uint8Array.from(id));
    distrust(new IdTable(this.#tableMemory), this.#states, id);
  }

  /** A disk is finished that needs these packs: from now on none of them may get lost. */
  pledge(packs: Iterable<number>): void {
    for (const pack of packs) if (Atomics.load(this.#states, pack) !== PACK_DURABLE) this.#pledged.add(pack);
  }

  /** Ends everything for this reason; the first one counts. */
  fail(cause: unknown): void {
    if (this.#failure !== null) return;
    this.#failure = cause;
    Atomics.store(this.#control, CONTROL.stop, 1);
    this.shipper.stop();
    // Whoever waits is answered within a second, even when a device does not answer at all.
    setTimeout(() => {
      for (const thread of this.#asked.keys()) thread.giveUp();
    }, MOST_STOP_MS).unref();
  }

  /** Works on units with all threads. Answers whether the table was found crowded. */
  async round(round: Round): Promise<boolean> {
    Atomics.store(this.#control, CONTROL.next, 0);
    const threads = await this.#threads(round.units.length);
    const ends = await Promise.all(threads.map((thread) => this.#askOrLose<RoundEnd>(thread, 'write.round', round)));
    return ends.includes('crowded');
  }

  /** Stores one chunk, on whichever thread has least to do. */
  async store(plain: Uint8Array): Promise<StoredChunk> {
    for (;;) {
      this.#assertWell();
      const threads = this.#openPacks.size > 0 ? [...this.#openPacks.keys()] : await this.#threads(1);
      const [first, ...others] = threads;
      if (first === undefined) continue;
      const thread = others.reduce((least, other) => (other.load < least.load ? other : least), first);
      const stored = await this.#askOrLose<StoredChunk>(thread, 'write.store', { writer: this.number, plain });
      if (stored !== null) return stored;
    }
  }

  /** Seals all packs, waits until they are durable and puts their index run. */
  async settle(call: Call): Promise<void> {
    await this.#askAll('write.seal', { writer: this.number });
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
    if (this.#dedupe === 'deferred') for (const { pack, sizeBytes } of packs) this.landed.set(pack, sizeBytes);
    this.#shipped = [];
    await this.#keeper.add(object.run, packs, call);
  }

  /** Empties the table: what was stored so far is found through the index from now on. */
  async turn(call: Call): Promise<void> {
    await this.settle(call);
    this.#run++;
    const table = new IdTable(this.#tableMemory);
    table.clear();
    this.#states.fill(0);
    for (const id of this.#distrusted.values()) distrust(table, this.#states, id);
    Atomics.store(this.#control, CONTROL.packs, 0);
    await this.#askAll('write.turn', { writer: this.number, run: this.#run, index: this.#keeper.shared });
  }

  /** Memory for a pack that a thread begins. */
  async grant(thread: Thread, plainBytes: number): Promise<Handover> {
    const memory = await this.shipper.memory(plainBytes);
    const number = Atomics.add(this.#control, CONTROL.packs, 1);
    this.#openPacks.get(thread)?.add(number);
    return new Handover({ memory, number }, [memory]);
  }

  /** A pack that a thread has sealed. */
  ship(thread: Thread, report: PackReport): void {
    this.#openPacks.get(thread)?.delete(report.number);
    this.shipper.ship(report);
  }

  /** Ends the work of this writer. What is still on its way is stopped. */
  async end(): Promise<void> {
    this.fail(new HoldfastError('CANCELLED', 'the writer has ended'));
    const threads = [...this.#openPacks.keys()];
    this.#openPacks.clear();
    await Promise.all(threads.map((thread) => thread.ask('write.end', { writer: this.number }).catch(() => {})));
    await this.shipper.settled();
  }

  #assertWell(): void {
    if (this.#failure !== null) throw this.#failure;
  }

  /** So many threads of the pool, all of them set up for this writer. */
  async #threads(count: number): Promise<Thread[]> {
    const wanted = this.#pool.threads(count);
    const fresh = wanted.filter((thread) => !this.#openPacks.has(thread));
    for (const thread of fresh) this.#openPacks.set(thread, new Set());
    await Promise.all(fresh.map((thread) => this.#askOrLose<void>(thread, 'write.begin', this.#setup())));
    this.#assertWell();
    return wanted.filter((thread) => this.#openPacks.has(thread));
  }

  #setup(): WriteSetup {
    return {
      writer: this.number,
      lease: this.#lease,
      run: this.#run,
      dedupe: this.#dedupe,
      table: this.#tableMemory,
      states: this.#states.buffer as SharedArrayBuffer,
      control: this.#control.buffer as SharedArrayBuffer,
      sums: this.sums.buffer as SharedArrayBuffer,
      index: this.#keeper.shared,
    };
  }

  async #askAll(what: string, argument: unknown): Promise<void> {
    await Promise.all([...this.#openPacks.keys()].map((thread) => this.#askOrLose<void>(thread, what, argument)));
  }

  /** `null` when the thread has died: what it had in memory is lost, what it had claimed comes again. */
  async #askOrLose<T>(thread: Thread, what: string, argument: unknown): Promise<T | null> {
    this.#asked.set(thread, (this.#asked.get(thread) ?? 0) + 1);
    try {
      return await thread.ask<T>(what, argument);
    } catch (cause) {
      if (isHoldfastError(cause, 'WORKER_LOST')) this.#mourn(thread, cause);
      else this.fail(cause);
      return null;
    } finally {
      const left = (this.#asked.get(thread) ?? 1) - 1;
      if (left === 0) this.#asked.delete(thread);
      else this.#asked.set(thread, left);
    }
  }

  #mourn(thread: Thread, cause: unknown): void {
    const open = this.#openPacks.get(thread);
    if (open === undefined) return;
    this.#openPacks.delete(thread);
    for (const number of open) {
      Atomics.store(this.#states, number, PACK_LOST);
      this.shipper.replaceMemory();
      this.#isLost(number, cause);
    }
    if (++this.#deaths > MOST_DEATHS) this.fail(cause);
  }

  /** What a disk that is finished needs cannot be read again: the disk may be closed by now. */
  #isLost(pack: number, cause: unknown): void {
    if (this.#pledged.has(pack)) this.fail(cause);
    else this.events?.lost(pack);
  }

  #isDurable(pack: ShippedPack): void {
    this.#shipped.push(pack);
    this.#pledged.delete(pack.number);
    this.events?.durable(pack.number);
  }
}
