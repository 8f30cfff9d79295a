import type { DiskReader } from '@holdfast/kit/disk/reader';
import { Cutter } from '../cut/cutter.ts';
import { IndexView, type SharedIndex } from '../index/index-view.ts';
import { openSource } from '../lanes/disks.ts';
import {
  CONTROL,
  type Round,
  type RoundEnd,
  type StoredChunk,
  SUMS,
  type UnitReport,
  type WriteSetup,
} from '../lanes/protocol.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Wire } from '../lanes/wire.ts';
import { IdTable } from '../table/id-table.ts';
import { PackFiller } from './pack-filler.ts';
import { TrackedSegment } from './tracked-segment.ts';
import { cutWindow, WindowList } from './window.ts';
import { WindowReader } from './window-reader.ts';

/** Units that are reported together. */
const REPORT_UNITS = 4;

/** A thread's part in a writer: claims parts of a disk, cuts them and stores their chunks. */
export class WriteLane {
  readonly #context: ThreadContext;
  readonly #wire: Wire;
  readonly #control: Int32Array;
  readonly #sums: BigInt64Array;
  readonly #packs: number;
  readonly #table: IdTable;
  readonly #filler: PackFiller;
  readonly #cutter: Cutter;
  readonly #window: WindowReader;
  #index: IndexView;

  constructor(context: ThreadContext, wire: Wire, setup: WriteSetup) {
    const { chunker } = context.suite;
    this.#context = context;
    this.#wire = wire;
    this.#control = new Int32Array(setup.control);
    this.#sums = new BigInt64Array(setup.sums);
    this.#packs = setup.states.byteLength / 4;
    this.#table = new IdTable(setup.table);
    this.#index = new IndexView(setup.index);
    this.#filler = new PackFiller(context, wire, setup, this.#table, this.#sums);
    this.#cutter = new Cutter(chunker, context.keys.cutKey);
    this.#window = new WindowReader(chunker.windowBytes, chunker.blockBytes, this.#control, this.#sums);
  }

  /** A new index run begins: the table has been emptied. */
  turn(run: number, index: SharedIndex): void {
    this.#index = new IndexView(index);
    this.#filler.turn(run, index);
  }

  /** Works until there is nothing left to claim, the table is crowded, or everything is told to stop. */
  async round(round: Round): Promise<RoundEnd> {
    const reader = await openSource(round.from);
    const report = new Report(this.#wire, round.writer);
    try {
      const work = this.#work(round, reader, report);
      for (;;) {
        if (this.#isStopped()) return 'stopped';
        if (this.#isCrowded()) return 'crowded';
        const unit = round.units[Atomics.add(this.#control, CONTROL.next, 1)];
        if (unit === undefined) return 'done';
        if (!(await work(unit))) return 'stopped';
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
    const id = await this.#filler.put(plain, needs, false);
    return { id: Uint8Array.from(id), packs: [...needs] };
  }

  /** Hands over the open pack, however full it is. */
  seal(): void {
    this.#filler.seal();
  }

  /** Gives its memory back. */
  end(): void {
    this.#filler.drop();
  }

  /** How to do one unit; it answers `false` when everything was told to stop. */
  #work(round: Round, reader: DiskReader, report: Report): (unit: number) => Promise<boolean> {
    const { tracked, limit } = round;
    if (tracked === null) return (window) => this.#whole(window, reader, limit, report);
    const parts = {
      suite: this.#context.suite,
      cutter: this.#cutter,
      window: this.#window,
      filler: this.#filler,
      chunks: this.#context.chunks,
      index: this.#index,
      sums: this.#sums,
      isStopped: () => this.#isStopped(),
    };
    const segments = new TrackedSegment(parts, reader, tracked, limit);
    return async (segment) => {
      const list = await segments.list(segment, report.needs);
      if (list !== null) report.add(segment, list);
      return list !== null;
    };
  }

  /** Reads a window and stores all of it. */
  async #whole(window: number, reader: DiskReader, limit: number, report: Report): Promise<boolean> {
    const { chunker, segmentBytes } = this.#context.suite;
    const offset = window * chunker.windowBytes;
    const length = Math.min(chunker.windowBytes, reader.sizeBytes - offset);
    if (!(await this.#window.read(reader, offset, length, 0, limit))) return false;
    const list = new WindowList();
    let dataBytes = 0;
    for (const { start, end } of cutWindow(this.#cutter, this.#window.memory, length, chunker)) {
      const plain = this.#window.memory.bytes.subarray(start, end);
      list.add((offset % segmentBytes) + start, plain.length, await this.#filler.put(plain, report.needs, true));
      dataBytes += plain.length;
      if (this.#isStopped()) return false;
    }
    Atomics.add(this.#sums, SUMS.zero, BigInt(length - dataBytes));
    report.add(window, list.finish());
    return true;
  }

  #isStopped(): boolean {
    return Atomics.load(this.#control, CONTROL.stop) !== 0;
  }

  #isCrowded(): boolean {
    return this.#table.isCrowded || Atomics.load(this.#control, CONTROL.packs) > this.#packs * 0.9;
  }
}

/** Gathers what a few units gave, so that not each of them is a message. */
class Report {
  readonly needs = new Set<number>();
  readonly #wire: Wire;
  readonly #writer: number;
  #units: number[] = [];
  #lists: Uint8Array[] = [];

  constructor(wire: Wire, writer: number) {
    this.#wire = wire;
    this.#writer = writer;
  }

  add(unit: number, list: Uint8Array): void {
    this.#units.push(unit);
    this.#lists.push(list);
    if (this.#units.length >= REPORT_UNITS) this.send();
  }

  send(): void {
    if (this.#units.length === 0) return;
    const report: UnitReport = { writer: this.#writer, units: this.#units, lists: this.#lists, packs: [...this.needs] };
    this.#wire.tell('units', report);
    this.#units = [];
    this.#lists = [];
    this.needs.clear();
  }
}
