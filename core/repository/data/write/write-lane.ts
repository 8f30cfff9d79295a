import { randomBytes } from 'node:crypto';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import { Cutter } from '../cut/cutter.ts';
import { IndexView, type SharedIndex } from '../index/index-view.ts';
import { openSource } from '../lanes/disks.ts';
import { monotonicNs } from '../lanes/monotonic.ts';
import {
  CONTROL,
  type PackGrant,
  type PackReport,
  type Round,
  type RoundEnd,
  type StoredChunk,
  SUMS,
  type WindowReport,
  type WriteSetup,
} from '../lanes/protocol.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Wire } from '../lanes/wire.ts';
import { IdTable } from '../table/id-table.ts';
import { openCompressor } from '../zstd/compressor.ts';
import { ChunkStore } from './chunk-store.ts';
import { keepPace } from './pace.ts';
import { cutWindow, WindowList, WindowMemory } from './window.ts';

/** Windows that are reported together. */
const REPORT_WINDOWS = 4;

/** A thread's part in a writer: claims windows, cuts them and stores their chunks in its own pack. */
export class WriteLane {
  readonly #context: ThreadContext;
  readonly #wire: Wire;
  readonly #lease: string;
  #run: number;
  readonly #control: Int32Array;
  readonly #sums: BigInt64Array;
  readonly #states: Int32Array;
  readonly #table: IdTable;
  readonly #store: ChunkStore;
  readonly #cutter: Cutter;
  readonly #window: WindowMemory;
  #newPack: Promise<void> | null = null;

  constructor(context: ThreadContext, wire: Wire, setup: WriteSetup) {
    const { suite, keys, level } = context;
    this.#context = context;
    this.#wire = wire;
    this.#lease = setup.lease;
    this.#run = setup.run;
    this.#control = new Int32Array(setup.control);
    this.#sums = new BigInt64Array(setup.sums);
    this.#states = new Int32Array(setup.states);
    this.#table = new IdTable(setup.table);
    this.#cutter = new Cutter(suite.chunker, keys.cutKey);
    this.#window = new WindowMemory(suite.chunker.windowBytes);
    this.#store = new ChunkStore(
      {
        hash: context.hash,
        keys,
        compress: openCompressor(level, suite.chunker.maximumBytes),
        table: this.#table,
        states: this.#states,
        sums: this.#sums,
      },
      new IndexView(setup.index),
    );
  }

  /** A new index run begins: the table has been emptied. */
  turn(run: number, index: SharedIndex): void {
    this.#run = run;
    this.#store.setIndex(new IndexView(index));
  }

  /** Works on windows until there are no more, the table is crowded, or everything is told to stop. */
  async round(round: Round): Promise<RoundEnd> {
    const reader = await openSource(round.from);
    const report = new Report(this.#wire);
    try {
      for (;;) {
        if (this.#isStopped()) return 'stopped';
        if (this.#isCrowded()) return 'crowded';
        const claim = Atomics.add(this.#control, CONTROL.next, 1);
        const window = round.windows[claim];
        if (window === undefined) return 'done';
        if (!(await this.#handle(window, reader, round.limit, report))) return 'stopped';
        // Lets in what the main thread wants stored meanwhile.
        await new Promise(setImmediate);
      }
    } finally {
      report.send();
      await reader.close();
    }
  }

  /** Stores one chunk for the main thread. */
  async store(plain: Uint8Array): Promise<StoredChunk> {
    const needs = new Set<number>();
    const id = await this.#put(plain, needs);
    return { id: Uint8Array.from(id), packs: [...needs] };
  }

  /** Seals the open pack, however full it is. */
  seal(): void {
    const done = this.#store.seal();
    if (done === null) return;
    const { number, generation, sealed } = done;
    const report: PackReport = {
      number,
      pack: sealed.pack,
      generation,
      memory: sealed.memory,
      length: sealed.length,
      list: sealed.list,
    };
    this.#wire.tell('pack', report, [sealed.memory]);
  }

  async #handle(window: number, reader: DiskReader, limit: number, report: Report): Promise<boolean> {
    const { windowBytes } = this.#context.suite.chunker;
    const offset = window * windowBytes;
    const length = Math.min(windowBytes, reader.sizeBytes - offset);
    if (!(await keepPace(length, limit, this.#control, this.#sums))) return false;
    await this.#read(reader, offset, length);
    const list = new WindowList();
    const segmentOffset = offset % this.#context.suite.segmentBytes;
    let dataBytes = 0;
    for (const { start, end } of cutWindow(this.#cutter, this.#window, length, this.#context.suite.chunker)) {
      const plain = this.#window.bytes.subarray(start, end);
      list.add(segmentOffset + start, plain.length, await this.#put(plain, report.needs));
      dataBytes += plain.length;
      if (this.#isStopped()) return false;
    }
    Atomics.add(this.#sums, SUMS.zero, BigInt(length - dataBytes));
    report.add(window, list.finish());
    return true;
  }

  async #read(reader: DiskReader, offset: number, length: number): Promise<void> {
    const began = monotonicNs();
    const later = reader.read(this.#window.bytes.subarray(0, length), offset);
    if (later !== undefined) await later;
    Atomics.add(this.#sums, SUMS.sourceNs, monotonicNs() - began);
    Atomics.add(this.#sums, SUMS.read, BigInt(length));
    this.#window.padTo(this.#context.suite.chunker.blockBytes, length);
  }

  async #put(plain: Uint8Array, needs: Set<number>): Promise<Uint8Array> {
    const id = this.#store.idOf(plain);
    while (!this.#store.put(id, plain, needs)) {
      this.#newPack ??= this.#beginPack(plain.length).finally(() => {
        this.#newPack = null;
      });
      await this.#newPack;
    }
    return id;
  }

  /** Waits here when the target is slower than this thread: memory comes back when a pack is durable. */
  async #beginPack(plainBytes: number): Promise<void> {
    this.seal();
    const began = monotonicNs();
    const { memory, number } = await this.#wire.ask<PackGrant>('memory', plainBytes);
    Atomics.add(this.#sums, SUMS.targetNs, monotonicNs() - began);
    this.#store.begin(this.#lease, this.#run, randomBytes(16).toString('hex'), number, memory);
  }

  #isStopped(): boolean {
    return Atomics.load(this.#control, CONTROL.stop) !== 0;
  }

  #isCrowded(): boolean {
    return this.#table.isCrowded || Atomics.load(this.#control, CONTROL.packs) > this.#states.length * 0.9;
  }
}

/** Gathers what a few windows gave, so that not every window is a message. */
class Report {
  readonly needs = new Set<number>();
  readonly #wire: Wire;
  #windows: number[] = [];
  #lists: Uint8Array[] = [];

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  add(window: number, list: Uint8Array): void {
    this.#windows.push(window);
    this.#lists.push(list);
    if (this.#windows.length >= REPORT_WINDOWS) this.send();
  }

  send(): void {
    if (this.#windows.length === 0) return;
    const report: WindowReport = { windows: this.#windows, lists: this.#lists, packs: [...this.needs] };
    this.#wire.tell('windows', report);
    this.#windows = [];
    this.#lists = [];
    this.needs.clear();
  }
}
