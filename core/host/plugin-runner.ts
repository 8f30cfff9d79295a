import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HoldfastError, type LogLevel } from '@holdfast/api';
import { safeText } from '../model/text/safe-text.ts';
import type { ActivePlugin } from './activation/activated.ts';
import { activateInProcess } from './activation/in-process.ts';
import type { PluginPlace, PluginState, PluginStatus } from './contract.ts';
import type { Discovered } from './discover.ts';
import { folderName } from './folder-name.ts';
import { failureOf } from './guard/failure.ts';
import { contentHash } from './manifest/fingerprint.ts';
import type { PastFailures } from './past-failures.ts';
import { CrashCircuit } from './rpc/crash-circuit.ts';
import type { WorkerLimits } from './rpc/worker-limits.ts';

/** How the host treats one plugin. */
export interface Treatment {
  /** Where it runs. */
  readonly place: PluginPlace;
  /** Whether Node finds `@holdfast/*` from its folder by itself; else it gets the host's copy. */
  readonly resolvesHere: boolean;
  /** Whether its content must still be what was trusted. */
  readonly isPinned: boolean;
}

/** What a runner needs of the host. */
export interface RunnerOptions {
  readonly dataFolder: string;
  readonly treatment: Treatment;
  readonly limits: WorkerLimits;
  readonly now: () => number;
  readonly log: (plugin: string, level: LogLevel, message: string) => void;
  /** Where failures to start are remembered from process to process. */
  readonly failures: PastFailures;
  /** Told when a plugin has become active, in that order. */
  readonly activated: (runner: PluginRunner) => void;
  /** Told when a plugin's worker has ended by itself: nothing that it opened works any more. */
  readonly crashed: (runner: PluginRunner) => void;
}

/** One plugin: starts it on first use, remembers how it is doing, stops it. */
export class PluginRunner {
  readonly found: Discovered;
  readonly #options: RunnerOptions;
  readonly #circuit: CrashCircuit;
  #starting: Promise<ActivePlugin> | null = null;
  #state: PluginState;
  #failure: string | null = null;

  constructor(found: Discovered, options: RunnerOptions) {
    this.found = found;
    this.#options = options;
    this.#circuit = new CrashCircuit(options.limits.crashes, options.now);
    this.#state = found.problems.length > 0 ? 'invalid' : found.trusted ? 'idle' : 'untrusted';
    this.#failure = problemLine(found);
  }

  get name(): string {
    return this.found.manifest.name;
  }

  /** The plugin's own folder for data; it is made when the plugin asks for it. */
  get dataFolder(): string {
    return join(this.#options.dataFolder, folderName(this.name));
  }

  status(): PluginStatus {
    const { origin, folder, manifest, trusted, problems } = this.found;
    const { found } = this;
    return {
      origin,
      folder,
      manifest,
      trusted,
      problems,
      state: this.#state,
      failure: this.#failure,
      lastFailure: this.#options.failures.of(this.name, () => found.contentHash),
      get contentHash() {
        return found.contentHash;
      },
    };
  }

  readonly log = (level: LogLevel, message: string): void => {
    const lines = message.split('\n').slice(0, 100);
    for (const line of lines) this.#options.log(this.name, level, safeText(line, 2000));
  };

  /** The plugin, activated. Throws `PLUGIN_INVALID`, `PLUGIN_UNTRUSTED` or `PLUGIN_FAILED`. */
  async active(): Promise<ActivePlugin> {
    this.demandFit();
    this.#starting ??= this.#start();
    return await this.#starting;
  }

  /** Ends the plugin's worker at once, where it has one. For tests of what is left then. */
  async crash(): Promise<void> {
    await (await this.#starting)?.crash?.();
  }

  /** Idempotent. A plugin that fails to stop has been logged. */
  async close(): Promise<void> {
    const starting = this.#starting;
    this.#starting = null;
    if (this.#state === 'active') this.#state = 'idle';
    const active = await starting?.catch(() => null);
    await active?.deactivate();
  }

  async #start(): Promise<ActivePlugin> {
    try {
      const active = await this.#activate();
      this.#state = 'active';
      this.#failure = null;
      this.#options.failures.forget(this.name);
      this.#options.activated(this);
      return active;
    } catch (thrown) {
      const where = { plugin: this.name, what: 'activate', call: null, log: this.log };
      const failure = failureOf(thrown, where);
      this.#state = 'failed';
      this.#failure = failure.message;
      this.#options.failures.add(this.name, this.found.contentHash, this.#options.now(), failure.message);
      throw failure.code === 'PLUGIN_FAILED'
        ? failure
        : new HoldfastError('PLUGIN_FAILED', `${this.name} failed to activate: ${failure.message}`, {
            facts: { plugin: this.name, code: failure.code },
            cause: failure,
          });
    }
  }

  async #activate(): Promise<ActivePlugin> {
    const { folder, manifest } = this.found;
    const { limits, treatment } = this.#options;
    const { place, resolvesHere } = treatment;
    const common = { folder, manifest, resolvesHere, log: this.log };
    if (place === 'in-process') {
      const limitMs = limits.activationMs;
      return await activateInProcess({ ...common, dataFolder: () => this.#makeDataFolder(), limitMs });
    }
    const { dataFolder } = this;
    // Most commands start no worker and do not wait for what it takes.
    const { activateInWorker } = await import('./rpc/worker-plugin.ts');
    return await activateInWorker({ ...common, dataFolder, limits, crashed: (reason) => this.#crashed(reason) });
  }

  #crashed(reason: string): void {
    this.#starting = null;
    this.#circuit.crashed();
    this.#state = 'failed';
    this.#failure = safeText(reason, 500);
    this.log('error', `${this.name} is gone: ${reason}`);
    this.#options.crashed(this);
  }

  /** @throws `PLUGIN_INVALID`, `PLUGIN_UNTRUSTED`, and `PLUGIN_FAILED` after too many crashes. */
  demandFit(): void {
    const facts = { plugin: this.name };
    if (this.#state === 'invalid') {
      throw new HoldfastError('PLUGIN_INVALID', `${this.name} is not valid: ${this.#failure}`, {
        remedy: `see all of it with \`holdfast plugin show ${this.name}\``,
        facts,
      });
    }
    const trust = `read what it asks for, then \`holdfast plugin trust ${this.name}\``;
    if (this.#state === 'untrusted') {
      throw new HoldfastError('PLUGIN_UNTRUSTED', `${this.name} is not trusted`, { remedy: trust, facts });
    }
    const until = this.#circuit.openUntil();
    if (until !== null) {
      const minutes = Math.ceil((until - this.#options.now()) / 60_000);
      throw new HoldfastError(
        'PLUGIN_FAILED',
        `${this.name} crashed ${this.#options.limits.crashes} times within five minutes: ${this.#failure}`,
        {
          remedy: `it is left in peace for ${minutes} min; update or remove it, or try again then`,
          facts: { ...facts, until },
        },
      );
    }
    if (this.#options.treatment.isPinned && this.#starting === null && !this.#isUnchanged()) {
      this.#state = 'untrusted';
      throw new HoldfastError('PLUGIN_UNTRUSTED', `${this.name} has changed since it was trusted`, {
        remedy: trust,
        facts,
      });
    }
  }

  /** What is about to run is what was trusted. */
  #isUnchanged(): boolean {
    try {
      return contentHash(this.found.folder) === this.found.contentHash;
    } catch {
      return false;
    }
  }

  #makeDataFolder(): string {
    try {
      mkdirSync(this.dataFolder, { recursive: true, mode: 0o700 });
      return this.dataFolder;
    } catch (cause) {
      throw new HoldfastError('FOLDER_UNWRITABLE', `cannot make ${this.dataFolder}`, { cause });
    }
  }
}

function problemLine(found: Discovered): string | null {
  const [first] = found.problems;
  if (first === undefined) return null;
  const more = found.problems.length - 1;
  return safeText(`${first.file}${first.path} ${first.message}${more > 0 ? `, and ${more} more` : ''}`, 500);
}
