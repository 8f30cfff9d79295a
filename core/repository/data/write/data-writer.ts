import {
  type Call,
  cancelled,
  type DiskSource,
  type Extent,
  isHoldfastError,
  type MoveOptions,
  type MoveResult,
  type ObjectStore,
  throwIfCancelled,
} from '@holdfast/api';
import type { DataWriter, Flushed } from '../../data-plane.ts';
import type { DiskContents } from '../../disk-contents.ts';
import type { Suite } from '../../suite.ts';
import type { IndexKeeper } from '../index/index-keeper.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import { readBase } from '../read/read-base.ts';
import type { ReadingParts } from '../read/reading-parts.ts';
import { DiskJob } from './disk-job.ts';
import { Meter, moved, readSums } from './meter.ts';
import { readAgain, tellAgain, tellLostMap } from './read-again.ts';
import { Team, type TeamOptions } from './team.ts';
import type { Turnstile } from './turnstile.ts';
import { type Base, trackedWork, type WorkList, wholeWork } from './work-list.ts';
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

  flush(call: Call): Promise<Flushed> {
    return this.#during(call, async () => {
      await this.#team.settle(call);
      const { runs, landed, shipper } = this.#team;
      return { runs, landed, storedBytes: shipper.storedBytes };
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
    const { pool } = this.#parts;
    const work = await this.#plan(from, base, how, call);
    const { sums } = this.#team;
    const before = readSums(sums);
    const tally = () => {
      const { readBytes, sourceNs, targetNs } = readSums(sums);
      return { doneBytes: readBytes - before.readBytes, sourceNs, targetNs };
    };
    using meter = new Meter(call, 'reading a disk', work.bytes, pool.width, tally);
    const contents = await this.#read(from, work, how.limit ?? 0, call);
    return { contents, moved: moved(before, readSums(sums), meter) };
  }

  async #read(from: DiskSource, work: WorkList, limit: number, call: Call): Promise<DiskContents> {
    const { suite } = this.#parts;
    const before = readAgain(this.#team.sums);
    const contents = await new DiskJob(this.#team, suite, from, work).run(limit, call);
    const again = tellAgain(before, readAgain(this.#team.sums), call);
    if (again.untoldBytes === 0) return contents;
    // Whoever kept account of the changes has missed some: of what was not read again nobody knows.
    const whole = await this.#whole(from, call);
    return new DiskJob(this.#team, suite, from, whole).run(limit, call);
  }

  async #plan(from: DiskSource, base: DiskContents | null, how: MoveOptions, call: Call): Promise<WorkList> {
    const { suite } = this.#parts;
    if (how.extents !== undefined && base === null) return trackedWork(from, suite, how.extents, null);
    if (how.extents !== undefined && base?.segmentBytes === suite.segmentBytes) {
      const known = await this.#base(base, call);
      if (known !== null) return trackedWork(from, suite, how.extents, known);
    }
    return this.#whole(from, call);
  }

  async #whole(from: DiskSource, call: Call): Promise<WorkList> {
    const { suite, pool } = this.#parts;
    return wholeWork(from.sizeBytes, suite, await pool.ask<readonly Extent[]>('disk.allocated', from, call.signal));
  }

  /** The map of the restore point that this one is built upon, as far as it can be read; `null` when nothing can be made of it. */
  async #base(contents: DiskContents, call: Call): Promise<Base | null> {
    try {
      const base = await readBase(contents, this.#parts.reading.readChunk, call);
      for (const { id } of base.lost) this.#team.distrust(id);
      tellLostMap(base.lost, call);
      return base;
    } catch (failure) {
      if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
      call.log(
        'warn',
        `the map of the restore point before is of no use, so the whole disk is read: ${failure.message}`,
      );
      return null;
    }
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
