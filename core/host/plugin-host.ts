import {
  type Call,
  type CommandDeclaration,
  type CommandHandler,
  type Contribution,
  HoldfastError,
  type Hypervisor,
  type LogLevel,
  type MediaLibrary,
  makeCall,
  type ObjectStore,
  type Opening,
  type Step,
  type TargetContribution,
  type TechniqueContribution,
} from '@holdfast/api';
import type { ActivePlugin } from './activation/activated.ts';
import type { Contributed, HostOpening, PluginHost, PluginStatus } from './contract.ts';
import type { Discovered } from './discover.ts';
import { failureOf } from './guard/failure.ts';
import type { Boundary } from './guard/guard.ts';
import { Patience } from './guard/patience.ts';
import { guardCommand, guardHypervisor, guardLibrary, guardStep, guardStore } from './guard/services.ts';
import type { ReadContribution } from './manifest/read.ts';
import { Grants } from './permissions/grants.ts';
import { PluginRunner, type Treatment } from './plugin-runner.ts';
import type { WorkerLimits } from './rpc/worker-limits.ts';
import { completeSettings, isSecret } from './settings/complete.ts';

/** A contribution and the plugin that runs it. */
interface Owned extends ReadContribution {
  readonly runner: PluginRunner;
}

type Open<T> = (
  owned: Owned,
  given: Opening,
  active: ActivePlugin,
  boundary: Boundary,
  grants: Grants,
  call: Call,
) => Promise<T>;

/** How the host behaves. */
export interface HostBehaviour {
  /** Where plugin data folders are made. */
  readonly dataFolder: string;
  readonly treat: (plugin: Discovered) => Treatment;
  readonly limits: WorkerLimits;
  /** How long a plugin may take to stop after a cancellation or a deadline, in milliseconds. */
  readonly graceMs: number;
  readonly now: () => number;
  readonly log: (plugin: string, level: LogLevel, message: string) => void;
}

type Closable = { close(call: Call): Promise<void> };

/** A service that has been opened, or is about to be. */
interface Opened {
  readonly plugin: string;
  readonly service: Promise<Closable>;
}

/** @see PluginHost for what each member promises. */
export class LocalPluginHost implements PluginHost {
  readonly #runners: readonly PluginRunner[];
  readonly #behaviour: HostBehaviour;
  readonly #activationOrder: PluginRunner[] = [];
  readonly #opened = new Map<string, Opened>();
  #isClosed = false;

  constructor(found: readonly Discovered[], behaviour: HostBehaviour) {
    this.#behaviour = behaviour;
    const { dataFolder, limits, now, log } = behaviour;
    const activated = (runner: PluginRunner): void => void this.#activationOrder.push(runner);
    const crashed = (runner: PluginRunner): void => this.#forgetAll(runner);
    this.#runners = found.map(
      (plugin) =>
        new PluginRunner(plugin, {
          dataFolder,
          limits,
          now,
          log,
          activated,
          crashed,
          treatment: behaviour.treat(plugin),
        }),
    );
  }

  plugins(): readonly PluginStatus[] {
    return this.#runners.map((runner) => runner.status());
  }

  hypervisors(): readonly Contributed<Contribution>[] {
    return this.#contributed('hypervisor');
  }

  targets(): readonly Contributed<TargetContribution>[] {
    return this.#contributed<TargetContribution>('target');
  }

  techniques(): readonly Contributed<TechniqueContribution>[] {
    return this.#contributed<TechniqueContribution>('technique');
  }

  commands(): readonly { readonly plugin: string; readonly command: CommandDeclaration }[] {
    return this.#usable().flatMap((runner) =>
      (runner.found.manifest.contributes.commands ?? []).map((command) => ({ plugin: runner.name, command })),
    );
  }

  openHypervisor(opening: HostOpening, call: Call): Promise<Hypervisor> {
    return this.#open('hypervisor', opening, 'endpoint', call, async (owned, given, active, boundary, grants, its) => {
      const hypervisor = await active.openHypervisor(owned.contribution.id, given, its);
      return guardHypervisor(hypervisor, boundary, grants);
    });
  }

  openObjectStore(opening: HostOpening, call: Call): Promise<ObjectStore> {
    return this.#open('target', opening, 'target', call, async (owned, given, active, boundary, grants, its) => {
      demandShape(owned, 'object-store');
      const store = await active.openObjectStore(owned.contribution.id, given, its);
      return guardStore(store, boundary, grants);
    });
  }

  openMediaLibrary(opening: HostOpening, call: Call): Promise<MediaLibrary> {
    return this.#open('target', opening, 'target', call, async (owned, given, active, boundary, _grants, its) => {
      demandShape(owned, 'media-library');
      return guardLibrary(await active.openMediaLibrary(owned.contribution.id, given, its), boundary);
    });
  }

  async step(use: string): Promise<Step> {
    const owned = this.#find('technique', use);
    const boundary = this.#boundary(owned.runner, `step ${use}`);
    const complete = (settings: Readonly<Record<string, unknown>>) =>
      completeSettings(owned.settings, settings, `step ${use}`);
    const grants = (settings: Readonly<Record<string, unknown>>) => this.#grants(owned.runner, settings);
    const step = await (await owned.runner.active()).step(use);
    demandPorts(owned.contribution as TechniqueContribution, step, owned.runner.name);
    return guardStep(step, boundary, { complete, grants });
  }

  async command(id: string): Promise<CommandHandler> {
    const found = this.#usable().find((runner) =>
      (runner.found.manifest.contributes.commands ?? []).some((command) => command.id === id),
    );
    if (found === undefined) throw new HoldfastError('PLUGIN_NOT_FOUND', `no plugin has a command ${id}`);
    const active = await found.active();
    return guardCommand((args, call) => active.runCommand(id, args, call), this.#boundary(found, `command ${id}`));
  }

  checkPath(use: string, settings: Readonly<Record<string, unknown>>, path: string, access: 'read' | 'write'): void {
    const owned = this.#all().find((one) => one.contribution.id === use);
    if (owned === undefined) throw notFound('contribution', use);
    this.#grants(owned.runner, settings).demandPath(path, access);
  }

  /** Ends a plugin's worker at once, where it has one. For tests of what is left then. */
  async crash(plugin: string): Promise<void> {
    await this.#runners.find((runner) => runner.name === plugin)?.crash();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const opened = [...this.#opened.values()].reverse();
    this.#opened.clear();
    for (const { service } of opened) {
      try {
        await (await service).close(makeCall());
      } catch {
        // Whatever went wrong was said where the service was used, or is in the log.
      }
    }
    for (const runner of this.#activationOrder.splice(0).reverse()) await runner.close();
  }

  /** Opens a service once for each name and settings, and again after it has been closed or has failed to open. */
  async #open<T extends Closable>(
    kind: 'hypervisor' | 'target',
    opening: HostOpening,
    noun: string,
    call: Call,
    open: Open<T>,
  ): Promise<T> {
    if (this.#isClosed) throw new HoldfastError('PLUGIN_FAILED', 'the plugin host has been closed');
    const owned = this.#find(kind, opening.use);
    const subject = `${noun} ${opening.name}`;
    const settings = completeSettings(owned.settings, withoutUse(opening), subject);
    const grants = this.#grants(owned.runner, settings);
    const key = JSON.stringify([kind, opening.name, opening.use, settings]);
    const known = this.#opened.get(key);
    if (known !== undefined) return (await known.service) as T;
    const forget = (): void => {
      if (this.#opened.get(key)?.service === service) this.#opened.delete(key);
    };
    const boundary: Boundary = { ...this.#boundary(owned.runner, subject), closed: forget };
    const given: Opening = {
      name: opening.name,
      settings,
      secret: async (setting) => {
        if (!isSecret(owned.settings, setting)) throw notSecret(subject, setting);
        grants.demandSecret(setting);
        return await opening.secret(setting);
      },
    };
    const what = `${subject} open`;
    const work = async (): Promise<T> => {
      using patience = new Patience(call, what, boundary.graceMs, boundary.now);
      try {
        const active = await owned.runner.active();
        return await patience.wait(open(owned, given, active, boundary, grants, patience.call));
      } catch (thrown) {
        forget();
        throw failureOf(thrown, { plugin: owned.runner.name, what, call: patience.call, log: owned.runner.log });
      }
    };
    const service = work();
    this.#opened.set(key, { plugin: owned.runner.name, service });
    return await service;
  }

  #forgetAll(runner: PluginRunner): void {
    for (const [key, { plugin }] of this.#opened) if (plugin === runner.name) this.#opened.delete(key);
    this.#activationOrder.splice(0, Infinity, ...this.#activationOrder.filter((one) => one !== runner));
  }

  #boundary(runner: PluginRunner, subject: string): Boundary {
    const { graceMs, now } = this.#behaviour;
    return { plugin: runner.name, subject, log: runner.log, graceMs, now };
  }

  #grants(runner: PluginRunner, settings: Readonly<Record<string, unknown>>): Grants {
    const { manifest, folder } = runner.found;
    return new Grants(runner.name, manifest.permissions ?? {}, {
      settings,
      dataFolder: runner.dataFolder,
      pluginFolder: folder,
    });
  }

  #usable(): readonly PluginRunner[] {
    return this.#runners.filter((runner) => runner.found.problems.length === 0);
  }

  #all(): readonly Owned[] {
    return this.#usable().flatMap((runner) => runner.found.contributions.map((c) => ({ ...c, runner })));
  }

  #contributed<C extends Contribution>(kind: ReadContribution['kind']): readonly Contributed<C>[] {
    return this.#all()
      .filter((one) => one.kind === kind)
      .map(({ runner, contribution, settings, answers }) => ({
        plugin: runner.name,
        contribution: contribution as C,
        settings,
        answers,
      }));
  }

  #find(kind: ReadContribution['kind'], use: string): Owned {
    const found = this.#all().find((one) => one.kind === kind && one.contribution.id === use);
    if (found !== undefined) return found;
    throw this.#unfit(kind, use) ?? notFound(kind, use);
  }

  /** A plugin that would have it, were it in order. */
  #unfit(kind: ReadContribution['kind'], use: string): HoldfastError | null {
    const runner = this.#runners.find(
      ({ found }) =>
        found.problems.length > 0 && found.contributions.some((c) => c.kind === kind && c.contribution.id === use),
    );
    if (runner === undefined) return null;
    const { failure } = runner.status();
    return new HoldfastError(
      'PLUGIN_INVALID',
      `${runner.name}, which has the ${kind} ${use}, is not valid: ${failure}`,
      {
        facts: { plugin: runner.name },
      },
    );
  }
}

function withoutUse(opening: HostOpening): Readonly<Record<string, unknown>> {
  const { use, ...settings } = opening.settings;
  return use === opening.use ? settings : opening.settings;
}

function demandShape(owned: Owned, shape: TargetContribution['shape']): void {
  const has = (owned.contribution as TargetContribution).shape;
  if (has === shape) return;
  throw new HoldfastError('UNSUPPORTED', `the target ${owned.contribution.id} is a ${has}, not a ${shape}`, {
    remedy: 'choose another target',
    facts: { use: owned.contribution.id, shape: has },
  });
}

/** The composer goes by the manifest: a step that says something else would fail in the middle of a run. */
function demandPorts(declared: TechniqueContribution, step: Step, plugin: string): void {
  const said = (ports: TechniqueContribution['needs']): string => [...ports].sort().join(', ') || 'nothing';
  for (const side of ['needs', 'gives'] as const) {
    if (said(declared[side]) === said(step[side])) continue;
    throw new HoldfastError(
      'PLUGIN_FAILED',
      `the step ${declared.id} of ${plugin} ${side} ${said(step[side])}, and its manifest says ${said(declared[side])}`,
      { facts: { plugin, step: declared.id } },
    );
  }
}

const notFound = (kind: string, use: string): HoldfastError =>
  new HoldfastError('PLUGIN_NOT_FOUND', `no plugin has a ${kind} ${use}`, { facts: { use } });

const notSecret = (subject: string, setting: string): HoldfastError =>
  new HoldfastError('PERMISSION_DENIED', `${setting} of ${subject} is not declared as a secret`, {
    remedy: 'the plugin’s settings schema must mark it with "secret": true',
    facts: { setting },
  });
