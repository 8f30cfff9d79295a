import type { Artifacts, Call, Machine, PlanFacts, PointSummary, Reason, StepPlan } from '@holdfast/api';

/** Assumed before the first run has been measured, in bytes per second. */
const guessedSpeed = 150e6;
/** Share of a disk that changes between two runs and the share that compression leaves of new data: guesses until there is a point to look at. */
const guessedChange = 0.05;
const guessedCompression = 0.5;

/** Foretells what reading a machine into a repository will cost. */
export async function planProxy(
  endpoint: string,
  machine: Machine,
  target: string,
  facts: PlanFacts,
  call: Call,
): Promise<StepPlan> {
  const disks = machine.disks.filter(({ kind }) => kind === 'virtual');
  const passedThrough = machine.disks.filter(({ kind }) => kind !== 'virtual');
  const latest = await facts.latest(target, call);
  const speed = await facts.speed(endpoint, target, call);
  const wholeBytes = disks.reduce((sum, disk) => sum + (disk.allocatedBytes ?? disk.sizeBytes), 0);
  const isTracked = latest?.disks.some(({ changeToken }) => changeToken !== null) ?? false;
  const readBytes = isTracked ? Math.ceil(wholeBytes * guessedChange) : wholeBytes;
  const newShare = latest === null ? 1 : guessedChange;
  return {
    title: `read ${disks.length === 1 ? '1 disk' : `${disks.length} disks`} of ${machine.name} into ${target}`,
    readBytes,
    writeBytes: Math.ceil(wholeBytes * newShare * guessedCompression),
    durationMs: Math.ceil((readBytes / (speed ?? guessedSpeed)) * 1_000),
    slots: [streamSlot(target)],
    warnings: [
      ...passedThrough.map(({ key }) => `disk ${key} is passed through raw and is not protected`),
      ...(speed === null ? [`no earlier run from ${endpoint} to ${target}: the time is a guess`] : []),
    ],
    why: [levelReason(latest, isTracked)],
  };
}

/** Streams into one target share its bandwidth, so there is a limited number of them. */
export const streamSlot = (target: string): string => `stream:${target}`;

/** The machine that a workflow started with. */
export function plannedMachine(input: Artifacts): NonNullable<Artifacts['machine']> | undefined {
  return input.snapshot ?? input.machine;
}

function levelReason(latest: PointSummary | null, isTracked: boolean): Reason {
  if (latest === null)
    return { decision: 'full read', because: 'there is no earlier restore point of this machine on the target' };
  if (isTracked)
    return { decision: 'incremental read', because: 'changes were tracked when the newest restore point was made' };
  return { decision: 'full read', because: 'changes are not tracked; what is unchanged is not stored again' };
}
