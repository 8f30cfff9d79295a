import type {
  Artifacts,
  DedupeMode,
  Hypervisor,
  PointDisk,
  PointSummary,
  RepositoryHandle,
  Step,
  StepRun,
} from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { readStrings } from '../state.ts';
import { decideLevel } from './level.ts';
import { plannedMachine, planProxy, streamSlot } from './plan.ts';

/** Settings of the step, as settings/proxy.schema.json describes them. */
export interface ProxySettings {
  /** Name of the target whose repository gets the restore point. */
  readonly to: string;
  /** Left out: as the target says. */
  readonly dedupe?: DedupeMode;
}

type Snapshot = NonNullable<Artifacts['snapshot']>;

/** Reads the disks of a snapshot through core's workers into a new restore point. */
export const proxyStep: Step<ProxySettings> = {
  needs: ['snapshot'],
  gives: ['restore-point'],

  async plan(input, settings, facts, call) {
    const subject = plannedMachine(input);
    if (subject === undefined) throw new HoldfastError('WORKFLOW_INVALID', 'step proxy was planned without a machine');
    return planProxy(subject.endpoint, subject.machine, settings.to, facts, call);
  },

  async run(input, settings, run) {
    const { snapshot } = input;
    if (snapshot === undefined)
      throw new HoldfastError('WORKFLOW_INVALID', 'step proxy was started without a snapshot');
    const hypervisor = await run.hypervisor(snapshot.endpoint);
    const repository = await run.repository(settings.to);
    const slot = await run.slot(streamSlot(settings.to));
    const [latest = null] = await repository.points(snapshot.machine.id, run);
    const state = { target: settings.to, endpoint: snapshot.endpoint, machine: snapshot.machine.id };
    const intent = await run.intend({ kind: 'restore-point', state });
    const dedupe = settings.dedupe === undefined ? {} : { dedupe: settings.dedupe };
    const writer = await repository.begin({ endpoint: snapshot.endpoint, id: snapshot.machine.id, ...dedupe }, run);
    await run.amend(intent, { ...state, writer });
    tellLeftOut(snapshot, run);
    const disks: PointDisk[] = [];
    run.progress({ phase: `reading ${snapshot.machine.name}`, totalBytes: sizeOf(snapshot) });
    for (const disk of snapshot.disks)
      disks.push(await moveDisk({ run, hypervisor, snapshot, target: settings.to, writer, latest }, disk.key));
    const point = await repository.commit(
      writer,
      {
        machine: snapshot.machine,
        endpoint: snapshot.endpoint,
        takenAt: snapshot.takenAt,
        consistency: snapshot.consistency,
        frozenMs: snapshot.frozenMs,
        disks,
        run: run.run,
      },
      run,
    );
    await run.settle(intent);
    await slot.release(run);
    return { 'restore-point': point };
  },

  /** Packs that were put without a commit are invisible and the collector's; a writer of this very process is told to let go. */
  async undo(intent, run) {
    const { target, machine, writer } = readStrings(intent.state, ['target', 'machine', 'writer']);
    if (target === undefined || machine === undefined || writer === undefined) return;
    const repository = await run.repository(target);
    if (await isCommitted(repository, machine, writer, run)) {
      run.log('info', `restore point ${writer} on ${target} had been completed and stays`);
      return;
    }
    await repository.abandon(writer, run);
    run.log('info', `gave up the restore point that was being written to ${target}`);
  },
};

interface Moving {
  readonly run: StepRun;
  readonly hypervisor: Hypervisor;
  readonly snapshot: Snapshot;
  readonly target: string;
  readonly writer: string;
  readonly latest: PointSummary | null;
}

async function moveDisk(moving: Moving, key: string): Promise<PointDisk> {
  const { run, hypervisor, snapshot, target, writer } = moving;
  const frozen = snapshot.disks.find((disk) => disk.key === key);
  const described = snapshot.machine.disks.find((disk) => disk.key === key);
  if (frozen === undefined || described === undefined)
    throw new HoldfastError(
      'DISK_CHANGED',
      `disk ${key} of ${snapshot.machine.name} was attached or detached meanwhile`,
    );
  const ref = { machine: snapshot.machine.id, snapshot: snapshot.snapshot, disk: key };
  const source = await hypervisor.openDisk(ref, run);
  try {
    if (source.sizeBytes !== frozen.sizeBytes)
      throw new HoldfastError(
        'DISK_CHANGED',
        `disk ${key} of ${snapshot.machine.name} changed its size while it was read`,
        { facts: { disk: key, expected: frozen.sizeBytes, found: source.sizeBytes } },
      );
    const wanted = { machine: ref.machine, snapshot: ref.snapshot, key, sizeBytes: frozen.sizeBytes };
    const level = await decideLevel(hypervisor, wanted, source, moving.latest, run);
    run.because(level.why);
    await run.move(source, { kind: 'repository', target, writer, disk: key, sizeBytes: frozen.sizeBytes }, level.how);
  } catch (problem) {
    await closeQuietly(() => hypervisor.closeDisk(source, run), run);
    throw problem;
  }
  // Only now is it known that the bytes stayed the same while they were read: where they did not, this throws.
  await hypervisor.closeDisk(source, run);
  return { key, sizeBytes: frozen.sizeBytes, format: described.format, changeToken: frozen.changeToken };
}

/** After a failure to read, a failure to close would only hide it; the source ends with its snapshot at the latest. */
async function closeQuietly(close: () => Promise<void>, run: StepRun): Promise<void> {
  try {
    await close();
  } catch (problem) {
    run.log('debug', `closing a disk failed: ${problem instanceof Error ? problem.message : String(problem)}`);
  }
}

function tellLeftOut(snapshot: Snapshot, run: StepRun): void {
  const frozen = new Set(snapshot.disks.map(({ key }) => key));
  for (const disk of snapshot.machine.disks)
    if (!frozen.has(disk.key))
      run.because({
        decision: `disk ${disk.key} is not protected`,
        because: `the snapshot does not hold it (${disk.kind})`,
      });
}

async function isCommitted(repository: RepositoryHandle, machine: string, point: string, run: StepRun) {
  const points = await repository.points(machine, run);
  return points.some((found) => found.point === point);
}

const sizeOf = (snapshot: Snapshot): number => snapshot.disks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
