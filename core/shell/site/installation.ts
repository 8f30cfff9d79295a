import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cancelled } from '@holdfast/api';
import { Parts } from '../../base/parts.ts';
import type { Folders } from '../../config/contract.ts';
import { folders } from '../../config/folders.ts';
import type { Actor } from '../access/contract.ts';
import type { OwnedSite } from '../contract.ts';
import type { Change } from '../desk/contract.ts';
import { changeStamp } from './change-stamp.ts';
import { type PartsHolder, type SiteWish, type Surroundings, WiredSite } from './wired-site.ts';

/** Parts that were opened with one state of configuration and plugins. They go when that is past and nobody uses them any more. */
class Generation {
  readonly parts = new Parts();
  readonly #failed: (problem: unknown) => void;
  #users = 0;
  #isPast = false;
  #closing: Promise<void> | null = null;

  constructor(failed: (problem: unknown) => void) {
    this.#failed = failed;
  }

  take(): void {
    this.#users++;
  }

  async give(): Promise<void> {
    this.#users--;
    await this.#closeUnused();
  }

  async retire(): Promise<void> {
    this.#isPast = true;
    await this.#closeUnused();
  }

  async #closeUnused(): Promise<void> {
    if (!this.#isPast || this.#users > 0) return;
    this.#closing ??= this.parts.close().catch(this.#failed);
    await this.#closing;
  }
}

/** How often it is looked whether another process changed something, in milliseconds. */
const lookMs = 1_000;
/** How often at most it is looked whether restore points or machines have changed. */
const pointsMs = 3_000;

const watcher: Actor = { name: 'watcher', roles: [], from: 'local', session: 'watcher' };

/**
 * An installation in a process that stays: many people and commands share its parts. It follows configuration and plugins as they change, also when
 * another process changes them; what runs goes on with the parts that it began with.
 */
export class Installation implements AsyncDisposable {
  readonly around: Surroundings;
  readonly #stopping = new AbortController();
  readonly #works = new Set<Promise<unknown>>();
  #isOver = false;
  readonly #listeners = new Set<(change: Change) => void>();
  #generation: Generation;
  #stamps = { configuration: '', plugins: '', catalog: '' };
  readonly #seen = new Map<string, string>();
  #pointsAt = 0;
  #isCatalogDue = false;
  /** Which file the catalog was when it was first seen; `null` before. */
  #catalogFile: string | null = null;
  #hasLostCatalog = false;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;

  constructor(around: Surroundings) {
    this.around = around;
    this.#generation = this.#newGeneration();
  }

  /** How it is called in the status bar: its folder's name, or this machine's. */
  get name(): string {
    const { home } = this.around.globals;
    return home === null ? hostname() : basename(home);
  }

  /** A site for one piece of work. Whoever asks for it lets go of it. */
  use(wish: SiteWish): OwnedSite {
    return new WiredSite(this.around, wish, this.#holder());
  }

  /** Aborts when this installation stops: whatever works comes to a safe state then. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Work that goes on whoever has gone meanwhile; `stop` waits for it. */
  async during<T>(work: Promise<T>): Promise<T> {
    this.#works.add(work);
    try {
      return await work;
    } finally {
      this.#works.delete(work);
    }
  }

  /** Brings all work to a safe state and waits for it, at most so long. */
  async stop(mostMs: number): Promise<void> {
    this.#stopping.abort(cancelled('the server stops'));
    await Promise.race([Promise.allSettled([...this.#works]), wait(mostMs, undefined, { ref: false })]);
  }

  /** Looks for changes from now on. */
  async watch(): Promise<void> {
    this.#stamps = await this.#stampsNow();
    this.#timer ??= setInterval(() => void this.look(), lookMs).unref();
  }

  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(...changes: readonly Change[]): void {
    for (const change of changes) {
      for (const listener of [...this.#listeners]) {
        try {
          listener(change);
        } catch (problem) {
          this.#complain(problem);
        }
      }
    }
  }

  /** Looks whether anything has changed, and tells. */
  look(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#looking ??= this.#look()
      .catch((problem) => this.#complain(problem))
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#listeners.clear();
    await this.#looking;
    await this.#generation.retire();
  }

  async #look(): Promise<void> {
    const before = this.#stamps;
    const now = await this.#stampsNow();
    this.#stamps = now;
    await this.#mindCatalog();
    const isNew = now.configuration !== before.configuration || now.plugins !== before.plugins;
    if (isNew) await this.#begin();
    if (now.configuration !== before.configuration) this.tell('configuration');
    if (now.plugins !== before.plugins) this.tell('plugins');
    this.#isCatalogDue ||= now.catalog !== before.catalog;
    if (this.#isCatalogDue) this.#isCatalogDue = !(await this.#lookIntoCatalog());
  }

  /** What this process has open goes on to be its catalog when the file is taken away, and no other process sees what is written there. */
  async #mindCatalog(): Promise<void> {
    const file = join(this.folders.data, 'catalog.db');
    const now = await stat(file).then(
      ({ dev, ino }) => `${dev} ${ino}`,
      () => null,
    );
    const before = this.#catalogFile;
    if (before !== null && now !== before && !this.#hasLostCatalog) {
      this.#hasLostCatalog = true;
      const why = `${file} was ${now === null ? 'taken away' : 'replaced'} while this process uses it, and what is written now is lost`;
      this.#complain(new Error(`${why}: stop this process, put the catalog in its place, start again`));
    }
    this.#catalogFile ??= now;
  }

  /** The catalog was written to: whether anything in it is another that people look at. Answers whether all of it was looked at. */
  async #lookIntoCatalog(): Promise<boolean> {
    await using site = this.use({ actor: watcher, ask: null, out: null });
    const catalog = await site.catalog();
    const runs = (await catalog.jobs.list({ limit: 200 })).map(({ id, state, progress }) => [id, state, progress]);
    if (this.#isOther('runs', runs)) this.tell('runs');
    // Sums over many points cost more than the newest runs.
    if (this.around.now() - this.#pointsAt < pointsMs) return false;
    this.#pointsAt = this.around.now();
    if (this.#isOther('points', [await catalog.pointSums(), await catalog.machineNames()])) this.tell('points');
    return true;
  }

  #isOther(name: string, value: unknown): boolean {
    const hash = createHash('sha256').update(JSON.stringify(value)).digest('base64');
    const before = this.#seen.get(name);
    this.#seen.set(name, hash);
    return before !== hash;
  }

  async #stampsNow() {
    const own = this.folders;
    const { globals, cwd } = this.around;
    const names = ['holdfast.config.yaml', 'holdfast.config.yml', 'holdfast.config.json', 'holdfast.config.ts'];
    const files = [own.config, ...(globals.home === null ? [cwd] : [])].flatMap((folder) =>
      names.map((name) => join(folder, name)),
    );
    if (globals.config !== null) files.push(globals.config);
    const catalog = join(own.data, 'catalog.db');
    const [configuration, plugins, written] = await Promise.all([
      changeStamp(files, []),
      changeStamp([], [join(own.data, 'plugins')]),
      changeStamp([catalog, `${catalog}-wal`], []),
    ]);
    return { configuration, plugins, catalog: written };
  }

  get folders(): Folders {
    const { home } = this.around.globals;
    if (home === null) return folders(this.around.env);
    return { config: join(home, 'config'), data: join(home, 'data'), cache: join(home, 'cache') };
  }

  #newGeneration(): Generation {
    return new Generation((problem) => this.#complain(problem));
  }

  #complain(problem: unknown): void {
    this.around.log('error', problem instanceof Error ? problem.message : String(problem));
  }

  async #begin(): Promise<Generation> {
    const past = this.#generation;
    this.#generation = this.#newGeneration();
    await past.retire();
    return this.#generation;
  }

  #holder(): PartsHolder {
    let mine = this.#generation;
    mine.take();
    let isReleased = false;
    return {
      parts: mine.parts,
      renew: async () => {
        const next = this.#begin();
        this.#generation.take();
        const old = mine;
        mine = this.#generation;
        await old.give();
        await next;
        return mine.parts;
      },
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        await mine.give();
      },
    };
  }
}
