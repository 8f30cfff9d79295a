import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Call, type CallOptions, makeCall, type ObjectStore } from '@holdfast/api';
import type { Catalog, PlannedStep } from '../../core/catalog/contract.ts';
import { openCatalog } from '../../core/catalog/open.ts';
import type { Config, LoadedConfig } from '../../core/config/contract.ts';
import type { Engine } from '../../core/engine/contract.ts';
import type { EngineDeps, Timing } from '../../core/engine/deps.ts';
import { thisHolder } from '../../core/engine/holder.ts';
import { openEngine } from '../../core/engine/open.ts';
import type { CollectionBook } from '../../core/engine/repositories/contract.ts';
import type { PluginHost, PluginPlace } from '../../core/host/contract.ts';
import { openPluginHost } from '../../core/host/open.ts';
import { TrustStore } from '../../core/host/trust/trust-store.ts';
import type { Repository } from '../../core/repository/contract.ts';
import { createRepository } from '../../core/repository/create.ts';
import { openRepository } from '../../core/repository/open.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
const passphrase = 'correct horse';
/** A passphrase that only tests use need not cost an attacker anything. */
const cheap = { N: 1024, r: 8, p: 1 };

/** Short enough that tests do not wait, long enough that a busy machine keeps its leases. */
export const quick: Timing = {
  leaseMs: 2_500,
  beatMs: 100,
  backoffMs: [10, 20],
  slotWaitMs: 20_000,
  pollMs: 20,
  graceMs: 2_000,
};

export interface YardOptions {
  readonly timing?: Partial<Timing>;
  readonly place?: PluginPlace;
  readonly config?: Partial<Config>;
  readonly now?: () => number;
  readonly holder?: string;
  /** What saves the catalog after runs; default is nothing. */
  readonly savesCatalog?: EngineDeps['savesCatalog'];
  /** Lets a test stand between the engine and its catalog. */
  readonly wrapCatalog?: (catalog: Catalog) => Catalog;
  /** Lets a test stand between the engine and its repositories. */
  readonly wrapRepository?: (repository: Repository) => Repository;
  /** Lets repositories be collected by themselves. */
  readonly collections?: CollectionBook;
}

/** An installation for a test, all of it real: catalog, plugin host, repository on the disk target; machines on `fleet` and on `kvm`. */
export class Yard implements AsyncDisposable {
  readonly folder: string;
  readonly catalog: Catalog;
  readonly host: PluginHost;
  readonly engine: Engine;
  readonly config: LoadedConfig;
  readonly lines: string[] = [];
  readonly #repositories = new Map<string, Promise<Repository>>();
  readonly #owned: boolean;
  #count = 0;

  private constructor(
    folder: string,
    owned: boolean,
    catalog: Catalog,
    host: PluginHost,
    config: LoadedConfig,
    options: YardOptions,
  ) {
    this.folder = folder;
    this.#owned = owned;
    this.catalog = catalog;
    this.host = host;
    this.config = config;
    this.engine = this.openEngine(options);
  }

  /** A new installation, or with `folder` another process's look at an existing one. */
  static async open(options: YardOptions = {}, folder?: string): Promise<Yard> {
    const root = folder ?? (await mkdtemp(join(tmpdir(), 'holdfast-engine-')));
    for (const name of ['fleet', 'kvm', 'disk', 'data', 'cache', 'plugins'])
      mkdirSync(join(root, name), { recursive: true });
    const added = join(root, 'plugins');
    if (folder === undefined)
      cpSync(join(project, 'test/engine/fleet'), join(added, 'fleet-under-test'), { recursive: true });
    const host = await openTrusted(root, added, options.place ?? 'in-process');
    const opened = await openCatalog({
      file: join(root, 'data', 'catalog.db'),
      ...(options.now ? { now: options.now } : {}),
    });
    const catalog = options.wrapCatalog?.(opened) ?? opened;
    const config: Config = {
      endpoints: { fleet: { use: 'fleet', path: join(root, 'fleet') } },
      targets: { main: { use: 'disk', path: join(root, 'disk') } },
      slots: {},
      keep: {},
      compression: 1,
      workers: 1,
      plugins: {},
      ...options.config,
    };
    const loaded: LoadedConfig = { config, origins: new Map(), files: [], untrusted: [] };
    const yard = new Yard(root, folder === undefined, catalog, host, loaded, options);
    if (folder === undefined) {
      await yard.#create('main');
    }
    return yard;
  }

  /** Another engine on the same parts, as another process would have. */
  openEngine(options: YardOptions = {}): Engine {
    const deps: EngineDeps = {
      catalog: this.catalog,
      host: this.host,
      config: this.config,
      secrets: { resolve: async (reference) => reference },
      openRepository: async (target) => {
        const repository = await this.repository(target);
        return options.wrapRepository?.(repository) ?? repository;
      },
      ...(options.collections === undefined ? {} : { collections: options.collections }),
      who: 'tester',
      holder: options.holder ?? thisHolder(),
      now: options.now ?? Date.now,
      zone: 'UTC',
      timing: { ...quick, ...options.timing },
      ...(options.savesCatalog === undefined ? {} : { savesCatalog: options.savesCatalog }),
    };
    return openEngine(deps);
  }

  call(options: CallOptions = {}): Call {
    return makeCall({ who: 'tester', log: (_level, message) => this.lines.push(message), ...options });
  }

  store(target: string, more: Readonly<Record<string, unknown>> = {}): Promise<ObjectStore> {
    const { use = '', ...configured } = this.config.config.targets[target] ?? {};
    const settings = { ...configured, ...more };
    return this.host.openObjectStore({ name: target, use: String(use), settings, secret: async () => '' }, makeCall());
  }

  repository(target = 'main'): Promise<Repository> {
    let open = this.#repositories.get(target);
    if (open === undefined) {
      open = this.store(target).then((store) =>
        openRepository(store, { passphrase }, this.#repositoryOptions(target), makeCall()),
      );
      this.#repositories.set(target, open);
    }
    return open;
  }

  /** Adds a target with an empty repository. */
  async addTarget(name: string): Promise<void> {
    const path = join(this.folder, name);
    mkdirSync(path, { recursive: true });
    Object.assign(this.config.config.targets, { [name]: { use: 'disk', path } });
    await this.#create(name);
  }

  /** Changes how the fleet is opened. */
  openFleet(settings: Readonly<Record<string, unknown>>): void {
    Object.assign(this.config.config.endpoints, {
      fleet: { use: 'fleet', path: join(this.folder, 'fleet'), ...settings },
    });
  }

  /** Makes a machine of the fleet. Each disk is so many bytes of numbers that a seed gives. */
  addMachine(
    id: string,
    disks: Readonly<Record<string, Uint8Array>>,
    more: Readonly<Record<string, unknown>> = {},
  ): void {
    const folder = join(this.folder, 'fleet', 'machines', id);
    mkdirSync(folder, { recursive: true });
    for (const [key, bytes] of Object.entries(disks)) writeFileSync(join(folder, `${key}.raw`), bytes);
    writeFileSync(join(folder, 'machine.json'), JSON.stringify({ name: id, ...more }));
  }

  writeDisk(id: string, key: string, bytes: Uint8Array): void {
    writeFileSync(join(this.folder, 'fleet', 'machines', id, `${key}.raw`), bytes);
  }

  readDisk(id: string, key: string): Buffer {
    return readFileSync(join(this.folder, 'fleet', 'machines', id, `${key}.raw`));
  }

  removeMachine(name: string): void {
    rmSync(join(this.folder, 'fleet', 'machines', this.idOf(name) ?? 'none'), { recursive: true, force: true });
  }

  /**
   * Makes room for the next test in the same yard: empties the fleet, and puts a machine of a name that no test before had on it. What earlier tests
   * left in catalog and repository stays; it belongs to other machines.
   */
  next(disks: Readonly<Record<string, Uint8Array>> = { vda: noise(300_000, 1) }): string {
    const fleet = join(this.folder, 'fleet');
    for (const entry of readdirSync(fleet)) rmSync(join(fleet, entry), { recursive: true });
    for (const file of ['attempts.log', 'slots.log']) rmSync(join(this.folder, file), { force: true });
    for (const folder of ['machines', 'snapshots', 'tokens']) mkdirSync(join(fleet, folder));
    writeFileSync(join(fleet, 'calls.log'), '');
    this.lines.length = 0;
    this.#count += 1;
    const name = `web${String(this.#count).padStart(2, '0')}`;
    this.addMachine(name, disks);
    return name;
  }

  fail(faults: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(this.folder, 'fleet', 'faults.json'), JSON.stringify(faults));
    for (const file of readdirSync(join(this.folder, 'fleet')))
      if (file.startsWith('hits-')) rmSync(join(this.folder, 'fleet', file));
  }

  /** Snapshots and half-made machines that lie about on the fleet. */
  left(): string[] {
    const fleet = join(this.folder, 'fleet');
    return ['snapshots', 'machines'].flatMap((kind) =>
      existsSync(join(fleet, kind))
        ? readdirSync(join(fleet, kind))
            .filter((id) => existsSync(join(fleet, kind, id, 'mark.json')))
            .map((id) => `${kind}/${id}`)
        : [],
    );
  }

  /** Identity of the machine of the fleet that has a name. */
  idOf(name: string): string | undefined {
    const machines = join(this.folder, 'fleet', 'machines');
    return readdirSync(machines).find((id) =>
      readFileSync(join(machines, id, 'machine.json'), 'utf8').includes(`"name":"${name}"`),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const open of this.#repositories.values()) await open.then((repository) => repository.close()).catch(() => {});
    await this.host.close();
    await this.catalog.close();
    if (this.#owned) rmSync(this.folder, { recursive: true, force: true });
  }

  async #create(target: string): Promise<void> {
    const store = await this.store(target, { create: true });
    await createRepository(store, { passphrase }, this.#repositoryOptions(target), makeCall());
  }

  #repositoryOptions(target: string) {
    return {
      target,
      cacheFolder: join(this.folder, 'cache', target),
      workers: 1,
      level: 1,
      packBytes: 1024 * 1024,
      passphraseCost: cheap,
    };
  }
}

async function openTrusted(root: string, added: string, addedPlace: PluginPlace): Promise<PluginHost> {
  const options = {
    shippedFolder: join(project, 'plugins'),
    addedFolder: added,
    dataFolder: join(root, 'data'),
    addedPlace,
    log: () => {},
  };
  const untrusted = await openPluginHost(options);
  const found = untrusted.plugins().find(({ manifest }) => manifest.name === 'fleet-under-test');
  await untrusted.close();
  if (found === undefined) throw new Error('the fleet was not found');
  if (found.problems.length > 0) throw new Error(JSON.stringify(found.problems));
  if (!found.trusted) new TrustStore(added).trust('fleet-under-test', found.contentHash);
  return openPluginHost(options);
}

/** The workflow that nearly every test runs. */
export const toMain: readonly PlannedStep[] = [
  { use: 'snapshot', settings: { quiesce: 'none' } },
  { use: 'proxy', settings: { to: 'main' } },
];

/** Bytes that do not compress away and that a seed gives again: xorshift32. */
export function noise(sizeBytes: number, seed: number): Buffer {
  const words = new Uint32Array(Math.ceil(sizeBytes / 4));
  let state = seed * 2_654_435_761 + 1;
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return Buffer.from(words.buffer, 0, sizeBytes);
}
