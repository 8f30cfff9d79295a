/** Wires the parts together: the only file that knows everything. */
import { readFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import type { Call, Hypervisor, ObjectStore } from '@holdfast/api';
import type { Catalog } from './catalog/contract.ts';
import { type CliParts, runCli, type SiteWish } from './cli/run-cli.ts';
import type { Folders, Instance, KnownSchemas, LoadedConfig, Secrets } from './config/contract.ts';
import { folders } from './config/folders.ts';
import { findInstance, openedFor, pluginSettings, secretReference } from './config/instance.ts';
import type { LoadOptions } from './config/load.ts';
import type { InstanceSection } from './config/merge.ts';
import type { Engine } from './engine/contract.ts';
import type { PluginFolders } from './host/authoring/folders.ts';
import type { HostOpening, PluginHost } from './host/contract.ts';
import type { CreatedRepository, Repository, RepositoryOptions } from './repository/contract.ts';
import { builtInCommands } from './shell/commands/all.ts';
import type { OwnedSite, ShellCommand } from './shell/contract.ts';
import { CommandRegistry } from './shell/registry/registry.ts';

/** What the launcher says of where it is. */
export interface Launch {
  /** Folder of the checkout or of the installed package. */
  readonly root: string;
}

/** What every site of this process shares. */
interface Surroundings extends SiteWish {
  readonly root: string;
  /** Folder that holds `plugins`: the root, or `dist` in a package. */
  readonly code: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly invocation: string;
}

type Opened = { close(): Promise<void> };

/** All parts of one installation, each opened on first use and closed in reverse order. */
class WiredSite implements OwnedSite {
  readonly #around: Surroundings;
  #parts = new Map<string, Promise<unknown>>();
  #closing: (() => Promise<void>)[] = [];

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get ask() {
    return this.#around.ask;
  }

  get out() {
    return this.#around.out;
  }

  get pluginFolders(): PluginFolders {
    return {
      shippedFolder: join(this.#around.code, 'plugins'),
      addedFolder: join(this.folders.data, 'plugins'),
      dataFolder: join(this.folders.data, 'plugin-data'),
    };
  }

  get programFolder(): string {
    return this.#around.root;
  }

  get invocation(): string {
    const { home } = this.#around.globals;
    return home === null ? this.#around.invocation : `${this.#around.invocation} --home ${quoted(home)}`;
  }

  get folders(): Folders {
    const { home } = this.#around.globals;
    if (home === null) return folders(this.#around.env);
    return { config: join(home, 'config'), data: join(home, 'data'), cache: join(home, 'cache') };
  }

  now(): number {
    return Date.now();
  }

  at(home: string): OwnedSite {
    return new WiredSite({ ...this.#around, globals: { config: null, home } });
  }

  commands(): Promise<readonly ShellCommand[]> {
    return this.#once('commands', async () => {
      const { contributedCommands } = await import('./shell/registry/contributed.ts');
      return [...builtInCommands, ...contributedCommands(await this.host())];
    });
  }

  config(): Promise<LoadedConfig> {
    return this.#once('config', async () => {
      const { loadConfig } = await import('./config/load.ts');
      return loadConfig(await this.configOptions());
    });
  }

  async configOptions(): Promise<LoadOptions> {
    const { cwd, env, globals } = this.#around;
    return {
      // An installation in a folder of its own is not for the project that happens to be around.
      cwd: globals.home === null ? cwd : '/',
      env,
      folders: this.folders,
      configFile: globals.config === null ? undefined : resolve(cwd, globals.config),
      known: knownSchemas(await this.host()),
    };
  }

  secrets(): Promise<Secrets> {
    return this.#once('secrets', async () => {
      const { openSecrets } = await import('./config/secrets/open-secrets.ts');
      const { ask, env } = this.#around;
      const hidden = ask === null ? undefined : (question: string) => ask.text(question, { secret: true });
      return openSecrets({ env, folders: this.folders, ask: hidden });
    });
  }

  host(): Promise<PluginHost> {
    return this.#owned('host', async () => {
      const { openPluginHost } = await import('./host/open.ts');
      const { log } = this.#around;
      return openPluginHost({
        ...this.pluginFolders,
        log: (plugin, level, message) => log(level, `${plugin}: ${message}`),
      });
    });
  }

  catalog(): Promise<Catalog> {
    return this.#owned('catalog', async () => {
      const { openCatalog } = await import('./catalog/open.ts');
      const thread = this.#around.isQuick() ? 'caller' : 'own';
      return openCatalog({ file: join(this.folders.data, 'catalog.db'), thread });
    });
  }

  engine(): Promise<Engine> {
    return this.#once('engine', async () => {
      const [{ openEngine }, { thisHolder }] = await Promise.all([
        import('./engine/open.ts'),
        import('./engine/holder.ts'),
      ]);
      return openEngine({
        catalog: await this.catalog(),
        host: await this.host(),
        config: await this.config(),
        secrets: await this.secrets(),
        openRepository: (target, call) => this.repository(target, call),
        who: this.#around.who,
        holder: thisHolder(),
        now: Date.now,
      });
    });
  }

  async hypervisor(endpoint: string, call: Call): Promise<Hypervisor> {
    return this.hypervisorOn(endpoint, findInstance(await this.config(), 'endpoints', endpoint), call);
  }

  async hypervisorOn(endpoint: string, instance: Instance, call: Call): Promise<Hypervisor> {
    const host = await this.host();
    const opening = this.#openingOf('endpoints', endpoint, instance, call);
    return openedFor('endpoints', endpoint, opening.use, host.openHypervisor(opening, call));
  }

  async store(target: string, call: Call): Promise<ObjectStore> {
    const host = await this.host();
    const opening = await this.#opening('targets', target, call);
    return openedFor('targets', target, opening.use, host.openObjectStore(opening, call));
  }

  repository(target: string, call: Call): Promise<Repository> {
    return this.#owned(`repository ${target}`, async () => {
      const { openRepository } = await import('./repository/open.ts');
      const store = await this.store(target, call);
      const passphrase = await this.#passphrase(target, call);
      return openRepository(store, { passphrase }, await this.#repositoryOptions(target), call);
    });
  }

  async createRepository(
    target: string,
    instance: Instance,
    passphrase: string,
    call: Call,
  ): Promise<CreatedRepository> {
    const { createRepository } = await import('./repository/create.ts');
    const host = await this.host();
    const opening = this.#openingOf('targets', target, instance, call);
    const making = host.openObjectStore({ ...opening, settings: makingIts(host, opening) }, call);
    const store = await openedFor('targets', target, instance.use, making);
    return createRepository(store, { passphrase }, await this.#repositoryOptions(target), call);
  }

  async openRepositoryOn(target: string, instance: Instance, passphrase: string, call: Call): Promise<Repository> {
    const { openRepository } = await import('./repository/open.ts');
    const host = await this.host();
    const opening = host.openObjectStore(this.#openingOf('targets', target, instance, call), call);
    const store = await openedFor('targets', target, instance.use, opening);
    return openRepository(store, { passphrase }, await this.#repositoryOptions(target), call);
  }

  async reload(): Promise<void> {
    const closing = this.#closing.reverse();
    this.#closing = [];
    this.#parts = new Map();
    for (const close of closing) await close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.reload();
  }

  async #opening(section: InstanceSection, name: string, call: Call): Promise<HostOpening> {
    return this.#openingOf(section, name, findInstance(await this.config(), section, name), call);
  }

  #openingOf(section: InstanceSection, name: string, instance: Instance, call: Call): HostOpening {
    return {
      name,
      use: instance.use,
      settings: pluginSettings(instance),
      secret: async (setting) =>
        (await this.secrets()).resolve(secretReference(section, name, instance, setting), call.signal),
    };
  }

  async #passphrase(target: string, call: Call): Promise<string> {
    const instance = findInstance(await this.config(), 'targets', target);
    const { ask } = this.#around;
    if (instance.passphrase === undefined && ask !== null) {
      return ask.text(`Passphrase of the repository on ${target}`, { secret: true });
    }
    return (await this.secrets()).resolve(secretReference('targets', target, instance, 'passphrase'), call.signal);
  }

  async #repositoryOptions(target: string): Promise<RepositoryOptions> {
    const { config } = await this.config();
    return {
      target,
      cacheFolder: join(this.folders.cache, 'repositories', target),
      level: config.compression,
      ...(config.workers === 0 ? {} : { workers: config.workers }),
    };
  }

  /** Opens a part once; one that failed to open is tried again next time. */
  #once<T>(name: string, open: () => Promise<T>): Promise<T> {
    const known = this.#parts.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const opening = open();
    this.#parts.set(name, opening);
    opening.catch(() => this.#parts.delete(name));
    return opening;
  }

  #owned<T extends Opened>(name: string, open: () => Promise<T>): Promise<T> {
    return this.#once(name, async () => {
      const part = await open();
      this.#closing.push(() => part.close());
      return part;
    });
  }
}

/** A word as a shell takes it. */
const quoted = (word: string): string => (/^[\w./~+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Settings with which a target's plugin makes its folder, where its schema knows of that. */
function makingIts(host: PluginHost, { use, settings }: HostOpening): HostOpening['settings'] {
  const properties = host.targets().find(({ contribution }) => contribution.id === use)?.settings.properties;
  const canCreate = typeof properties === 'object' && properties !== null && 'create' in properties;
  return canCreate ? { ...settings, create: true } : settings;
}

function knownSchemas(host: PluginHost): KnownSchemas {
  const byId = (all: ReturnType<PluginHost['hypervisors']>) =>
    Object.fromEntries(all.map(({ contribution, settings }) => [contribution.id, settings]));
  const configured = host.plugins().flatMap(({ manifest, trusted }) => {
    const schema = manifest.contributes?.configuration;
    // That of a plugin that nobody trusts yet is not handed to a validator.
    return schema === undefined ? [] : [[manifest.name, trusted ? schema : { type: 'object' }] as const];
  });
  const media = host.targets().filter(({ contribution }) => contribution.shape === 'media-library');
  return {
    hypervisors: byId(host.hypervisors()),
    targets: byId(host.targets()),
    plugins: Object.fromEntries(configured),
    mediaTargets: media.map(({ contribution }) => contribution.id),
  };
}

function versionOf(root: string): string {
  const read: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const version = typeof read === 'object' && read !== null && 'version' in read ? read.version : null;
  return typeof version === 'string' ? version : '0.0.0';
}

/** How a person starts this program again: the command in the PATH, else the launcher as seen from here. */
function invocationOf(root: string): string {
  if (basename(process.argv[1] ?? '') === 'holdfast') return 'holdfast';
  const launcher = join(root, 'core', 'cli', 'holdfast.js');
  const near = relative(process.cwd(), launcher);
  return `node ${quoted(near.startsWith('..') ? launcher : near)}`;
}

/** How long whatever keeps the process alive after its work may do so. */
const lingerMs = 2_000;

/** Runs one command line in this process and sets its exit code. */
export async function main(argv: readonly string[], { root }: Launch): Promise<void> {
  const around = {
    root,
    code: join(import.meta.dirname, '..'),
    cwd: process.cwd(),
    env: process.env,
    invocation: invocationOf(root),
  };
  const parts: CliParts = {
    root,
    version: versionOf(root),
    registry: new CommandRegistry(builtInCommands),
    openSite: (wish) => new WiredSite({ ...wish, ...around }),
    now: Date.now,
  };
  let isOver = false;
  // Work that waits for something that nobody will ever do keeps no process alive: that must not look like success.
  process.once('beforeExit', () => {
    if (isOver) return;
    process.stderr.write('✗ a bug: the work stopped without coming to an end [INTERNAL]\n');
    process.exit(1);
  });
  process.exitCode = await runCli(argv, parts);
  isOver = true;
  // All that was opened is closed by now; whatever still holds the process must not hold the person.
  setTimeout(() => process.exit(), lingerMs).unref();
}
