import { memoryUsage } from 'node:process';
import type { RunRecord } from '../../../catalog/contract.ts';
import type { RunFigures } from '../../../engine/contract.ts';
import { leaseName } from '../../../engine/schedules/leadership.ts';
import { expose, type Metric, type Sample } from '../../../model/metrics/expose.ts';
import type { Site } from '../../contract.ts';
import { coverageOf } from '../../lookup/coverage.ts';
import { pastChecks } from '../../lookup/past-checks.ts';
import { protectionOf } from '../overview/protection.ts';

/** Machines that have figures of their own; more would be more than Prometheus should keep. */
const mostMachines = 5_000;
const mostRuns = 5_000;
const dayMs = 86_400_000;

/** The text that Prometheus gets. From configuration and catalog: nothing outside is asked. */
export const metricsText = async (site: Site): Promise<string> => expose(await metricsOf(site));

/** All figures of an installation. @see docs/formats/notices.md, Figures */
export async function metricsOf(site: Site): Promise<readonly Metric[]> {
  return [
    ...(await machineMetrics(site)),
    ...(await runMetrics(site)),
    ...(await alarmMetrics(site)),
    ...(await placeMetrics(site)),
    ...ownMetrics(),
  ];
}

const gauge = (name: string, help: string, samples: readonly Sample[]): Metric => ({
  name: `holdfast_${name}`,
  help,
  type: 'gauge',
  samples,
});
const one = (value: number): readonly Sample[] => [{ labels: {}, value }];
const seconds = (ms: number): number => ms / 1000;

function counted<T>(all: readonly T[], label: string, states: readonly string[], of: (item: T) => string): Sample[] {
  return states.map((state) => ({
    labels: { [label]: state },
    value: all.reduce((count, item) => count + (of(item) === state ? 1 : 0), 0),
  }));
}

async function machineMetrics(site: Site): Promise<readonly Metric[]> {
  const catalog = await site.catalog();
  const covered = await coverageOf(catalog);
  const protection = await protectionOf(catalog, await catalog.pointSums(), site.now(), covered);
  const there = protection.filter(({ state }) => state !== 'gone').slice(0, mostMachines);
  const labelled = (value: (machine: (typeof there)[number]) => number | null): Sample[] =>
    there.flatMap((machine) => {
      const figure = value(machine);
      return figure === null
        ? []
        : [{ labels: { endpoint: machine.endpoint, machine: machine.name, id: machine.machine }, value: figure }];
    });
  return [
    gauge(
      'machines',
      'Machines by how they are protected.',
      counted(protection, 'state', ['protected', 'failed', 'late', 'unprotected', 'gone'], ({ state }) => state),
    ),
    gauge(
      'machines_without_policy',
      'Machines that no policy protects.',
      one(covered.filter(({ policies }) => policies.length === 0).length),
    ),
    gauge(
      'machine_newest_point_timestamp_seconds',
      'When the newest restore point of a machine was taken.',
      labelled(({ newestAt }) => (newestAt === null ? null : seconds(newestAt))),
    ),
    gauge(
      'machine_objective_seconds',
      'How old the newest restore point of a machine may be by its policies.',
      labelled(({ rpoMs }) => (rpoMs === null ? null : seconds(rpoMs))),
    ),
  ];
}

async function runMetrics(site: Site): Promise<readonly Metric[]> {
  const { jobs } = await site.catalog();
  const now = site.now();
  const [active, ended] = await Promise.all([
    jobs.list({ states: ['running', 'waiting'], limit: 10_000 }),
    jobs.list({ states: ['done', 'partial', 'failed', 'cancelled'], limit: mostRuns }),
  ]);
  const recent = ended.filter(({ endedAt }) => endedAt !== null && endedAt > now - dayMs);
  // They come newest first.
  const last = new Map<string, RunRecord>();
  for (const run of ended) {
    const key = `${run.endpoint}\n${run.machine}`;
    if (run.kind === 'protect' && run.state === 'done' && last.size < mostMachines && !last.has(key))
      last.set(key, run);
  }
  const ofLast = (value: (run: RunRecord) => number): Sample[] =>
    [...last.values()].map((run) => ({
      labels: { endpoint: run.endpoint, machine: run.machineName, id: run.machine },
      value: value(run),
    }));
  const moved = (run: RunRecord, of: 'readBytes' | 'storedBytes'): number =>
    Object.values((run.result as RunFigures | null)?.disks ?? {}).reduce((sum, disk) => sum + disk[of], 0);
  return [
    gauge(
      'runs',
      'Runs that wait or go on.',
      counted(active, 'state', ['waiting', 'running'], ({ state }) => state),
    ),
    gauge(
      'runs_ended_last_day',
      'Runs that ended in the last 24 hours, of the newest 5,000.',
      counted(recent, 'state', ['done', 'partial', 'failed', 'cancelled'], ({ state }) => state),
    ),
    gauge(
      'last_run_duration_seconds',
      'How long the last run of a machine took that was done.',
      ofLast(({ startedAt, createdAt, endedAt }) => seconds((endedAt ?? 0) - (startedAt ?? createdAt))),
    ),
    gauge(
      'last_run_read_bytes',
      'What it read.',
      ofLast((run) => moved(run, 'readBytes')),
    ),
    gauge(
      'last_run_stored_bytes',
      'What it added to its target.',
      ofLast((run) => moved(run, 'storedBytes')),
    ),
  ];
}

async function alarmMetrics(site: Site): Promise<readonly Metric[]> {
  const { alarms, leases, policies } = await site.catalog();
  const { config } = await site.config();
  const [open, notices, leader, schedules] = await Promise.all([
    alarms.open(),
    alarms.notices(10_000),
    leases.peek(leaseName),
    policies.schedules(),
  ]);
  const names = Object.keys(config.notifiers ?? {});
  const waiting = notices.filter(({ sentAt, givenUpAt }) => sentAt === null && givenUpAt === null);
  const lost = notices.filter(({ givenUpAt }) => givenUpAt !== null);
  const looked = Math.max(0, ...schedules.map(({ handledUntil }) => handledUntil));
  const kinds = ['run-failed', 'run-missed', 'rpo-missed', 'schedule'];
  return [
    gauge(
      'alarms',
      'Alarms that are up.',
      counted(open, 'kind', kinds, ({ kind }) => kind),
    ),
    gauge(
      'notices_waiting',
      'Notices that wait to be sent.',
      counted(waiting, 'notifier', names, ({ notifier }) => notifier),
    ),
    gauge(
      'notices_given_up',
      'Notices that were given up, of the newest 10,000.',
      counted(lost, 'notifier', names, ({ notifier }) => notifier),
    ),
    gauge('scheduler_leading', 'Whether a process runs schedules now.', one(leader === null ? 0 : 1)),
    gauge(
      'scheduler_last_occurrence_timestamp_seconds',
      'Until when occurrences of schedules are dealt with.',
      looked === 0 ? [] : one(seconds(looked)),
    ),
  ];
}

async function placeMetrics(site: Site): Promise<readonly Metric[]> {
  const catalog = await site.catalog();
  const { config } = await site.config();
  const [sums, slots, { targets: checks }] = await Promise.all([
    catalog.pointSums(),
    catalog.leases.slots(),
    pastChecks(site),
  ]);
  const targets = Object.keys(config.targets);
  const ofTarget = (value: (target: string) => number | null | undefined): Sample[] =>
    targets.flatMap((target) => {
      const figure = value(target);
      return figure === null || figure === undefined ? [] : [{ labels: { target }, value: figure }];
    });
  const summed = (target: string, of: 'points' | 'storedBytes'): number =>
    sums.filter((sum) => sum.target === target).reduce((total, sum) => total + sum[of], 0);
  const held = Map.groupBy(slots, ({ name }) => name);
  return [
    gauge(
      'target_points',
      'Restore points on a target.',
      ofTarget((target) => summed(target, 'points')),
    ),
    gauge(
      'target_stored_bytes',
      'Bytes that restore points added to a target.',
      ofTarget((target) => summed(target, 'storedBytes')),
    ),
    gauge(
      'target_free_bytes',
      'Free room of a target, as its last check found it.',
      ofTarget((target) => checks[target]?.freeBytes),
    ),
    gauge(
      'target_size_bytes',
      'Size of a target, as its last check found it.',
      ofTarget((target) => checks[target]?.totalBytes),
    ),
    gauge(
      'slots_held',
      'Slots that are held.',
      [...new Set([...held.keys(), ...Object.keys(config.slots)])].map((slot) => ({
        labels: { slot },
        value: held.get(slot)?.length ?? 0,
      })),
    ),
    gauge(
      'slots_capacity',
      'Slots that there are, where the configuration says.',
      Object.entries(config.slots).map(([slot, value]) => ({ labels: { slot }, value })),
    ),
  ];
}

function ownMetrics(): readonly Metric[] {
  const { rss, heapUsed } = memoryUsage();
  return [
    {
      name: 'process_resident_memory_bytes',
      help: 'Resident memory of this process.',
      type: 'gauge',
      samples: one(rss),
    },
    gauge('heap_used_bytes', 'Memory that objects of this process take.', one(heapUsed)),
  ];
}
