import type { DiskWriter } from '@holdfast/kit/disk/reader';
import { monotonicNs } from '../lanes/monotonic.ts';
import type { ThreadContext } from '../lanes/thread-context.ts';
import { RECORD_OVERHEAD } from '../packs/format.ts';
import { newScratch } from '../packs/pack-access.ts';
import { release } from '../packs/release.ts';
import { ENTRY_WORDS, type ReadTask, type WantedPiece } from './plan.ts';
import { SinkWrites } from './sink-writes.ts';

/** What became of some tasks. */
export interface MoveReport {
  /** Bytes of pieces that are whole, and where asked for are written. */
  readonly doneBytes: number;
  /** Pieces that could not be had where they were thought to be. */
  readonly failed: readonly WantedPiece[];
  readonly sourceNs: number;
  readonly targetNs: number;
}

/** A thread's part in reading a disk back: opens chunks and writes them to where they belong. */
export class MoveLane {
  readonly #context: ThreadContext;
  readonly #sink: DiskWriter | null;
  readonly #scratch = newScratch();
  readonly #writes: SinkWrites;
  #last: Promise<unknown> = Promise.resolve();
  #sourceNs = 0n;

  /** @param sink `null` to check only. */
  constructor(context: ThreadContext, sink: DiskWriter | null) {
    this.#context = context;
    this.#sink = sink;
    this.#writes = new SinkWrites(sink);
  }

  /** Does one batch after another, for they share memory; what has to be fetched from afar is on its way meanwhile. */
  move(tasks: readonly ReadTask[]): Promise<MoveReport> {
    const fetched = tasks.map((task) => this.#fetch(task));
    // What fails is thrown when its turn comes.
    for (const one of fetched) one.catch(() => {});
    const mine = this.#last.then(() => this.#move(tasks, fetched));
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #move(tasks: readonly ReadTask[], fetched: readonly Promise<Buffer | null>[]): Promise<MoveReport> {
    this.#sourceNs = 0n;
    const failed: WantedPiece[] = [];
    let doneBytes = 0;
    for (const [i, task] of tasks.entries()) doneBytes += await this.#task(task, fetched[i], failed);
    await this.#writes.settle();
    return { doneBytes, failed, sourceNs: Number(this.#sourceNs), targetNs: Number(this.#writes.takeWaitedNs()) };
  }

  /** `null` for a pack that is read from a file on this machine: that is done when its turn comes. */
  async #fetch(task: ReadTask): Promise<Buffer | null> {
    using pack = await this.#context.packs.open(task.pack);
    return pack?.isRemote === true ? await pack.read(task.at, task.length, this.#scratch) : null;
  }

  /** @param durable Whether what was written must survive a power cut. */
  async close(durable: boolean): Promise<void> {
    if (this.#sink === null) return;
    try {
      if (durable) await this.#sink.sync();
    } finally {
      await this.#sink.close();
    }
  }

  async #task(task: ReadTask, fetched: Promise<Buffer | null> | undefined, failed: WantedPiece[]): Promise<number> {
    const began = monotonicNs();
    const sent = await fetched;
    using pack = await this.#context.packs.open(task.pack);
    const bytes = sent ?? (await pack?.read(task.at, task.length, this.#scratch));
    this.#sourceNs += monotonicNs() - began;
    let doneBytes = 0;
    let opened = -1;
    let plain: Buffer = Buffer.alloc(0);
    for (let i = 0; i * ENTRY_WORDS < task.entries.length; i++) {
      const [offset = 0, length = 0, at = 0, storedBytes = 0, plainBytes = 0, method = 0, record = 0] =
        task.entries.subarray(i * ENTRY_WORDS, (i + 1) * ENTRY_WORDS);
      const id = task.ids.subarray(i * 32, i * 32 + 32);
      // One chunk may belong to several places of the disk: it is opened once.
      if (opened !== at && pack !== null && bytes !== undefined) {
        const place = { pack: task.pack, offset: at, storedBytes, plainBytes, method, record };
        const sealed = bytes.subarray(at - task.at, at - task.at + storedBytes + RECORD_OVERHEAD);
        plain = await this.#writes.memory(plainBytes);
        opened = this.#context.chunks.open(pack, place, sealed, id, plain) ? at : -1;
      }
      if (opened !== at) failed.push({ offset, length, id: Uint8Array.from(id) });
      else {
        const room = this.#writes.write(plain, offset);
        if (room !== undefined) await room;
        doneBytes += length;
      }
    }
    if (sent instanceof Buffer) release(sent);
    return doneBytes;
  }
}
