import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, type LogLevel, makeCall } from '@holdfast/api';
import type { Repository, RepositoryOptions } from '../../../core/repository/contract.ts';
import { openRepository } from '../../../core/repository/open.ts';
import type { SimulatedStore } from './simulated-store.ts';
import { closeAll, runAs, type VirtualProcess } from './virtual-process.ts';
import type { World } from './world.ts';

/** Small enough that a disk of a few chunks makes several. */
const PACK_BYTES = 96 * 1024;
/** A lease of these worlds; renewed three times in it. */
export const SILENT_AFTER_MS = 60_000;

export const passphrase = 'a passphrase of several words';

export function optionsOf(cacheFolder: string, now: () => number): RepositoryOptions {
  return {
    target: 'here',
    cacheFolder,
    workers: 0,
    level: 1,
    packBytes: PACK_BYTES,
    passphraseCost: { N: 2, r: 1, p: 1 },
    silentAfterMs: SILENT_AFTER_MS,
    now,
  };
}

/** A process of ours on a host, from its start until it ends or is killed. */
export class SimulatedProcess implements VirtualProcess {
  readonly host: string;
  readonly store: SimulatedStore;
  readonly otherStore: SimulatedStore;
  readonly open = new Set<number>();
  isDead = false;
  isStopped = false;
  readonly #world: World;
  #repository: Promise<Repository> | null = null;
  #other: Promise<Repository> | null = null;
  readonly #cache: string;
  readonly #now: () => number;

  constructor(world: World, host: string, cache: string, now: () => number) {
    this.host = host;
    this.#world = world;
    this.#cache = cache;
    this.#now = now;
    this.store = world.openStore(this);
    this.otherStore = world.openOtherStore(this);
  }

  monotonicMs(): number {
    return this.#world.scheduler.nowMs;
  }

  random(length: number): Buffer {
    return this.#world.random(this, length);
  }

  after(ms: number, run: () => void): { cancel(): void } {
    return this.#world.scheduler.after(ms, this, () => runAs(this, run));
  }

  /** Opened when it is first wanted. */
  repository(call: Call): Promise<Repository> {
    this.#repository ??= this.#open(this.store, call).catch((failure: unknown) => {
      this.#repository = null;
      throw failure;
    });
    return this.#repository;
  }

  /** The repository that restore points are copied to. */
  other(call: Call): Promise<Repository> {
    this.#other ??= this.#open(this.otherStore, call).catch((failure: unknown) => {
      this.#other = null;
      throw failure;
    });
    return this.#other;
  }

  #open(store: SimulatedStore, call: Call): Promise<Repository> {
    return openRepository(store, { passphrase }, optionsOf(this.#cache, this.#now), call);
  }

  /** Nothing of it happens from now on. */
  kill(): void {
    this.isDead = true;
    this.store.die();
    this.otherStore.die();
    closeAll(this);
  }

  async close(): Promise<void> {
    await (await this.#repository)?.close();
    await (await this.#other)?.close();
    this.#repository = null;
    this.#other = null;
  }

  call(action: string, signal?: AbortSignal): Call {
    const log = (level: LogLevel, text: string): void => this.#world.heard(this.host, action, level, text);
    return makeCall({ who: action, log, ...(signal === undefined ? {} : { signal }) });
  }
}

/** A host: its clock and its local cache outlive its processes. */
export class Host {
  readonly name: string;
  readonly folder: string;
  process: SimulatedProcess;
  /** How far its clock is from the truth, in milliseconds. */
  clockOffsetMs: number;
  /** Actions under way. */
  busy = 0;
  readonly #world: World;

  constructor(world: World, name: string, clockOffsetMs: number) {
    this.#world = world;
    this.name = name;
    this.folder = join(world.folder, name);
    mkdirSync(this.folder, { recursive: true });
    this.clockOffsetMs = clockOffsetMs;
    this.process = this.#start();
  }

  get cache(): string {
    return join(this.folder, 'cache');
  }

  /** Nothing of its process happens from now on; another one is started. */
  kill(): void {
    this.process.kill();
    this.busy = 0;
    this.process = this.#start();
  }

  keepCache(): void {
    if (existsSync(this.cache)) cpSync(this.cache, `${this.cache}.yesterday`, { recursive: true });
  }

  /** Between two processes: the cache is as it was when it was kept. Answers `false` when none was. */
  putBackCache(): boolean {
    if (!existsSync(`${this.cache}.yesterday`)) return false;
    this.loseCache();
    cpSync(`${this.cache}.yesterday`, this.cache, { recursive: true });
    return true;
  }

  loseCache(): void {
    rmSync(this.cache, { recursive: true, force: true });
  }

  #start(): SimulatedProcess {
    return new SimulatedProcess(this.#world, this.name, this.cache, () => this.now());
  }

  now(): number {
    return Math.round(1_700_000_000_000 + this.#world.scheduler.nowMs + this.clockOffsetMs);
  }
}
