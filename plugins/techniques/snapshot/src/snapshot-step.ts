import type {
  Artifacts,
  Call,
  Intent,
  Machine,
  OwnedThing,
  OwnerMark,
  Plain,
  PlanFacts,
  Step,
  StepPlan,
  StepRun,
} from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { readState } from './state.ts';

/** Settings of the step, as settings.schema.json describes them. */
export interface SnapshotSettings {
  readonly quiesce: 'none' | 'filesystem' | 'application';
}

const quietness: Readonly<Record<SnapshotSettings['quiesce'], string>> = {
  none: 'nothing quiesced',
  filesystem: 'file systems flushed',
  application: 'applications flushed',
};

/** Freezes a machine's disks; the snapshot is released once the workflow is over, whatever became of it. */
export const snapshotStep: Step<SnapshotSettings> = {
  needs: ['machine'],
  gives: ['snapshot'],

  async plan(input, settings, facts, call): Promise<StepPlan> {
    const { endpoint, machine } = given(input);
    await refuseImpossible(endpoint, settings, facts, call);
    return {
      title: `snapshot ${machine.name}, ${quietness[settings.quiesce]}`,
      readBytes: 0,
      writeBytes: 0,
      durationMs: 1_000,
      slots: [slotOf(endpoint)],
      warnings: warningsFor(machine, settings),
      why: [reasonFor(machine, settings)],
    };
  },

  async run(input, settings, run) {
    const { endpoint, machine } = given(input);
    if (machine.problem !== undefined)
      throw new HoldfastError('MACHINE_UNPROTECTABLE', `${machine.name} cannot be protected: ${machine.problem}`, {
        facts: { endpoint, machine: machine.id },
      });
    const hypervisor = await run.hypervisor(endpoint);
    // Not released here: it is held as long as the snapshot is there, and the run gives it back when it is over.
    await run.slot(slotOf(endpoint));
    const state = { endpoint, machine: machine.id, title: machine.name };
    const intent = await run.intend({ kind: 'snapshot', state });
    await run.checkpoint({ intent });
    run.because(reasonFor(machine, settings));
    const snapshot = await hypervisor.snapshot(
      machine.id,
      { quiesce: settings.quiesce, owner: { site: run.site, intent, run: run.run, createdAt: run.now() } },
      run,
    );
    await run.amend(intent, { ...state, snapshot: snapshot.id });
    run.log(
      'info',
      `froze ${machine.name}, held still for ${snapshot.frozenMs} ms, ${snapshot.consistency}-consistent`,
    );
    return {
      snapshot: {
        endpoint,
        machine,
        snapshot: snapshot.id,
        takenAt: snapshot.takenAt,
        consistency: snapshot.consistency,
        frozenMs: snapshot.frozenMs,
        disks: snapshot.disks,
      },
    };
  },

  async finish(output, _settings, run) {
    const taken = output.snapshot;
    if (taken === undefined) return;
    const hypervisor = await run.hypervisor(taken.endpoint);
    await hypervisor.release(taken.snapshot, run);
    run.log('info', `released the snapshot of ${taken.machine.name}`);
    const { intent } = readState(run.resume);
    if (intent !== undefined) await run.settle(intent);
  },

  async undo(intent, run) {
    const { endpoint, snapshot, title } = readState(intent.state);
    if (endpoint === undefined) return;
    const hypervisor = await run.hypervisor(endpoint);
    if (snapshot !== undefined) {
      await hypervisor.release(snapshot, run);
      run.log('info', `released the snapshot of ${title ?? endpoint}`);
    }
    // Whoever announced it may have died between making the snapshot and writing down its identity: the mark on it tells.
    const left: OwnedThing[] = [];
    for await (const thing of hypervisor.owned(run)) if (isOf(thing.owner, intent, run)) left.push(thing);
    for (const thing of left) {
      await hypervisor.removeOwned(thing.id, run);
      run.log('info', `removed ${thing.title}`);
    }
  },
};

function isOf(owner: OwnerMark, intent: Intent, run: StepRun): boolean {
  return owner.site === run.site && owner.intent === intent.id;
}

function given(input: Artifacts): NonNullable<Artifacts['machine']> {
  if (input.machine === undefined)
    throw new HoldfastError('WORKFLOW_INVALID', 'step snapshot was started without a machine');
  return input.machine;
}

/** Ways to quiesce, by N3 of the capability sheet, that reach as far as is asked for. */
const reaches: Readonly<Record<Exclude<SnapshotSettings['quiesce'], 'none'>, readonly Plain[]>> = {
  filesystem: ['fsfreeze', 'vss', 'script'],
  application: ['vss', 'script'],
};

/** What a hypervisor says of itself that it can never do is refused before anything is frozen. */
async function refuseImpossible(
  endpoint: string,
  settings: SnapshotSettings,
  facts: PlanFacts,
  call: Call,
): Promise<void> {
  if (settings.quiesce === 'none') return;
  const { N3: ways } = await facts.sheet(endpoint, call);
  const wanted = reaches[settings.quiesce];
  if (!Array.isArray(ways) || ways.some((way) => wanted.includes(way))) return;
  throw new HoldfastError('QUIESCE_UNAVAILABLE', `${endpoint} cannot quiesce guests as far as ${settings.quiesce}`, {
    remedy: 'ask for less with `quiesce: none`; `holdfast plugin show` has the capability sheet',
    facts: { endpoint, quiesce: settings.quiesce },
  });
}

/** Snapshots cost the storage that they lie on, so an endpoint has a limited number of them at once. */
const slotOf = (endpoint: string): string => `snapshot:${endpoint}`;

function reasonFor(machine: Machine, settings: SnapshotSettings) {
  const decision = `snapshot with ${quietness[settings.quiesce]}`;
  if (machine.power === 'off') return { decision, because: `${machine.name} is switched off` };
  return { decision, because: `the workflow says quiesce: ${settings.quiesce}` };
}

function warningsFor(machine: Machine, settings: SnapshotSettings): string[] {
  const warnings: string[] = [];
  if (machine.problem !== undefined) warnings.push(`${machine.name} cannot be protected: ${machine.problem}`);
  if (machine.power === 'on' && settings.quiesce === 'none')
    warnings.push(`${machine.name} is running and is not quiesced: a restore will be as after a power cut`);
  return warnings;
}
