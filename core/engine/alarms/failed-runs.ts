import type { Catalog, RunRecord } from '../../catalog/contract.ts';
import { alarmOf, type FoundAlarm } from './found.ts';

/** More failures than anybody reads; those before them are older still. */
const mostFailures = 2_000;

/** Runs of one machine that are looked through for the newest protection; others are tests and restores. */
const mostOfOne = 100;
/** How long the scheduler has to begin what was given up again. */
const againMs = 15 * 60_000;
/** A clock that differs by less was only corrected. */
export const clockSlackMs = 60_000;

/** What is known of a machine's restore points and runs, by `ENDPOINT\nIDENTITY`. */
export interface Progress {
  /** Epoch milliseconds of the newest restore point on any target; one that a clock which was wrong has put into the future does not count. */
  readonly newest: ReadonlyMap<string, number>;
  /** Machines of which a run waits or goes on. */
  readonly active: ReadonlySet<string>;
}

export const machineKey = ({ endpoint, machine }: Pick<RunRecord, 'endpoint' | 'machine'>): string =>
  `${endpoint}\n${machine}`;

export async function progressOf(catalog: Catalog, now: number): Promise<Progress> {
  const [sums, active] = await Promise.all([
    catalog.pointSums(),
    catalog.jobs.list({ states: ['running', 'waiting'], limit: 10_000 }),
  ]);
  const newest = new Map<string, number>();
  const misdated = new Map<string, { readonly endpoint: string; readonly machine: string }>();
  for (const sum of sums) {
    const key = machineKey(sum);
    if (sum.newestAt > now + clockSlackMs) misdated.set(key, sum);
    else newest.set(key, Math.max(sum.newestAt, newest.get(key) ?? sum.newestAt));
  }
  for (const [key, { endpoint, machine }] of misdated) {
    const points = await catalog.points({ endpoint, machine });
    const at = Math.max(...points.map(({ takenAt }) => takenAt).filter((takenAt) => takenAt <= now + clockSlackMs));
    if (Number.isFinite(at)) newest.set(key, at);
  }
  return { newest, active: new Set(active.filter(({ kind }) => kind === 'protect').map(machineKey)) };
}

/**
 * Machines that are there whose newest protection failed, with no restore point taken since, or was done only in part. A failure stays one when the restore
 * point that came after it is forgotten later: what counts then is that a newer run was done.
 */
export async function failedRuns(catalog: Catalog, { newest }: Progress, now: number): Promise<readonly FoundAlarm[]> {
  const [failures, gone] = await Promise.all([
    catalog.jobs.list({ states: ['failed', 'partial', 'cancelled'], limit: mostFailures }),
    goneMachines(catalog),
  ]);
  const last = new Map<string, RunRecord>();
  for (const run of failures) {
    const key = machineKey(run);
    if (run.kind === 'protect' && isFailure(run, now) && !last.has(key)) last.set(key, run);
  }
  const found: FoundAlarm[] = [];
  for (const [key, run] of last) {
    if (gone.has(key) || !isUnmended(run, newest.get(key)) || !(await isNewest(catalog, run, now))) continue;
    found.push(failedAlarm(run, newest.get(key) ?? null));
  }
  return found;
}

/** Whether a failure that is not among the newest any more is still the last that is known of its machine. */
export async function stillFailed(catalog: Catalog, id: string, { newest }: Progress, now: number): Promise<boolean> {
  const run = await catalog.jobs.get(id);
  if (run === null || !isFailure(run, now)) return false;
  const key = machineKey(run);
  if ((await goneMachines(catalog)).has(key)) return false;
  return isUnmended(run, newest.get(key)) && (await isNewest(catalog, run, now));
}

/** What a policy wanted and a process that was stopped gave up is a failure too when nobody has begun it again for a while: nobody wanted that in person. */
function isFailure({ state, policy, cancelAskedBy, endedAt, createdAt }: RunRecord, now: number): boolean {
  if (state === 'failed' || state === 'partial') return true;
  return state === 'cancelled' && policy !== null && cancelAskedBy === null && now - (endedAt ?? createdAt) > againMs;
}

/** What was done in part has made its restore point: only another run shows that the rest can be done. */
const isUnmended = ({ state, createdAt }: RunRecord, newestAt: number | undefined): boolean =>
  state === 'partial' || newestAt === undefined || createdAt > newestAt;

async function isNewest(catalog: Catalog, { id, endpoint, machine }: RunRecord, now: number): Promise<boolean> {
  const ended = await catalog.jobs.list({
    machine,
    states: ['done', 'failed', 'partial', 'cancelled'],
    limit: mostOfOne,
  });
  const first = ended.find(
    (run) => run.kind === 'protect' && run.endpoint === endpoint && (run.state === 'done' || isFailure(run, now)),
  );
  return first === undefined || first.id === id;
}

async function goneMachines(catalog: Catalog): Promise<ReadonlySet<string>> {
  return new Set((await catalog.machineNames()).filter(({ goneAt }) => goneAt !== null).map(machineKey));
}

const endings: Readonly<Record<string, string>> = { partial: 'was done only in part', cancelled: 'was given up' };

function failedAlarm(run: RunRecord, newestAt: number | null): FoundAlarm {
  const { endpoint, machineName, error, policy } = run;
  const place = `${endpoint}/${machineName}`;
  const since = newestAt === null ? 'It has no restore point.' : `Its newest restore point is of ${moment(newestAt)}.`;
  return alarmOf({
    key: `failed ${endpoint}/${run.machine}`,
    kind: 'run-failed',
    severity: 'warning',
    title: `${machineName}: the last run ${endings[run.state] ?? 'failed'}${error === null ? '' : `: ${error.message}`}`,
    lines: [
      `Run ${run.id} of ${place} ended as ${run.state}${policy === null ? '' : `, for ${policy.policy}/${policy.workflow}`}.`,
      ...(error === null ? [] : [`${error.code}: ${error.message}`]),
      since,
    ],
    remedy: error?.remedy ?? (run.state === 'partial' ? `holdfast run show ${run.id}` : `holdfast run retry ${run.id}`),
    facts: {
      endpoint,
      machine: run.machine,
      name: machineName,
      run: run.id,
      code: error?.code ?? null,
      policy: policy?.policy ?? null,
      workflow: policy?.workflow ?? null,
      newestPointAt: newestAt,
    },
    since: run.endedAt ?? run.createdAt,
  });
}

/** A moment for people who may be anywhere: `2026-11-22 14:05 UTC`. */
export const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
