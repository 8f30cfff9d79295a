import { type Call, isHoldfastError } from '@holdfast/api';
import type { EngineParts } from '../run/parts.ts';
import { noteCollection, problemOf } from './alarm.ts';
import { collectOn } from './collect.ts';
import type { Collected } from './contract.ts';
import { isDeferred } from './dedupe.ts';
import { deduplicateDue } from './deduplicate.ts';
import { isDue, timesAfter } from './due.ts';

/** How often is looked whether a repository is due, in milliseconds. */
const lookMs = 60_000;
/** How often is looked whether something landed on a target where that is usual. */
const landedLookMs = 15 * 60_000;

/**
 * Collects repositories whose time has come, one after the other, while whoever leads goes on with its schedules: a collection hinders no backup, so no
 * backup waits for one. One that is stopped goes on the next time.
 */
export class Collecting {
  readonly #parts: EngineParts;
  readonly #call: Call;
  readonly #ended: Collected[] = [];
  readonly #landedLookedAt = new Map<string, number>();
  #going: Promise<void> | null = null;
  #lookedAt: number | null = null;
  readonly #stop = new AbortController();
  #news = new AbortController();

  /** @param signal Aborts when somebody else leads, or this process is to stop. */
  constructor(parts: EngineParts, call: Call, signal: AbortSignal) {
    this.#parts = parts;
    this.#call = { ...call, signal: AbortSignal.any([signal, this.#stop.signal]), progress: () => {} };
  }

  get isIdle(): boolean {
    return this.#going === null;
  }

  /** Aborts when what goes on has ended. */
  get news(): AbortSignal {
    return this.#news.signal;
  }

  takeEnded(): Collected[] {
    return this.#ended.splice(0);
  }

  /** Begins what is due, unless something goes on. */
  begin(): void {
    const { collections, now } = this.#parts;
    if (collections === undefined || this.#going !== null || this.#call.signal.aborted) return;
    if (this.#lookedAt !== null && Math.abs(now() - this.#lookedAt) < lookMs) return;
    this.#lookedAt = now();
    this.#going = this.#collectDue().finally(() => {
      this.#going = null;
      this.#news.abort();
      this.#news = new AbortController();
    });
  }

  /** Stops what goes on; it goes on the next time. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#going;
  }

  async #collectDue(): Promise<void> {
    try {
      for (const target of this.#targets()) {
        if (this.#call.signal.aborted) return;
        const isCollected = isDue((await this.#parts.collections?.read())?.[target], this.#parts.now());
        if (isCollected || this.#mayHaveLanded(target)) await this.#deduplicate(target);
        if (isCollected) await this.#collect(target);
      }
    } catch (problem) {
      this.#call.log('warn', `repositories could not be collected: ${problemOf(problem).message}`);
    }
  }

  /** Those that hold a repository, unless the configuration leaves it to somebody else. */
  #targets(): readonly string[] {
    const { targets } = this.#parts.config.config;
    return Object.keys(targets).filter((name) => targets[name]?.collect !== false && !this.#isMedia(name));
  }

  #isMedia(name: string): boolean {
    const use = this.#parts.config.config.targets[name]?.use;
    const found = this.#parts.host.targets().find(({ contribution }) => contribution.id === use);
    return found?.contribution.shape === 'media-library';
  }

  #mayHaveLanded(target: string): boolean {
    const { config, now } = this.#parts;
    const lookedAt = this.#landedLookedAt.get(target);
    const isRecent = lookedAt !== undefined && Math.abs(now() - lookedAt) < landedLookMs;
    return !isRecent && isDeferred(config.config.targets[target]);
  }

  /** What fails here is left for the next time: nothing but room is lost by it, and what is wrong with the repository its collection says. */
  async #deduplicate(target: string): Promise<void> {
    this.#landedLookedAt.set(target, this.#parts.now());
    try {
      const done = await deduplicateDue(this.#parts, target, this.#call);
      if (done === null) return;
      const { waited, condemnedPacks, stoppedBy } = done.report;
      const why =
        stoppedBy === null ? '' : stoppedBy === 'time' ? '; its window is over' : '; there is no room for more';
      this.#call.log(
        'info',
        `${target}: deduplicated ${condemnedPacks} of ${waited.packs} packs that had landed${why}`,
      );
    } catch (thrown) {
      if (this.#call.signal.aborted || isHoldfastError(thrown, 'CANCELLED')) return;
      this.#call.log('warn', `${target}: what landed could not be deduplicated: ${problemOf(thrown).message}`);
    }
  }

  async #collect(target: string): Promise<void> {
    const { collections, now } = this.#parts;
    const before = (await collections?.read())?.[target];
    let ended: Collected;
    try {
      // What others still read or write stays condemned; the next collection goes on from there.
      const report = await collectOn(this.#parts, target, { waitMs: 0 }, this.#call);
      ended = { target, report, problem: null };
    } catch (thrown) {
      // Stopped together with this process: it is as due as before.
      if (this.#call.signal.aborted || isHoldfastError(thrown, 'CANCELLED')) return;
      ended = { target, report: null, problem: problemOf(thrown) };
    }
    const end = endOf(ended);
    await collections?.write(target, timesAfter(end, before, now()));
    await noteCollection(this.#parts, ended);
    // No alarm: whoever may only add is meant to. Once is enough.
    if (end === 'refused' && before?.isRefused === true) return;
    if (end === 'refused') this.#call.log('info', `${target}: ${ended.problem?.message}; it is left to whoever may`);
    this.#ended.push(ended);
  }
}

function endOf({ report, problem }: Collected): 'done' | 'busy' | 'failed' | 'refused' {
  if (report !== null) return 'done';
  if (problem?.code === 'COLLECTION_BUSY') return 'busy';
  return problem?.code === 'TARGET_READ_ONLY' ? 'refused' : 'failed';
}
