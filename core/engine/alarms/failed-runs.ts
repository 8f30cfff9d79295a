import type { Catalog, RunRecord } from '../../catalog/contract.ts';
import { alarmOf, type FoundAlarm } from './found.ts';

/** More failures than anybody reads; those before them are older still. */
const mostFailures = 2_000;

/** What is known of a machine's restore points and runs, by `ENDPOINT\nIDENTITY`. */
export interface Progress {
  /** Epoch milliseconds of the newest restore point on any target. */
  readonly newest: ReadonlyMap<string, number>;
  /** Machines of which a run waits or goes on. */
  readonly active: ReadonlySet<string>;
}

export const machineKey = ({ endpoint, machine }: Pick<RunRecord, 'endpoint' | 'machine'>): string =>
  `${endpoint}\n${machine}`;

export async function progressOf(catalog: Catalog): Promise<Progress> {
  const [sums, active] = await Promise.all([
    catalog.pointSums(),
    catalog.jobs.list({ states: ['running', 'waiting'], limit: 10_000 }),
  ]);
  const newest = new Map<string, number>();
  for (const sum of sums) {
    const key = machineKey(sum);
    newest.set(key, Math.max(sum.newestAt, newest.get(key) ?? sum.newestAt));
  }
  return { newest, active: new Set(active.filter(({ kind }) => kind === 'protect').map(machineKey)) };
}

/** Machines that are there whose newest protection failed, with no restore point taken since. */
export async function failedRuns(catalog: Catalog, { newest }: Progress): Promise<readonly FoundAlarm[]> {
  const [failures, machines] = await Promise.all([
    catalog.jobs.list({ states: ['failed', 'partial'], limit: mostFailures }),
    catalog.machineNames(),
  ]);
  const gone = new Set(machines.filter(({ goneAt }) => goneAt !== null).map(machineKey));
  const seen = new Set<string>();
  return failures.flatMap((run) => {
    const key = machineKey(run);
    if (run.kind !== 'protect' || seen.has(key)) return [];
    seen.add(key);
    return gone.has(key) || run.createdAt <= (newest.get(key) ?? 0) ? [] : [failedAlarm(run, newest.get(key) ?? null)];
  });
}

function failedAlarm(run: RunRecord, newestAt: number | null): FoundAlarm {
  const { endpoint, machineName, error, policy } = run;
  const place = `${endpoint}/${machineName}`;
  const since = newestAt === null ? 'It has no restore point.' : `Its newest restore point is of ${moment(newestAt)}.`;
  return alarmOf({
    key: `failed ${endpoint}/${run.machine}`,
    kind: 'run-failed',
    severity: 'warning',
    title: `${machineName}: the last run failed${error === null ? '' : `: ${error.message}`}`,
    lines: [
      `Run ${run.id} of ${place} ended as ${run.state}${policy === null ? '' : `, for ${policy.policy}/${policy.workflow}`}.`,
      ...(error === null ? [] : [`${error.code}: ${error.message}`]),
      since,
    ],
    remedy: error?.remedy ?? (run.state === 'failed' ? `holdfast run retry ${run.id}` : `holdfast run show ${run.id}`),
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
