import { join, resolve } from 'node:path';
import type { Call, Hypervisor, ObjectStore } from '@holdfast/api';
import { Parts } from '../../base/parts.ts';
import type { Catalog } from '../../catalog/contract.ts';
import type { Folders, Instance, KnownSchemas, LoadedConfig, Secrets } from '../../config/contract.ts';
import { folders } from '../../config/folders.ts';
import { findInstance, openedFor, pluginSettings, secretReference } from '../../config/instance.ts';
import type { LoadOptions } from '../../config/load.ts';
import type { InstanceSection } from '../../config/merge.ts';
import type { Engine } from '../../engine/contract.ts';
import type { CatalogSaver } from '../../engine/saved-catalogs/saver.ts';
import type { PluginFolders } from '../../host/authoring/folders.ts';
import type { HostOpening, PluginHost } from '../../host/contract.ts';
import type {
  CreatedRepository,
  NewPassphrase,
  Repository,
  RepositoryOptions,
  Unlock,
} from '../../repository/contract.ts';
import type { Access, Actor } from '../access/contract.ts';
import type { Audit } from '../audit/contract.ts';
import type { OwnedSite, ShellCommand, Site } from '../contract.ts';
import type { Sessions } from '../desk/sessions.ts';

/** What every site of a process shares. */
export interface Surroundings {
  /** Folder of the checkout or of the installed package. */
  readonly root: string;
  /** Folder that holds `plugins`: the root, or `dist` in a package. */
  readonly code: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly invocation: string;
  /** A configuration file to read besides the usual ones, and a folder that holds an installation of its own. */
  readonly globals: { readonly config: string | null; readonly home: string | null };
  /** Where plugins' messages go. */
  readonly log: Call['log'];
  /** Whether the command only takes a short look. Known when the first part is opened. */
  readonly isQuick: () => boolean;
  /** Commands that come with the fronts: the workbench, the server. */
  readonly frontCommands: readonly ShellCommand[];
  readonly sessions: Sessions | null;
  readonly now: () => number;
}

/** Whom a site serves. */
export interface SiteWish {
  readonly actor: Actor;
  readonly ask: Site['ask'];
  readonly out: Site['out'];
}

/** Where a site gets its parts from: its own, or those that a whole process shares. */
export interface PartsHolder {
  readonly parts: Parts;
  /** Configuration or plugins have changed: answers what is used from now on. */
  renew(): Promise<Parts>;
  release(): Promise<void>;
}

/** Parts of one site alone. */
export function ownParts(): PartsHolder {
  const parts = new Parts();
  return {
    parts,
    renew: async () => {
      await parts.close();
      return parts;
    },
    release: () => parts.close(),
  };
}

/** All parts of one installation, each opened on first use and closed in reverse order. */
export class WiredSite implements OwnedSite {
  readonly #around: Surroundings;
  readonly #wish: SiteWish;
  readonly #holder: PartsHolder;
  #parts: Parts;
  /** Parts that ask whoever this site serves. */
  #asking = new Parts();

  constructor(around: Surroundings, wish: SiteWish, holder: PartsHolder = ownParts()) {
    this.#around = around;
    this.#wish = wish;
    this.#holder = holder;
    this.#parts = holder.parts;
  }

  get actor() {
    return this.#wish.actor;
  }

  get ask() {
    return this.#wish.ask;
  }

  get out() {
    return this.#wish.out;
  }

  get sessions() {
    return this.#around.sessions;
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
    return this.#around.now();
  }

  at(home: string): OwnedSite {
    return new WiredSite({ ...this.#around, globals: { config: null, home } }, this.#wish);
  }

  commands(): Promise<readonly ShellCommand[]> {
    return this.#parts.once('commands', async () => {
      const [{ contributedCommands }, { builtInCommands }] = await Promise.all([
        import('../registry/contributed.ts'),
        import('../commands/all.ts'),
      ]);
      return [...builtInCommands, ...this.#around.frontCommands, ...contributedCommands(await this.host())];
    });
  }

  config(): Promise<LoadedConfig> {
    return this.#parts.once('config', async () => {
      const { loadConfig } = await import('../../config/load.ts');
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
    const { env } = this.#around;
    const { ask } = this.#wish;
    const open = async (): Promise<Secrets> => {
      const { openSecrets } = await import('../../config/secrets/open-secrets.ts');
      const hidden = ask === null ? undefined : (question: string) => ask.text(question, { secret: true });
      return openSecrets({ env, folders: this.folders, ask: hidden });
    };
    return this.#mine('secrets', open);
  }

  host(): Promise<PluginHost> {
    return this.#parts.owned('host', async () => {
      const { openPluginHost } = await import('../../host/open.ts');
      const { log } = this.#around;
      return openPluginHost({
        ...this.pluginFolders,
        log: (plugin, level, message) => log(level, `${plugin}: ${message}`),
      });
    });
  }

  catalog(): Promise<Catalog> {
    return this.#parts.owned('catalog', async () => {
      const { openCatalog } = await import('../../catalog/open.ts');
      const thread = this.#around.isQuick() ? 'caller' : 'own';
      return openCatalog({ file: join(this.folders.data, 'catalog.db'), thread });
    });
  }

  engine(): Promise<Engine> {
    // Each person's runs carry their name.
    const who = this.#wish.actor.name;
    return this.#mine(`engine of ${who}`, async () => {
      // It opens on a thread of its own, while this one loads the rest.
      const opening = this.catalog();
      const [{ openEngine }, { thisHolder }, { collectionBook }] = await Promise.all([
        import('../../engine/open.ts'),
        import('../../engine/holder.ts'),
        import('../duties/collection-book.ts'),
        opening.catch(() => {}),
      ]);
      return openEngine({
        catalog: await opening,
        host: await this.host(),
        config: await this.config(),
        secrets: await this.secrets(),
        openRepository: (target, call) => this.repository(target, call),
        savesCatalog: (target, call) => this.#catalogSaver(target, call),
        collections: collectionBook(join(this.folders.data, 'collections.json')),
        who,
        holder: thisHolder(),
        now: this.#around.now,
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
    return this.#parts.owned(`repository ${target}`, async () => {
      const { openRepository } = await import('../../repository/open.ts');
      const store = await this.store(target, call);
      const { openWith } = await import('./open-with.ts');
      const options = await this.#repositoryOptions(target);
      return openWith(await this.#passphrase(target, call), (unlock) => openRepository(store, unlock, options, call));
    });
  }

  /** Opened after catalog and repository, and so closed before them: what is not saved then is saved first. */
  #catalogSaver(target: string, call: Call): Promise<CatalogSaver> {
    return this.#parts.owned(`catalog saver ${target}`, async () => {
      const { CatalogSaver } = await import('../../engine/saved-catalogs/saver.ts');
      const [catalog, repository] = [await this.catalog(), await this.repository(target, call)];
      return new CatalogSaver({ catalog, repository, now: this.#around.now });
    });
  }

  async createRepository(
    target: string,
    instance: Instance,
    secret: NewPassphrase,
    call: Call,
    family: string | null = null,
  ): Promise<CreatedRepository> {
    const { createRepository } = await import('../../repository/create.ts');
    // Before anything is made: a relative that cannot be opened is no reason to leave an empty folder.
    const relative = family === null ? {} : { family: await this.repository(family, call) };
    const host = await this.host();
    const opening = this.#openingOf('targets', target, instance, call);
    const making = host.openObjectStore({ ...opening, settings: makingIts(host, opening) }, call);
    const store = await openedFor('targets', target, instance.use, making);
    return createRepository(store, secret, { ...(await this.#repositoryOptions(target)), ...relative }, call);
  }

  async openRepositoryOn(target: string, instance: Instance, secret: string | Unlock, call: Call): Promise<Repository> {
    const { openRepository } = await import('../../repository/open.ts');
    const host = await this.host();
    const opening = host.openObjectStore(this.#openingOf('targets', target, instance, call), call);
    const store = await openedFor('targets', target, instance.use, opening);
    const options = await this.#repositoryOptions(target);
    if (typeof secret !== 'string') return openRepository(store, secret, options, call);
    const { openWith } = await import('./open-with.ts');
    return openWith(secret, (unlock) => openRepository(store, unlock, options, call));
  }

  access(): Promise<Access> {
    return this.#parts.once('access', async () => {
      const { openAccess } = await import('../access/open.ts');
      return openAccess({ folder: join(this.folders.data, 'access'), now: this.#around.now });
    });
  }

  audit(): Promise<Audit> {
    return this.#parts.owned('audit', async () => {
      const { openAudit } = await import('../audit/open.ts');
      return openAudit({ folder: join(this.folders.data, 'audit'), now: this.#around.now });
    });
  }

  async reload(): Promise<void> {
    this.#asking = new Parts();
    this.#parts = await this.#holder.renew();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#holder.release();
  }

  /** A part that asks people is of the one who is asked; only those that ask nobody are shared. */
  #mine<T>(name: string, open: () => Promise<T>): Promise<T> {
    if (this.#wish.ask === null) return this.#parts.once(name, open);
    return this.#asking.once(name, open);
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
    const { ask } = this.#wish;
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
}

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w./~+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** Settings with which a target's plugin makes its folder, where its schema knows of that. */
function makingIts(host: PluginHost, { use, settings }: HostOpening): HostOpening['settings'] {
  const properties = host.targets().find(({ contribution }) => contribution.id === use)?.settings.properties;
  const canCreate = typeof properties === 'object' && properties !== null && 'create' in properties;
  return canCreate ? { ...settings, create: true } : settings;
}

function knownSchemas(host: PluginHost): KnownSchemas {
  const byId = (all: ReturnType<PluginHost['notifiers']>) =>
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
    notifiers: byId(host.notifiers()),
    plugins: Object.fromEntries(configured),
    mediaTargets: media.map(({ contribution }) => contribution.id),
  };
}
