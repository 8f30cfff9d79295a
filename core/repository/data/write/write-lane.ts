import { Cutter } from '../cut/cutter.ts';
import { IndexView, type SharedIndex } from '../index/index-view.ts';
import { openSource } from '../lanes/disks.ts';
import {
  CONTROL,
  type Round,
  type RoundEnd,
  type StoredChunk,
  type UnitReport,
  type WriteSetup,
} from '../lanes/protocol.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import type { Wire } from '../lanes/wire.ts';
import { IdTable } from '../table/id-table.ts';
import { PackFiller } from './pack-filler.ts';
import { TrackedSegments } from './tracked-segment.ts';
import { wholeWindows } from './whole-windows.ts';
import { WindowList } from './window.ts';
import { type WindowJob, WindowMemories, type WindowParts } from './window-job.ts';
import { WindowReader } from './window-reader.ts';

/** Units that are reported together. */
const REPORT_UNITS = 4;
/** Bytes that are stored before what has come in is received: about what a socket holds. */
const BREATH_BYTES = 128 * 1024;

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
  readonly #memories: WindowMemories;
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
    this.#memories = new WindowMemories(chunker.windowBytes);
  }

  /** A new index run begins: the table has been emptied. */
  turn(run: number, index: SharedIndex): void {
    this.#index = new IndexView(index);
    this.#filler.turn(run, index);
  }

  /** Works until there is nothing left to claim, the table is crowded, or everything is told to stop. */
  async round(round: Round): Promise<RoundEnd> {
    const disk = await openSource(round.from, this.#wire);
    const { blockBytes } = this.#context.suite.chunker;
    const { limit, tracked } = round;
    const reader = new WindowReader(disk, { blockBytes, limit, control: this.#control, sums: this.#sums });
    const report = new Report(this.#wire, round.writer);
    let end: RoundEnd = 'done';
    const claim = (): number | undefined => {
      end = this.#isStopped() ? 'stopped' : this.#isCrowded() ? 'crowded' : 'done';
      return end === 'done' ? round.units[Atomics.add(this.#control, CONTROL.next, 1)] : undefined;
    };
    const parts = this.#parts(reader, claim);
    try {
      const windows = tracked === null ? wholeWindows(parts) : new TrackedSegments(parts, tracked).windows();
      const isWhole = await this.#work(windows, reader, report);
      return isWhole ? end : 'stopped';
    } finally {
      report.send();
      await disk.close();
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

  #parts(reader: WindowReader, claim: () => number | undefined): WindowParts {
    let bytes = 0;
    return {
      suite: this.#context.suite,
      cutter: this.#cutter,
      memories: this.#memories,
      reader,
      filler: this.#filler,
      chunks: this.#context.chunks,
      index: this.#index,
      sums: this.#sums,
      claim,
      isStopped: () => this.#isStopped(),
      breathe: (more) => {
        bytes += more;
        if (!reader.isLate || bytes < BREATH_BYTES) return;
        bytes = 0;
        return nextTurn();
      },
    };
  }

  /** Stores window after window; from a source that answers later the next one is read meanwhile. Answers `false` when everything was told to stop. */
  async #work(
    windows: Generator<WindowJob, void> | AsyncGenerator<WindowJob, void>,
    reader: WindowReader,
    report: Report,
  ): Promise<boolean> {
    let list = new WindowList();
    const needs = new Set<number>();
    let now = await windows.next();
    while (now.done !== true) {
      const job = now.value;
      if (!(await reader.wait(job.reading))) return false;
      const isAhead = reader.isLate;
      if (isAhead) now = await begun(windows);
      for (const pack of job.needs) needs.add(pack);
      if (!(await job.store(list, needs))) return false;
      if (job.isLast) {
        for (const pack of needs) report.needs.add(pack);
        report.add(job.unit, list.finish());
        list = new WindowList();
        needs.clear();
        // Lets in what the main thread wants stored meanwhile.
        await nextTurn();
      }
      if (!isAhead) now = await windows.next();
    }
    return true;
  }

  #isStopped(): boolean {
    return Atomics.load(this.#control, CONTROL.stop) !== 0;
  }

  #isCrowded(): boolean {
    return this.#table.isCrowded || Atomics.load(this.#control, CONTROL.packs) > this.#packs * 0.9;
  }
}

/** Asks for the next window. Should reading it fail, that is told when its turn comes. */
async function begun(windows: Generator<WindowJob, void> | AsyncGenerator<WindowJob, void>) {
  const next = await windows.next();
  if (next.done !== true && typeof next.value.reading !== 'boolean') next.value.reading.catch(() => {});
  return next;
}

function nextTurn(): Promise<void> {
  return new Promise(setImmediate);
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
