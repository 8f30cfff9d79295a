import {
  type Call,
  cancelled,
  type DiskSource,
  type Extent,
  type MoveOptions,
  type MoveResult,
  type ObjectStore,
  throwIfCancelled,
} from '@holdfast/api';
import type { DataWriter, DiskContents, Suite } from '../../data-plane.ts';
import type { IndexKeeper } from '../index/index-keeper.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import { readBase } from '../read/read-base.ts';
import type { ReadingParts } from '../read/reading-parts.ts';
import { DiskJob } from './disk-job.ts';
import { Meter, moved, readSums } from './meter.ts';
import { Team, type TeamOptions } from './team.ts';
import type { Turnstile } from './turnstile.ts';
import { trackedWork, type WorkList, wholeWork } from './work-list.ts';
import type { Writers } from './writers.ts';

/** What writers of one data plane share. */
export interface WriterParts {
  readonly store: ObjectStore;
  readonly suite: Suite;
  readonly pool: ThreadPool;
  readonly keeper: IndexKeeper;
  readonly turnstile: Turnstile;
  readonly reading: ReadingParts;
  readonly writers: Writers;
}

/** Writes disks under one lease. */
export class PlaneWriter implements DataWriter {
  readonly #parts: WriterParts;
  readonly #team: Team;
  #isAbandoned = false;

  constructor(parts: WriterParts, options: Omit<TeamOptions, 'number'>) {
    this.#parts = parts;
    const number = parts.writers.next();
    this.#team = new Team(parts.pool, parts.keeper, parts.store, { ...options, number });
    parts.writers.add(this.#team);
  }

  writeDisk(
    from: DiskSource,
    base: DiskContents | null,
    how: MoveOptions,
    call: Call,
  ): Promise<{ readonly contents: DiskContents; readonly moved: MoveResult }> {
    return this.#parts.turnstile.pass(() => this.#during(call, () => this.#write(from, base, how, call)), call);
  }

  flush(call: Call): Promise<{ readonly runs: readonly string[]; readonly storedBytes: number }> {
    return this.#during(call, async () => {
      await this.#team.settle(call);
      return { runs: this.#team.runs, storedBytes: this.#team.shipper.storedBytes };
    });
  }

  async abandon(): Promise<void> {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    await this.#team.end();
    this.#parts.writers.remove(this.#team);
  }

  async #write(
    from: DiskSource,
    base: DiskContents | null,
    how: MoveOptions,
    call: Call,
  ): Promise<{ readonly contents: DiskContents; readonly moved: MoveResult }> {
    const { suite, pool } = this.#parts;
    const work = await this.#plan(from, base, how, call);
    const { sums } = this.#team;
    const before = readSums(sums);
    const tally = () => {
      const { readBytes, sourceNs, targetNs } = readSums(sums);
      return { doneBytes: readBytes - before.readBytes, sourceNs, targetNs };
    };
    using meter = new Meter(call, 'reading a disk', work.bytes, pool.width, tally);
    const contents = await new DiskJob(this.#team, suite, from, work).run(how.limit ?? 0, call);
    return { contents, moved: moved(before, readSums(sums), meter) };
  }

  async #plan(from: DiskSource, base: DiskContents | null, how: MoveOptions, call: Call): Promise<WorkList> {
    const { suite, pool, reading } = this.#parts;
    if (how.extents !== undefined && base === null) return trackedWork(from, suite, how.extents, null);
    if (how.extents !== undefined && base?.segmentBytes === suite.segmentBytes) {
      return trackedWork(from, suite, how.extents, await readBase(base, reading.readChunk, call));
    }
    return wholeWork(from.sizeBytes, suite, await pool.ask<readonly Extent[]>('disk.allocated', from, call.signal));
  }

  /** Stops the team when the call is cancelled; what it threw is what counts. */
  async #during<T>(call: Call, work: () => Promise<T>): Promise<T> {
    if (this.#isAbandoned) throw cancelled('writing to a restore point that was given up');
    throwIfCancelled(call.signal, 'writing a disk');
    if (this.#team.failure !== null) throw this.#team.failure;
    const stop = (): void => this.#team.fail(cancelled('writing a disk'));
    call.signal.addEventListener('abort', stop, { once: true });
    this.#team.shipper.actFor(call);
    try {
      return await work();
    } catch (cause) {
      this.#team.fail(cause);
      throw this.#team.failure;
    } finally {
      call.signal.removeEventListener('abort', stop);
    }
  }
}
