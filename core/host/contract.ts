import type {
  Activate,
  Call,
  CommandDeclaration,
  CommandHandler,
  Contribution,
  Hypervisor,
  KeybindingDeclaration,
  Manifest,
  MediaLibrary,
  Notifier,
  NotifierContribution,
  ObjectStore,
  ReportDeclaration,
  Step,
  TargetContribution,
  TechniqueContribution,
  ThemeDeclaration,
  ViewDeclaration,
  WalkthroughDeclaration,
} from '@holdfast/api';

/** Where a plugin comes from: shipped with Holdfast, or added by the administrator to the data folder. */
export type PluginOrigin = 'shipped' | 'added';

/** Where a plugin's code runs. */
export type PluginPlace = 'in-process' | 'worker';

/** A plugin that was found. Nothing of it has run. */
export interface FoundPlugin {
  readonly origin: PluginOrigin;
  readonly folder: string;
  readonly manifest: Manifest;
  /** SHA-256 over the names and contents of its files, in order of name; what trust is pinned to. */
  readonly contentHash: string;
  /** Added plugins only run when trusted with this very hash. Shipped ones always are. */
  readonly trusted: boolean;
  /** Everything wrong with its manifest, schemas and sheet; a plugin with problems is never loaded. */
  readonly problems: readonly { readonly file: string; readonly path: string; readonly message: string }[];
}

export type PluginState = 'idle' | 'active' | 'failed' | 'untrusted' | 'invalid';

export interface PluginStatus extends FoundPlugin {
  readonly state: PluginState;
  /** Why it failed, in one line. */
  readonly failure: string | null;
  /** How this very content last failed to start, in another process, and has not started since; `null` when it has not. */
  readonly lastFailure: PastFailure | null;
}

/** A failure of a plugin to start that is remembered from process to process. */
export interface PastFailure {
  /** Epoch milliseconds. */
  readonly at: number;
  /** One line. */
  readonly message: string;
}

/** A contribution and who makes it. */
export interface Contributed<C extends NotifierContribution> {
  readonly plugin: string;
  readonly contribution: C;
  /** The settings schema, read. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The capability sheet, read and checked; empty for a notifier. */
  readonly answers: Readonly<Record<string, unknown>>;
}

/** How an endpoint, target or notifier is opened: the name, its settings, and a way to its secrets. */
export interface HostOpening {
  readonly name: string;
  /** Contribution id, for example `kvm` or `disk`. */
  readonly use: string;
  readonly settings: Readonly<Record<string, unknown>>;
  secret(setting: string): Promise<string>;
}

/** Finds, checks, starts and stops plugins. One for each process. */
export interface PluginHost {
  /** All plugins found, in order of name. Reading this runs nothing. */
  plugins(): readonly PluginStatus[];
  hypervisors(): readonly Contributed<Contribution>[];
  targets(): readonly Contributed<TargetContribution>[];
  techniques(): readonly Contributed<TechniqueContribution>[];
  notifiers(): readonly Contributed<NotifierContribution>[];
  commands(): readonly { readonly plugin: string; readonly command: CommandDeclaration }[];
  /** Views, keys, themes, reports and walkthroughs are those of plugins that are in order and trusted: nothing of a stranger's is shown as ours. */
  views(): readonly { readonly plugin: string; readonly view: ViewDeclaration }[];
  keybindings(): readonly { readonly plugin: string; readonly binding: KeybindingDeclaration }[];
  /** `file` is absolute. */
  themes(): readonly { readonly plugin: string; readonly theme: ThemeDeclaration; readonly file: string }[];
  reports(): readonly { readonly plugin: string; readonly report: ReportDeclaration }[];
  walkthroughs(): readonly { readonly plugin: string; readonly walkthrough: WalkthroughDeclaration }[];
  /** Opens an endpoint, activating its plugin on first use. Throws `PLUGIN_NOT_FOUND`, `PLUGIN_UNTRUSTED`, `PLUGIN_FAILED`. */
  openHypervisor(opening: HostOpening, call: Call): Promise<Hypervisor>;
  openObjectStore(opening: HostOpening, call: Call): Promise<ObjectStore>;
  openMediaLibrary(opening: HostOpening, call: Call): Promise<MediaLibrary>;
  openNotifier(opening: HostOpening, call: Call): Promise<Notifier>;
  step(use: string): Promise<Step>;
  command(id: string): Promise<CommandHandler>;
  /** Refuses a path that a plugin's permissions, with its settings filled in, do not cover. Throws `PERMISSION_DENIED`. */
  checkPath(use: string, settings: Readonly<Record<string, unknown>>, path: string, access: 'read' | 'write'): void;
  /** Deactivates all, in reverse order of activation, each undo awaited. */
  close(): Promise<void>;
}

export interface HostOptions {
  /** Folder that holds the shipped plugins, two levels deep. */
  readonly shippedFolder: string;
  /** Folder of added plugins: one folder for each, and `trust.json`. */
  readonly addedFolder: string;
  /** Where plugin data folders are made. */
  readonly dataFolder: string;
  /** Where added plugins run. Default is `worker`; shipped ones always run in process. */
  readonly addedPlace?: PluginPlace;
  readonly log: (plugin: string, level: 'debug' | 'info' | 'warn' | 'error', message: string) => void;
}

/** What a plugin's module must export. */
export interface PluginModule {
  readonly activate: Activate;
}
