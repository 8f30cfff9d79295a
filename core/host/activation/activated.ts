import type {
  Activate,
  Call,
  CommandHandler,
  CommandResult,
  Hypervisor,
  LogLevel,
  Manifest,
  MediaLibrary,
  Notifier,
  ObjectStore,
  OpenHypervisor,
  Opening,
  OpenMediaLibrary,
  OpenNotifier,
  OpenObjectStore,
  Plain,
  PluginContext,
  Step,
  Undo,
} from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { levelOf } from '../guard/plugin-call.ts';

/** A plugin that has been activated, in this thread or in another one. */
export interface ActivePlugin {
  openHypervisor(id: string, opening: Opening, call: Call): Promise<Hypervisor>;
  openObjectStore(id: string, opening: Opening, call: Call): Promise<ObjectStore>;
  openMediaLibrary(id: string, opening: Opening, call: Call): Promise<MediaLibrary>;
  openNotifier(id: string, opening: Opening, call: Call): Promise<Notifier>;
  step(id: string): Promise<Step>;
  runCommand(id: string, args: Readonly<Record<string, Plain>>, call: Call): Promise<CommandResult>;
  /** Undoes everything that was registered, in reverse order, each awaited. */
  deactivate(): Promise<void>;
  /** Ends it at once, as a crash would. Only what runs in a thread of its own can be ended so. */
  crash?(): Promise<void>;
}

/** What a plugin is told about itself. */
export interface ActivationOptions {
  readonly manifest: Manifest;
  readonly dataFolder: () => string;
  readonly log: (level: LogLevel, message: string) => void;
}

type Kind = 'hypervisor' | 'object store' | 'media library' | 'technique' | 'notifier' | 'command';

/**
 * Runs a plugin's `activate` in this thread and keeps what it registers.
 * @throws `PLUGIN_FAILED` naming whatever was registered without being declared, or declared without being registered.
 */
export async function activatePlugin(activate: Activate, options: ActivationOptions): Promise<ActivePlugin> {
  const registry = new Registry(options);
  try {
    await activate(registry.context());
    registry.seal();
    return registry;
  } catch (thrown) {
    await registry.deactivate();
    throw thrown;
  }
}

class Registry implements ActivePlugin {
  readonly #options: ActivationOptions;
  readonly #declared: Map<string, Kind>;
  readonly #registered = new Map<string, unknown>();
  readonly #undos: Undo[] = [];
  #isOpen = true;

  constructor(options: ActivationOptions) {
    this.#options = options;
    this.#declared = declared(options.manifest);
  }

  context(): PluginContext {
    const { manifest, dataFolder, log } = this.#options;
    return {
      plugin: manifest.name,
      get dataFolder() {
        return dataFolder();
      },
      log: (level, message) => log(levelOf(level), String(message)),
      registerHypervisor: (id, open) => this.#register('hypervisor', id, open),
      registerObjectStore: (id, open) => this.#register('object store', id, open),
      registerMediaLibrary: (id, open) => this.#register('media library', id, open),
      registerNotifier: (id, open) => this.#register('notifier', id, open),
      registerStep: (id, step) => this.#register('technique', id, step),
      registerCommand: (id, handler) => this.#register('command', id, handler),
      onDeactivate: (undo) => void this.#undos.push(undo),
    };
  }

  /** From now on nothing more can be registered. */
  seal(): void {
    this.#isOpen = false;
    const missing = [...this.#declared].filter(([key]) => !this.#registered.has(key));
    const [first] = missing;
    if (first === undefined) return;
    throw new HoldfastError(
      'PLUGIN_FAILED',
      `${this.#options.manifest.name} declares ${missing.map(([key]) => key).join(', ')} and did not register it`,
      { facts: { plugin: this.#options.manifest.name, missing: missing.map(([key]) => key).join(', ') } },
    );
  }

  openHypervisor(id: string, opening: Opening, call: Call): Promise<Hypervisor> {
    return this.#get<OpenHypervisor>('hypervisor', id)(opening, call);
  }

  openObjectStore(id: string, opening: Opening, call: Call): Promise<ObjectStore> {
    return this.#get<OpenObjectStore>('object store', id)(opening, call);
  }

  openMediaLibrary(id: string, opening: Opening, call: Call): Promise<MediaLibrary> {
    return this.#get<OpenMediaLibrary>('media library', id)(opening, call);
  }

  openNotifier(id: string, opening: Opening, call: Call): Promise<Notifier> {
    return this.#get<OpenNotifier>('notifier', id)(opening, call);
  }

  async step(id: string): Promise<Step> {
    return this.#get<Step>('technique', id);
  }

  runCommand(id: string, args: Readonly<Record<string, Plain>>, call: Call): Promise<CommandResult> {
    return this.#get<CommandHandler>('command', id)(args, call);
  }

  async deactivate(): Promise<void> {
    this.#isOpen = false;
    for (const undo of this.#undos.splice(0).reverse()) {
      try {
        await undo();
      } catch (thrown) {
        const reason = thrown instanceof Error ? thrown.message : String(thrown);
        this.#options.log('error', `${this.#options.manifest.name} failed to undo something: ${reason}`);
      }
    }
    this.#registered.clear();
  }

  #register(kind: Kind, id: string, what: unknown): void {
    const key = `${kind} ${id}`;
    const { name } = this.#options.manifest;
    const refuse = (why: string): never => {
      throw new HoldfastError('PLUGIN_FAILED', `${name} ${why}`, { facts: { plugin: name, registered: key } });
    };
    if (!this.#isOpen) refuse(`registers ${key} after its activation has ended`);
    if (!this.#declared.has(key)) {
      const other = [...this.#declared.keys()];
      refuse(`registers ${key}, which its manifest does not declare (it declares ${other.join(', ') || 'nothing'})`);
    }
    if (this.#registered.has(key)) refuse(`registers ${key} twice`);
    if (kind === 'technique' ? typeof what !== 'object' || what === null : typeof what !== 'function') {
      refuse(`registers ${key} with ${what === null ? 'null' : typeof what}`);
    }
    this.#registered.set(key, what);
    this.#undos.push(() => void this.#registered.delete(key));
  }

  #get<T>(kind: Kind, id: string): T {
    const found = this.#registered.get(`${kind} ${id}`);
    if (found !== undefined) return found as T;
    throw new HoldfastError('PLUGIN_NOT_FOUND', `${this.#options.manifest.name} has no ${kind} ${id}`);
  }
}

function declared(manifest: Manifest): Map<string, Kind> {
  const { hypervisors = [], targets = [], techniques = [], notifiers = [], commands = [] } = manifest.contributes;
  const entries: [Kind, string][] = [
    ...hypervisors.map((c): [Kind, string] => ['hypervisor', c.id]),
    ...targets.map((c): [Kind, string] => [c.shape === 'object-store' ? 'object store' : 'media library', c.id]),
    ...techniques.map((c): [Kind, string] => ['technique', c.id]),
    ...notifiers.map((c): [Kind, string] => ['notifier', c.id]),
    ...commands.map((c): [Kind, string] => ['command', c.id]),
  ];
  return new Map(entries.map(([kind, id]) => [`${kind} ${id}`, kind]));
}
