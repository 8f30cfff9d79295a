import type { Call, CommandDeclaration, CommandResult, Hypervisor, ObjectStore, Plain } from '@holdfast/api';
import type { Catalog } from '../catalog/contract.ts';
import type { Folders, Instance, LoadedConfig, Secrets } from '../config/contract.ts';
import type { LoadOptions } from '../config/load.ts';
import type { Engine } from '../engine/contract.ts';
import type { PluginFolders } from '../host/authoring/folders.ts';
import type { PluginHost } from '../host/contract.ts';
import type { CreatedRepository, NewPassphrase, Repository, Unlock } from '../repository/contract.ts';
import type { Access, Actor } from './access/contract.ts';
import type { Audit } from './audit/contract.ts';
import type { Sessions } from './desk/sessions.ts';

/** Everything a command may use. Each part is opened on first use, so that a command pays only for what it needs. */
export interface Site {
  readonly folders: Folders;
  config(): Promise<LoadedConfig>;
  /** How the configuration is looked for, with the settings schemas of plugins: for checking and changing it. */
  configOptions(): Promise<LoadOptions>;
  secrets(): Promise<Secrets>;
  host(): Promise<PluginHost>;
  catalog(): Promise<Catalog>;
  engine(): Promise<Engine>;
  /** An endpoint of the configuration. Throws `ENDPOINT_NOT_FOUND`, and what its plugin throws. */
  hypervisor(endpoint: string, call: Call): Promise<Hypervisor>;
  /** An endpoint that is not configured yet. */
  hypervisorOn(endpoint: string, instance: Instance, call: Call): Promise<Hypervisor>;
  /** The store of a target, whether it holds a repository or not. Throws `TARGET_NOT_FOUND`, and what its plugin throws. */
  store(target: string, call: Call): Promise<ObjectStore>;
  /** The repository on a target, opened with the passphrase that the configuration refers to. */
  repository(target: string, call: Call): Promise<Repository>;
  /**
   * Makes a repository on a target that has none and that need not be configured yet, and its folder where its plugin can.
   * @param family A configured target whose repository the new one becomes a relative of.
   */
  createRepository(
    target: string,
    instance: Instance,
    secret: NewPassphrase,
    call: Call,
    family?: string | null,
  ): Promise<CreatedRepository>;
  /** Opens the repository on a target that is not configured yet, with a passphrase or recovery words. Whoever asks for it closes it. */
  openRepositoryOn(target: string, instance: Instance, secret: string | Unlock, call: Call): Promise<Repository>;
  /** Forgets what was read of the configuration and closes what was opened by it; the next use reads anew. */
  reload(): Promise<void>;
  /** Another installation, all in one folder. Whoever asks for it closes it. */
  at(home: string): OwnedSite;
  /** All commands, those of plugins among them. */
  commands(): Promise<readonly ShellCommand[]>;
  /** Where plugins lie: shipped ones, added ones, and their data. */
  readonly pluginFolders: PluginFolders;
  /** Folder of this program's own files. */
  readonly programFolder: string;
  /** How this program is called here, for commands that a person can paste: `holdfast`, `node core/cli/holdfast.js`. */
  readonly invocation: string;
  /** Writes bytes to stdout, for exports to a pipe; answers whether anybody still reads. The answer of the command then goes to stderr. */
  readonly out: ((bytes: Uint8Array) => Promise<boolean>) | null;
  /** Asks a person, where there is one; `null` where there is none. */
  readonly ask: Ask | null;
  /** Who acts. */
  readonly actor: Actor;
  access(): Promise<Access>;
  audit(): Promise<Audit>;
  /** Sessions of this process that others may look at; `null` where nothing stays open. */
  readonly sessions: Sessions | null;
  now(): number;
}

/** A site that whoever opened it closes. */
export type OwnedSite = Site & AsyncDisposable;

/** How a command asks a person. */
export interface Ask {
  text(question: string, options?: { readonly secret?: boolean; readonly fallback?: string }): Promise<string>;
  confirm(question: string): Promise<boolean>;
  /** Shows something that is shown once and kept nowhere, until the person has it. Absent: what is logged stays before the person's eyes. */
  show?(title: string, lines: readonly string[]): Promise<void>;
}

/** A command of the shell, registered once. CLI, palette, keys and help are all made from this. */
export interface ShellCommand extends CommandDeclaration {
  /** Some sentences for its help. */
  readonly description?: string;
  /** Not shown in help; for completion scripts and the like. */
  readonly hidden?: true;
  /** Loads the code on first use. */
  readonly load: () => Promise<{ readonly run: ShellHandler }>;
  /** Puts what arguments point to in their place, so that what a second person agrees to cannot become something else: a file of keys becomes the keys. */
  readonly settle?: (args: Readonly<Record<string, Plain>>) => Promise<Readonly<Record<string, Plain>>>;
  /** Answers with progress on a run: the front shows it while the command works. */
  readonly long?: boolean;
  /** The plugin that contributes it; absent of Holdfast's own. */
  readonly plugin?: string;
  /** Waits for a second person as what destroys does, because it hands out power. */
  readonly fourEyes?: true;
  /** Whether it changes anything when it has these arguments. Default: it does unless its danger is `read`. */
  readonly changes?: (args: Readonly<Record<string, Plain>>) => boolean;
}

/** Handles a command. `args` carry the schema's defaults; `dryRun` and `yes` are among them where the command changes anything. */
export type ShellHandler = (site: Site, args: Readonly<Record<string, Plain>>, call: Call) => Promise<CommandResult>;
