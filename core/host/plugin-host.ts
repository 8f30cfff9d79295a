import { join } from 'node:path';
import {
  type Call,
  type CommandDeclaration,
  type CommandHandler,
  type Contribution,
  HoldfastError,
  type Hypervisor,
  type KeybindingDeclaration,
  type LogLevel,
  type MediaLibrary,
  makeCall,
  type Notifier,
  type NotifierContribution,
  type ObjectStore,
  type Opening,
  type ReportDeclaration,
  type Step,
  type TargetContribution,
  type TechniqueContribution,
  type ThemeDeclaration,
  type ViewDeclaration,
  type WalkthroughDeclaration,
} from '@holdfast/api';
import type { ActivePlugin } from './activation/activated.ts';
import type { Contributed, HostOpening, PluginHost, PluginStatus } from './contract.ts';
import { Contributions, type Owned } from './contributions.ts';
import { demandPorts, demandShape } from './demands.ts';
import type { Discovered } from './discover.ts';
import { failureOf } from './guard/failure.ts';
import type { Boundary } from './guard/guard.ts';
import { Patience } from './guard/patience.ts';
import { guardCommand, guardHypervisor, guardLibrary, guardNotifier, guardStep, guardStore } from './guard/services.ts';
import { withDeadline } from './guard/with-deadline.ts';
import { type Closable, OpenedServices } from './opened-services.ts';
import { PastFailures } from './past-failures.ts';
import { Grants } from './permissions/grants.ts';
import { PluginRunner, type Treatment } from './plugin-runner.ts';
import type { WorkerLimits } from './rpc/worker-limits.ts';
import { completeSettings, isSecret } from './settings/complete.ts';

type Settings = Readonly<Record<string, unknown>>;

/** What a plugin is asked to open, and how its service is guarded. */
interface Opener<S extends Closable> {
  readonly kind: 'hypervisor' | 'target' | 'notifier';
  /** For people. */
  readonly noun: string;
  readonly open: (active: ActivePlugin, id: string, given: Opening, call: Call) => Promise<S>;
  readonly guard: (service: S, boundary: Boundary, grants: Grants) => S;
}

/** How the host behaves. */
export interface HostBehaviour {
  /** Where plugin data folders are made. */
  readonly dataFolder: string;
  readonly treat: (plugin: Discovered) => Treatment;
  readonly limits: WorkerLimits;
  /** How long a plugin may take to stop after a cancellation or a deadline, in milliseconds. */
  readonly graceMs: number;
  /** How long opening an endpoint or target may take where the call has no deadline, in milliseconds. Default is 60,000. */
  readonly openMs?: number;
  /** The same for what does little: removing, probing, putting up to 1 MiB. Default is ten minutes. */
  readonly smallCallMs?: number;
  readonly now: () => number;
  readonly log: (plugin: string, level: LogLevel, message: string) => void;
  /** Where failures to start are remembered. Default is `failed-plugins.json` among the plugins' data. */
  readonly failures?: PastFailures;
}

const defaultOpenMs = 60_000;
const defaultSmallCallMs = 600_000;

/** @see PluginHost for what each member promises. */
export class LocalPluginHost implements PluginHost {
  readonly #runners: readonly PluginRunner[];
  readonly #contributions: Contributions;
  readonly #behaviour: HostBehaviour;
  readonly #opened: OpenedServices;
  #activationOrder: readonly PluginRunner[] = [];

  constructor(found: readonly Discovered[], behaviour: HostBehaviour) {
    this.#behaviour = behaviour;
    this.#opened = new OpenedServices(behaviour.now);
    const events = {
      activated: (runner: PluginRunner): void => {
        this.#activationOrder = [...this.#activationOrder, runner];
      },
      crashed: (runner: PluginRunner): void => {
        this.#opened.forgetAllOf(runner.name);
        this.#activationOrder = this.#activationOrder.filter((one) => one !== runner);
      },
    };
    const failures = behaviour.failures ?? new PastFailures(join(behaviour.dataFolder, 'failed-plugins.json'));
    this.#runners = found.map(
      (plugin) => new PluginRunner(plugin, { ...behaviour, ...events, failures, treatment: behaviour.treat(plugin) }),
    );
    this.#contributions = new Contributions(this.#runners);
  }

  plugins(): readonly PluginStatus[] {
    return this.#runners.map((runner) => runner.status());
  }

  hypervisors(): readonly Contributed<Contribution>[] {
    return this.#contributions.of('hypervisor');
  }

  targets(): readonly Contributed<TargetContribution>[] {
    return this.#contributions.of('target');
  }

  techniques(): readonly Contributed<TechniqueContribution>[] {
    return this.#contributions.of('technique');
  }

  notifiers(): readonly Contributed<NotifierContribution>[] {
    return this.#contributions.of('notifier');
  }

  commands(): readonly { readonly plugin: string; readonly command: CommandDeclaration }[] {
    return this.#contributions.commands().map(({ runner, command }) => ({ plugin: runner.name, command }));
  }

  views(): readonly { readonly plugin: string; readonly view: ViewDeclaration }[] {
    return this.#contributions.shown('views').map(({ runner, one }) => ({ plugin: runner.name, view: one }));
  }

  keybindings(): readonly { readonly plugin: string; readonly binding: KeybindingDeclaration }[] {
    return this.#contributions.shown('keybindings').map(({ runner, one }) => ({ plugin: runner.name, binding: one }));
  }

  themes(): readonly { readonly plugin: string; readonly theme: ThemeDeclaration; readonly file: string }[] {
    return this.#contributions
      .shown('themes')
      .map(({ runner, one }) => ({ plugin: runner.name, theme: one, file: join(runner.found.folder, one.path) }));
  }

  reports(): readonly { readonly plugin: string; readonly report: ReportDeclaration }[] {
    return this.#contributions.shown('reports').map(({ runner, one }) => ({ plugin: runner.name, report: one }));
  }

  walkthroughs(): readonly { readonly plugin: string; readonly walkthrough: WalkthroughDeclaration }[] {
    return this.#contributions
      .shown('walkthroughs')
      .map(({ runner, one }) => ({ plugin: runner.name, walkthrough: one }));
  }

  openHypervisor(opening: HostOpening, call: Call): Promise<Hypervisor> {
    return this.#open(opening, call, {
      kind: 'hypervisor',
      noun: 'endpoint',
      open: (active, id, given, its) => active.openHypervisor(id, given, its),
      guard: guardHypervisor,
    });
  }

  async openObjectStore(opening: HostOpening, call: Call): Promise<ObjectStore> {
    demandShape(this.#contributions.find(opening.use, 'target').contribution as TargetContribution, 'object-store');
    return await this.#open(opening, call, {
      kind: 'target',
      noun: 'target',
      open: (active, id, given, its) => active.openObjectStore(id, given, its),
      guard: (store, boundary, grants) =>
        guardStore(store, boundary, grants, this.#behaviour.smallCallMs ?? defaultSmallCallMs),
    });
  }

  async openMediaLibrary(opening: HostOpening, call: Call): Promise<MediaLibrary> {
    demandShape(this.#contributions.find(opening.use, 'target').contribution as TargetContribution, 'media-library');
    return await this.#open(opening, call, {
      kind: 'target',
      noun: 'target',
      open: (active, id, given, its) => active.openMediaLibrary(id, given, its),
      guard: guardLibrary,
    });
  }

  openNotifier(opening: HostOpening, call: Call): Promise<Notifier> {
    return this.#open(opening, call, {
      kind: 'notifier',
      noun: 'notifier',
      open: (active, id, given, its) => active.openNotifier(id, given, its),
      guard: guardNotifier,
    });
  }

  async step(use: string): Promise<Step> {
    const owned = this.#contributions.find(use, 'technique');
    const step = await (await owned.runner.active()).step(use);
    demandPorts(owned.contribution as TechniqueContribution, step, owned.runner.name);
    return guardStep(step, this.#boundary(owned.runner, `step ${use}`), {
      complete: (settings) => completeSettings(owned.settings, settings, `step ${use}`),
      grants: (settings) => this.#grants(owned.runner, settings),
    });
  }

  async command(id: string): Promise<CommandHandler> {
    const runner = this.#contributions.findCommand(id);
    const active = await runner.active();
    return guardCommand((args, call) => active.runCommand(id, args, call), this.#boundary(runner, `command ${id}`));
  }

  checkPath(use: string, settings: Settings, path: string, access: 'read' | 'write'): void {
    this.#grants(this.#contributions.find(use).runner, settings).demandPath(path, access);
  }

  /** Ends a plugin's worker at once, where it has one. For tests of what is left then. */
  async crash(plugin: string): Promise<void> {
    await this.#runners.find((runner) => runner.name === plugin)?.crash();
  }

  async close(): Promise<void> {
    await this.#opened.close();
    const order = this.#activationOrder;
    this.#activationOrder = [];
    for (const runner of order.toReversed()) await runner.close();
  }

  /** Opens a service once for each name and settings. */
  async #open<S extends Closable>(opening: HostOpening, call: Call, opener: Opener<S>): Promise<S> {
    const owned = this.#contributions.find(opening.use, opener.kind);
    const subject = `${opener.noun} ${opening.name}`;
    const { runner } = owned;
    // Before its schema is used: a pattern of a stranger's may take time without end.
    runner.demandFit();
    const settings = completeSettings(owned.settings, withoutUse(opening), subject);
    const grants = this.#grants(runner, settings);
    const given: Opening = {
      name: opening.name,
      settings,
      secret: async (setting) => {
        demandSecret(owned, subject, setting, grants);
        return await opening.secret(setting);
      },
    };
    const key = JSON.stringify([opener.kind, opening.name, opening.use, settings]);
    return await this.#opened.get(key, runner.name, async (closed) => {
      const boundary: Boundary = { ...this.#boundary(runner, subject), closed };
      const what = `${subject} open`;
      const limited = call.deadline === null ? withDeadline(call, boundary.now() + this.#openMs) : call;
      using patience = new Patience(limited, `${what} of ${runner.name}`, boundary.graceMs, boundary.now);
      try {
        const active = await runner.active();
        const service = opener.open(active, owned.contribution.id, given, patience.call);
        return opener.guard(await patience.waitOr(service, closeLate), boundary, grants);
      } catch (thrown) {
        throw failureOf(thrown, { plugin: runner.name, what, call: patience.call, log: runner.log });
      }
    });
  }

  get #openMs(): number {
    return this.#behaviour.openMs ?? defaultOpenMs;
  }

  #boundary(runner: PluginRunner, subject: string): Boundary {
    const { graceMs, now } = this.#behaviour;
    return { plugin: runner.name, subject, log: runner.log, graceMs, now };
  }

  #grants(runner: PluginRunner, settings: Settings): Grants {
    const { manifest, folder } = runner.found;
    const filling = { settings, dataFolder: runner.dataFolder, pluginFolder: folder };
    return new Grants(runner.name, manifest.permissions ?? {}, filling);
  }
}

/** Settings without the member of the configuration that says whose they are. */
function withoutUse(opening: HostOpening): Settings {
  const { use, ...settings } = opening.settings;
  return use === opening.use ? settings : opening.settings;
}

/** A secret is read only where the schema marks it as one and the plugin's permissions name it. */
function demandSecret(owned: Owned, subject: string, setting: string, grants: Grants): void {
  if (isSecret(owned.settings, setting)) {
    grants.demandSecret(setting);
    return;
  }
  throw new HoldfastError('PERMISSION_DENIED', `${setting} of ${subject} is not declared as a secret`, {
    remedy: 'the plugin’s settings schema must mark it with "secret": true',
    facts: { setting },
  });
}

/** What was opened after nobody waited for it any more. */
async function closeLate(service: Closable): Promise<void> {
  await service.close(makeCall());
}
