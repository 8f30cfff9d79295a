import type {
  Artifacts,
  Call,
  Hypervisor,
  Intent,
  Machine,
  OwnedThing,
  OwnerMark,
  Plain,
  PlanFacts,
  Snapshot,
  Step,
  StepPlan,
  StepRun,
} from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import { readState } from './state.ts';

/** Settings of the step, as settings.schema.json describes them. */
export interface SnapshotSettings {
  readonly quiesce: 'none' | 'filesystem' | 'application';
  /** What to do where the guest cannot be quiesced: refuse, or take what it is and say so. */
  readonly otherwise: 'refuse' | 'crash';
  /** How long the guest may be held still at most. */
  readonly freezeSeconds: number;
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
      slots: slotsOf(endpoint, machine),
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
    for (const slot of slotsOf(endpoint, machine)) await run.slot(slot);
    const state = { endpoint, machine: machine.id, title: machine.name };
    const intent = await run.intend({ kind: 'snapshot', state });
    await run.checkpoint({ intent });
    run.because(reasonFor(machine, settings));
    const snapshot = await freeze(hypervisor, machine, settings, intent, run);
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
    await dropOldTracking(hypervisor, taken.machine.id, run);
    const { intent } = readState(run.resume);
    if (intent !== undefined) await run.settle(intent);
  },

  async undo(intent, run) {
    const { endpoint, machine, snapshot, title } = readState(intent.state);
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
    if (machine !== undefined) await dropOldTracking(hypervisor, machine, run);
  },
};

/** Freezes the machine as the settings say. Less than was asked for is taken only where they allow it, and then it is on record. */
async function freeze(
  hypervisor: Hypervisor,
  machine: Machine,
  settings: SnapshotSettings,
  intent: string,
  run: StepRun,
): Promise<Snapshot> {
  const wish = {
    freezeLimitMs: settings.freezeSeconds * 1_000,
    since: await tokensOf(run),
    owner: { site: run.site, intent, run: run.run, createdAt: run.now() },
  };
  try {
    return await hypervisor.snapshot(machine.id, { ...wish, quiesce: settings.quiesce }, run);
  } catch (problem) {
    const isRefused = isHoldfastError(problem, 'QUIESCE_UNAVAILABLE') || isHoldfastError(problem, 'GUEST_UNAVAILABLE');
    if (!isRefused || settings.quiesce === 'none' || settings.otherwise === 'refuse') throw problem;
    run.because({ decision: 'snapshot with nothing quiesced', because: problem.message });
    run.log('warn', `${machine.name} is taken as after a power cut: ${problem.message}`);
    return await hypervisor.snapshot(machine.id, { ...wish, quiesce: 'none' }, run);
  }
}

/** What the newest restore points of the machine can be continued from, whatever target they are on. */
async function tokensOf(run: StepRun): Promise<readonly string[]> {
  const tokens = (await run.latest()).flatMap(({ disks }) => disks.map(({ changeToken }) => changeToken));
  return [...new Set(tokens.filter((token) => token !== null))];
}

/** From now on only what the newest restore points need is tracked. What cannot be dropped now is dropped by the next run. */
async function dropOldTracking(hypervisor: Hypervisor, machine: string, run: StepRun): Promise<void> {
  if (hypervisor.retainTracking === undefined) return;
  try {
    await hypervisor.retainTracking(machine, { site: run.site, tokens: await tokensOf(run) }, run);
  } catch (problem) {
    run.log(
      'warn',
      `old change tracking was not dropped: ${problem instanceof Error ? problem.message : String(problem)}`,
    );
  }
}

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
  if (settings.quiesce === 'none' || settings.otherwise === 'crash') return;
  const { N3: ways } = await facts.sheet(endpoint, call);
  const wanted = reaches[settings.quiesce];
  if (!Array.isArray(ways) || ways.some((way) => wanted.includes(way))) return;
  throw new HoldfastError('QUIESCE_UNAVAILABLE', `${endpoint} cannot quiesce guests as far as ${settings.quiesce}`, {
    remedy: 'ask for less with `quiesce: none`; `holdfast plugin show` has the capability sheet',
    facts: { endpoint, quiesce: settings.quiesce },
  });
}

/**
 * Snapshots cost the host that they are on and the storage that they lie on, so each has a limited number of them at once. Always in this
 * order, so that two that wait never wait for each other.
 */
function slotsOf(endpoint: string, machine: Machine): readonly string[] {
  const storages = machine.disks.flatMap(({ storage }) =>
    storage === undefined ? [] : [`storage:${endpoint}/${storage}`],
  );
  const where = machine.host === undefined ? endpoint : `${endpoint}/${machine.host}`;
  return [`snapshot:${where}`, ...new Set(storages.toSorted())];
}

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
