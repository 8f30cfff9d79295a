import type { Call, LogLevel, Plain } from './call.ts';
import type { CommandHandler } from './command.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { MediaLibrary } from './media.ts';
import type { Notifier } from './notifier.ts';
import type { ObjectStore } from './target.ts';
import type { Step } from './technique.ts';

/** What a configured endpoint or target is opened with. */
export interface Opening {
  /** The name that the administrator gave it, for example `disk-main`. */
  readonly name: string;
  /** Checked against the settings schema of the contribution, with its defaults filled in. */
  readonly settings: Readonly<Record<string, Plain>>;
  /** Reads a secret that the settings refer to, by the name of the setting. Throws `SECRET_UNAVAILABLE`. */
  secret(setting: string): Promise<string>;
}

/** Opens an endpoint. Called on first use, once for each configured endpoint. */
export type OpenHypervisor = (opening: Opening, call: Call) => Promise<Hypervisor>;
/** Opens a target of the object store shape. */
export type OpenObjectStore = (opening: Opening, call: Call) => Promise<ObjectStore>;
/** Opens a target of the media library shape. */
export type OpenMediaLibrary = (opening: Opening, call: Call) => Promise<MediaLibrary>;

/** Opens a way to reach administrators. */
export type OpenNotifier = (opening: Opening, call: Call) => Promise<Notifier>;

/** Something to undo when the plugin is deactivated. */
export type Undo = () => void | Promise<void>;

/**
 * What a plugin gets at activation. Everything registered here must be declared in the manifest under the same id, and
 * is undone by the host when the plugin is deactivated: in reverse order, each awaited.
 */
export interface PluginContext {
  /** The plugin's package name. */
  readonly plugin: string;
  /** A folder of the plugin's own that is kept across versions; made on first use. */
  readonly dataFolder: string;
  log(level: LogLevel, message: string): void;
  registerHypervisor(id: string, open: OpenHypervisor): void;
  registerObjectStore(id: string, open: OpenObjectStore): void;
  registerMediaLibrary(id: string, open: OpenMediaLibrary): void;
  registerNotifier(id: string, open: OpenNotifier): void;
  registerStep(id: string, step: Step<never>): void;
  registerCommand(id: string, handler: CommandHandler): void;
  /** Undoes something of the plugin's own, in turn with the registrations. */
  onDeactivate(undo: Undo): void;
}

/** The export named `activate` of a plugin's `main`. It must resolve within ten seconds. */
export type Activate = (context: PluginContext) => void | Promise<void>;
