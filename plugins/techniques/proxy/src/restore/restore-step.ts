import type { Artifacts, Hypervisor, Machine, OpenedPoint, OwnedThing, PointRef, Step, StepRun } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { streamSlot } from '../protect/plan.ts';
import { readStrings } from '../state.ts';
import { Losses } from './losses.ts';
import { planRestore } from './plan.ts';

/** Settings of the step, as settings/restore.schema.json describes them. */
export interface RestoreSettings {
  /** Name of the endpoint that gets the machine. */
  readonly to: string;
  /** Name of the machine to make. */
  readonly as: string;
  /** Keep the machine when parts of its disks are lost. The step fails all the same and names the parts. Default is `false`. */
  readonly evenDamaged?: boolean;
}

/** Makes a new machine from a restore point. Until it is adopted, at the very end, it carries our mark and a janitor removes it. */
export const restoreStep: Step<RestoreSettings> = {
  needs: ['restore-point'],
  gives: ['machine'],

  plan: (input, settings, facts, call) => planRestore(pointOf(input), settings, facts, call),

  async run(input, settings, run) {
    const ref = pointOf(input);
    const repository = await run.repository(ref.target);
    const opened = await repository.open(ref.point, run);
    const hypervisor = await run.hypervisor(settings.to);
    const make = makerOf(hypervisor, settings);
    checkSizes(opened);
    const handedOver = await findAdopted(hypervisor, run);
    if (handedOver !== null) return { machine: { endpoint: settings.to, machine: handedOver } };
    await refuseTakenName(hypervisor, settings, run);
    const slot = await run.slot(streamSlot(ref.target));
    const state = { endpoint: settings.to, name: settings.as };
    const intent = await run.intend({ kind: 'machine', state });
    const { summary } = opened;
    const id = await make.create(
      {
        name: settings.as,
        disks: summary.disks.map(({ key, sizeBytes, format }) => ({ key, sizeBytes, format })),
        owner: { site: run.site, intent, run: run.run, createdAt: run.now() },
        ...described(opened.machine),
      },
      run,
    );
    await run.amend(intent, { ...state, machine: id });
    run.because({
      decision: `every disk is written whole, from the point of ${new Date(summary.takenAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
      because: `${settings.as} is made anew on ${settings.to}`,
    });
    const losses = new Losses(settings.as, settings.evenDamaged === true);
    run.progress({ phase: `writing ${settings.as}`, totalBytes: summary.sizeBytes });
    for (const source of opened.sources) {
      const sink = await make.openDiskForWrite({ machine: id, disk: source.disk }, run);
      if (sink.sizeBytes !== source.sizeBytes)
        throw new HoldfastError(
          'PLUGIN_FAILED',
          `${settings.to} made disk ${source.disk} of another size than asked for`,
          {
            facts: { disk: source.disk, asked: source.sizeBytes, made: sink.sizeBytes },
          },
        );
      await losses.during(source.disk, () => run.move(source, sink, {}));
      await make.closeSink(sink, run);
    }
    await run.checkpoint({ machine: id });
    // The last act on it: from here on the machine is the user's.
    await make.adopt(id, run);
    await run.settle(intent);
    await slot.release(run);
    losses.report();
    run.log('info', `${settings.as} on ${settings.to} is ready`);
    const machine = await findMachine(hypervisor, id, run);
    if (machine === null)
      throw new HoldfastError('MACHINE_NOT_FOUND', `${settings.as} was restored and has vanished from ${settings.to}`, {
        remedy: 'find out who removed it, then restore it again',
        facts: { machine: id },
      });
    return { machine: { endpoint: settings.to, machine } };
  },

  /** Goes by the mark alone: a machine without it has been adopted and is the user's, whatever the intent says. */
  async undo(intent, run) {
    const { endpoint } = readStrings(intent.state, ['endpoint']);
    if (endpoint === undefined) return;
    const hypervisor = await run.hypervisor(endpoint);
    const left: OwnedThing[] = [];
    for await (const thing of hypervisor.owned(run))
      if (thing.owner.site === run.site && thing.owner.intent === intent.id) left.push(thing);
    for (const thing of left) {
      await hypervisor.removeOwned(thing.id, run);
      run.log('info', `removed ${thing.title}, which was only half restored`);
    }
  },
};

function pointOf(input: Artifacts): PointRef {
  const point = input['restore-point'];
  if (point === undefined)
    throw new HoldfastError('WORKFLOW_INVALID', 'step restore was started without a restore point');
  return point;
}

/** The four methods that making a machine takes. */
function makerOf(hypervisor: Hypervisor, settings: RestoreSettings) {
  const { create, openDiskForWrite, closeSink, adopt } = hypervisor;
  if (create === undefined || openDiskForWrite === undefined || closeSink === undefined || adopt === undefined)
    throw new HoldfastError('UNSUPPORTED', `machines cannot be made on ${settings.to}`, {
      remedy: 'restore to an endpoint whose plugin can create machines, or `holdfast point export`',
      facts: { endpoint: settings.to },
    });
  return {
    create: create.bind(hypervisor),
    openDiskForWrite: openDiskForWrite.bind(hypervisor),
    closeSink: closeSink.bind(hypervisor),
    adopt: adopt.bind(hypervisor),
  };
}

function checkSizes({ summary, sources }: OpenedPoint): void {
  const sizes = new Map(sources.map((source) => [source.disk, source.sizeBytes]));
  for (const { key, sizeBytes } of summary.disks)
    if (sizes.get(key) !== sizeBytes || sizeBytes <= 0)
      throw new HoldfastError(
        'REPOSITORY_DAMAGED',
        `restore point ${summary.point} contradicts itself about disk ${key}`,
        {
          facts: { disk: key, sizeBytes, stored: sizes.get(key) ?? null },
        },
      );
}

async function refuseTakenName(hypervisor: Hypervisor, settings: RestoreSettings, run: StepRun): Promise<void> {
  for await (const machine of hypervisor.machines(run))
    if (machine.name === settings.as)
      throw new HoldfastError('NAME_TAKEN', `there is a machine called ${settings.as} on ${settings.to} already`, {
        facts: { endpoint: settings.to, name: settings.as },
      });
}

async function findMachine(hypervisor: Hypervisor, id: string, run: StepRun): Promise<Machine | null> {
  for await (const machine of hypervisor.machines(run)) if (machine.id === id) return machine;
  return null;
}

/** The machine of an earlier attempt that ended after handing it over: it is there and carries no mark any more. */
async function findAdopted(hypervisor: Hypervisor, run: StepRun): Promise<Machine | null> {
  const { machine: id } = readStrings(run.resume, ['machine']);
  if (id === undefined) return null;
  for await (const { owner } of hypervisor.owned(run)) if (owner.run === run.run) return null;
  const machine = await findMachine(hypervisor, id, run);
  if (machine !== null) run.log('info', `${machine.name} was handed over by an earlier attempt`);
  return machine;
}

/** What of the protected machine a new one takes over; absent stays absent. */
function described(machine: Machine) {
  return {
    ...(machine.guest === undefined ? {} : { guest: machine.guest }),
    ...(machine.memoryBytes === undefined ? {} : { memoryBytes: machine.memoryBytes }),
    ...(machine.cpus === undefined ? {} : { cpus: machine.cpus }),
    ...(machine.config === undefined ? {} : { config: machine.config }),
  };
}
