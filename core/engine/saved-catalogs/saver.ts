import { type Call, makeCall } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import type { Repository } from '../../repository/contract.ts';
import { copyOfCatalog } from './copy-of-catalog.ts';

/** Something that is on record, after which the catalog is to be saved. */
export interface Recorded {
  /** The run whose record gets a warning; `null` where it was none, as when somebody forgot restore points. */
  readonly run: string | null;
  /** Where warnings are shown besides. */
  readonly log: Call['log'];
}

export interface SaverParts {
  readonly catalog: Catalog;
  readonly repository: Repository;
  now(): number;
  /** At most one copy in so many milliseconds, but for the last. Default is five minutes. */
  readonly everyMs?: number;
  /** A copy that takes longer is given up. Default is ten minutes. */
  readonly mostMs?: number;
}

/** A process that ends does not wait longer for a store that does not answer, in milliseconds. */
const closeMs = 2 * 60_000;

/**
 * Saves the catalog into one repository after runs that wrote to it, and after restore points were forgotten: the first time at once, then every few minutes, and what is left when the process
 * lets go of the repository. No run waits for it, and none fails with it: what goes wrong is a warning in the run's own log.
 */
export class CatalogSaver {
  readonly #parts: SaverParts;
  readonly #everyMs: number;
  #due: Recorded | null = null;
  #lastAt: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #saving: Promise<void> | null = null;
  #isClosing = false;
  readonly #hurry = new AbortController();

  constructor(parts: SaverParts) {
    this.#parts = parts;
    this.#everyMs = parts.everyMs ?? 5 * 60_000;
  }

  /** What was written into the repository, or forgotten in it, is on record. */
  after(recorded: Recorded): void {
    this.#due = recorded;
    this.#arrange();
  }

  /** Saves what is not saved yet. Idempotent; never throws. */
  async close(): Promise<void> {
    this.#isClosing = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    const limit = setTimeout(() => this.#hurry.abort(new Error('there was no more time')), closeMs).unref();
    await this.#saving;
    if (this.#due !== null) await this.#begin();
    clearTimeout(limit);
  }

  #arrange(): void {
    if (this.#due === null || this.#isClosing || this.#saving !== null || this.#timer !== null) return;
    const age = this.#lastAt === null ? Number.POSITIVE_INFINITY : this.#parts.now() - this.#lastAt;
    // A clock that went back must not put it off.
    if (age >= this.#everyMs || age < 0) {
      void this.#begin();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (!this.#isClosing) void this.#begin();
    }, this.#everyMs - age).unref();
  }

  #begin(): Promise<void> {
    const recorded = this.#due;
    this.#due = null;
    this.#lastAt = this.#parts.now();
    this.#saving = (recorded === null ? Promise.resolve() : this.#save(recorded)).finally(() => {
      this.#saving = null;
      this.#arrange();
    });
    return this.#saving;
  }

  async #save({ run, log }: Recorded): Promise<void> {
    const { catalog, repository, mostMs = 10 * 60_000 } = this.#parts;
    const signal = AbortSignal.any([AbortSignal.timeout(mostMs), this.#hurry.signal]);
    const call = makeCall({ who: 'catalog', signal, log: (_, text) => log('debug', text) });
    try {
      await using copy = await copyOfCatalog(catalog);
      const saved = await repository.saveCatalog({ site: catalog.site, schema: copy.schema, bytes: copy.bytes }, call);
      log('debug', `the catalog is saved on ${repository.target}, ${saved.sizeBytes} bytes`);
    } catch (problem) {
      await this.#warn(run, log, problem);
    }
  }

  async #warn(run: string | null, log: Call['log'], problem: unknown): Promise<void> {
    const { catalog, repository, now } = this.#parts;
    const why = problem instanceof Error ? problem.message : String(problem);
    const text = `the catalog could not be saved on ${repository.target}, it is tried again after the next run: ${why}`;
    log('warn', text);
    if (run === null) return;
    try {
      await catalog.jobs.log(run, [{ at: now(), level: 'warn', text }]);
    } catch {
      // The run has been forgotten, or the catalog itself is what is wrong: it has been told above.
    }
  }
}
