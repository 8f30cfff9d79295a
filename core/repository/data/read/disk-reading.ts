import { type Call, type DiskSink, type Extent, HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import type { DiskContents, Piece } from '../../disk-contents.ts';
import { SecondLook } from '../index/second-look.ts';
import type { Thread } from '../lanes/thread-pool.ts';
import { RootHash } from '../map/root-hash.ts';
import { DiskMap, type LostRange } from './disk-map.ts';
import type { MoveReport } from './move-lane.ts';
import type { ReadTask, WantedPiece } from './plan.ts';
import { checkRoot } from './read-pieces.ts';
import type { NamedSegment, SegmentPlan } from './read-work.ts';
import type { ReadingParts } from './reading-parts.ts';

/** Segments that are planned together: 1 GiB of disk. */
const SPAN_SEGMENTS = 16;
/** Bytes of packs that a thread is given at a time. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Batches that a thread has at once, so that it never waits for the next. */
const DEPTH = 2;
/** How long threads may take to stop. */
const MOST_STOP_MS = 700;
/** Lost ranges that an error names, as offset+length. */
const MOST_RANGES_NAMED = 16;

let jobs = 0;

/** Reads a whole disk back, in parallel, into a sink or nowhere. Goes on after what is lost. */
export class DiskReading {
  readonly lostPieces: WantedPiece[] = [];
  readonly lostRanges: LostRange[] = [];
  doneBytes = 0;
  sourceNs = 0;
  targetNs = 0;
  readonly #parts: ReadingParts;
  readonly #contents: DiskContents;
  readonly #sink: DiskSink | null;
  readonly #call: Call;
  readonly #secondLook: SecondLook;
  readonly #job = ++jobs;
  readonly #root = new RootHash();
  readonly #busy = new Set<Thread>();
  #failed: WantedPiece[] = [];

  /** @param sink `null` to check only. */
  constructor(parts: ReadingParts, contents: DiskContents, sink: DiskSink | null, call: Call) {
    this.#parts = parts;
    this.#contents = contents;
    this.#sink = sink;
    this.#call = call;
    this.#secondLook = new SecondLook(parts.keeper, call);
  }

  async run(): Promise<void> {
    let isWhole = false;
    const { signal } = this.#call;
    // Whoever waits is answered within a second, even when a device does not answer at all.
    const onAbort = (): void => {
      setTimeout(() => {
        for (const thread of this.#busy) if (thread.load > 0) thread.giveUp();
      }, MOST_STOP_MS).unref();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      await this.#readSpans();
      await this.#rescue();
      // What of the map is lost is reported; of the rest nothing can be said.
      if (this.lostRanges.length === 0) checkRoot(this.#root, this.#contents);
      isWhole = true;
    } finally {
      signal.removeEventListener('abort', onAbort);
      await this.#end(isWhole);
      this.#busy.clear();
    }
  }

  async #readSpans(): Promise<void> {
    const map = new DiskMap(this.#contents, this.#parts.readChunk);
    let span: NamedSegment[] = [];
    let moving: Promise<void> = Promise.resolve();
    // While one span is read, the next is planned.
    const next = async (): Promise<void> => {
      const plan = await this.#plan(span);
      span = [];
      await moving;
      moving = this.#move(plan.tasks);
      moving.catch(() => {});
    };
    for await (const item of map.segments({ offset: 0, length: this.#contents.sizeBytes }, this.#call)) {
      if ('lost' in item) this.lostRanges.push(item.lost);
      else span.push(item.segment);
      if (span.length >= SPAN_SEGMENTS) await next();
    }
    await next();
    await moving;
  }

  async #plan(segments: readonly NamedSegment[]): Promise<SegmentPlan> {
    throwIfCancelled(this.#call.signal, 'reading a disk back');
    const { pool, keeper } = this.#parts;
    const plan = await pool.ask<SegmentPlan>('read.plan', { index: keeper.shared, segments }, this.#call.signal);
    this.#failed.push(...plan.missing);
    for (const [i, segment] of segments.entries()) {
      const list = plan.lists[i] ?? (await this.#rescueList(segment));
      if (list === null) this.lostRanges.push({ offset: segment.start, length: segment.length, id: segment.id });
      else this.#root.add(list, segment.start);
    }
    return plan;
  }

  /** A list that was not found where it should be: its pieces are looked for one by one at the end. */
  async #rescueList(segment: NamedSegment): Promise<Uint8Array | null> {
    const { pool, keeper } = this.#parts;
    await this.#secondLook.take();
    const plan = await pool.ask<SegmentPlan>(
      'read.plan',
      { index: keeper.shared, segments: [segment] },
      this.#call.signal,
    );
    const list = plan.lists[0] ?? null;
    if (list === null) return null;
    this.#failed.push(...plan.missing);
    await this.#move(plan.tasks);
    return list;
  }

  /** Shares tasks out among the threads. */
  async #move(tasks: readonly ReadTask[]): Promise<void> {
    const batches = batch(tasks);
    const lanes = this.#parts.pool
      .threads(this.#parts.pool.width)
      .flatMap((thread) => Array.from({ length: DEPTH }, () => thread));
    const work = async (thread: Thread): Promise<void> => {
      for (let next = batches.pop(); next !== undefined; next = batches.pop()) {
        throwIfCancelled(this.#call.signal, 'reading a disk back');
        await this.#moveBatch(thread, next);
      }
    };
    const ended = await Promise.allSettled(lanes.slice(0, batches.length).map(work));
    const failure = ended.find((end) => end.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }

  async #moveBatch(thread: Thread, tasks: readonly ReadTask[]): Promise<void> {
    const order = { job: this.#job, sink: this.#sink, tasks };
    this.#busy.add(thread);
    let report: MoveReport;
    try {
      report = await thread.ask<MoveReport>('read.move', order);
    } catch (cause) {
      if (!isHoldfastError(cause, 'WORKER_LOST')) throw cause;
      throwIfCancelled(this.#call.signal, 'reading a disk back');
      this.#busy.delete(thread);
      const other = this.#parts.pool.thread();
      this.#busy.add(other);
      report = await other.ask<MoveReport>('read.move', order);
    }
    this.doneBytes += report.doneBytes;
    this.sourceNs += report.sourceNs;
    this.targetNs += report.targetNs;
    this.#failed.push(...report.failed);
  }

  /** What failed is looked for once more, in every place where it may lie, until none is left. */
  async #rescue(): Promise<void> {
    if (this.#failed.length === 0) return;
    const { keeper, pool } = this.#parts;
    await this.#secondLook.take();
    for (let place = 0; this.#failed.length > 0; place++) {
      const pieces = this.#failed;
      this.#failed = [];
      const { tasks, missing } = await pool.ask<{ tasks: ReadTask[]; missing: WantedPiece[] }>(
        'read.locate',
        { index: keeper.shared, pieces, place },
        this.#call.signal,
      );
      this.lostPieces.push(...missing);
      await this.#move(tasks);
    }
    this.lostPieces.sort((a, b) => a.offset - b.offset);
  }

  async #end(durable: boolean): Promise<void> {
    const ends = [...this.#busy].map((thread) => thread.ask('read.end', { job: this.#job, durable }));
    const failure = (await Promise.allSettled(ends)).find((end) => end.status === 'rejected');
    if (durable && failure !== undefined) throw failure.reason;
  }

  /** Throws `REPOSITORY_DAMAGED` naming what is lost, if anything is. */
  assertWhole(): void {
    const ranges = joined(this.lost());
    if (ranges.length === 0) return;
    const bytes = ranges.reduce((sum, { length }) => sum + length, 0);
    const some = ranges.slice(0, MOST_RANGES_NAMED).map(({ offset, length }) => `${offset}+${length}`);
    const places =
      some.length < ranges.length ? `${some.join(' ')} and ${ranges.length - some.length} more` : some.join(' ');
    throw new HoldfastError(
      'REPOSITORY_DAMAGED',
      `${bytes} bytes of a disk are lost, at ${places}; all else was restored`,
      {
        facts: { lostBytes: bytes, lostRanges: ranges.length, ranges: some.join(' ') },
      },
    );
  }

  /** What is lost, ascending: pieces, and ranges of which nobody knows what belongs there. */
  lost(): Piece[] {
    return [...this.lostPieces, ...this.lostRanges].sort((a, b) => a.offset - b.offset);
  }
}

/** Neighbours become one; ascending. */
function joined(pieces: readonly Piece[]): Extent[] {
  const ranges: { offset: number; length: number }[] = [];
  for (const { offset, length } of pieces) {
    const last = ranges.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length += length;
    else ranges.push({ offset, length });
  }
  return ranges;
}

function batch(tasks: readonly ReadTask[]): ReadTask[][] {
  const batches: ReadTask[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const task of tasks) {
    if (bytes + task.length > BATCH_BYTES) {
      batches.push([]);
      bytes = 0;
    }
    batches.at(-1)?.push(task);
    bytes += task.length;
  }
  return batches.reverse();
}
