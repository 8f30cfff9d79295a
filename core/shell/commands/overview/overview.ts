import { isHoldfastError, type Plain } from '@holdfast/api';
import type { PointSum, RunDay, RunRecord } from '../../../catalog/contract.ts';
import type { Config } from '../../../config/contract.ts';
import { fromRow } from '../../../engine/alarms/row.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { coverageOf } from '../../lookup/coverage.ts';
import { lastCheck } from '../../lookup/last-check.ts';
import { type PastChecks, pastChecks } from '../../lookup/past-checks.ts';
import { plainData } from '../../view/build.ts';
import { fixes, needsOf } from './needs.ts';
import { defaultObjectiveMs, type Protection, type ProtectionState, protectionOf } from './protection.ts';
import { type OverviewFigures, overviewView, type TargetFigures } from './view.ts';

const dayMs = 86_400_000;
const trendDays = 14;
const mostRunning = 50;

function targetFigures(
  targets: Config['targets'],
  sums: readonly PointSum[],
  checks: PastChecks,
): readonly TargetFigures[] {
  return Object.entries(targets).map(([name, { use }]) => {
    const own = sums.filter(({ target }) => target === name);
    const newest = own.reduce((latest, { newestAt }) => Math.max(latest, newestAt), 0);
    const check = lastCheck(name, checks);
    return {
      name,
      use,
      machines: own.length,
      points: own.reduce((total, { points }) => total + points, 0),
      storedBytes: own.reduce((total, { storedBytes }) => total + storedBytes, 0),
      newestAt: newest === 0 ? null : newest,
      freeBytes: check?.freeBytes ?? null,
      totalBytes: check?.totalBytes ?? null,
      check,
    };
  });
}

/** One entry for each day, also for those on which nothing ran. */
function trendOf(days: readonly RunDay[], now: number): readonly RunDay[] {
  const today = Math.floor(now / dayMs) * dayMs;
  const known = new Map(days.map((one) => [one.day, one]));
  return Array.from({ length: trendDays }, (_, index) => {
    const day = today - (trendDays - 1 - index) * dayMs;
    return known.get(day) ?? { day, done: 0, failed: 0 };
  });
}

function counted(all: readonly Protection[]): OverviewFigures['machines'] {
  const count = (...states: readonly ProtectionState[]): number =>
    all.filter(({ state }) => states.includes(state)).length;
  const gone = count('gone');
  return {
    total: all.length - gone,
    protected: count('protected'),
    atRisk: count('failed', 'late'),
    unprotected: count('unprotected'),
    gone,
    uncovered: all.filter(({ state, policies }) => state !== 'gone' && policies.length === 0).length,
  };
}

/** How many machines keep what their policies promise; machines that are promised nothing do not count. */
function promisesOf(all: readonly Protection[], now: number): OverviewFigures['promises'] {
  const promised = all.filter(({ state, rpoMs }) => state !== 'gone' && rpoMs !== null);
  const met = promised.filter(({ newestAt, rpoMs }) => newestAt !== null && now - newestAt <= (rpoMs ?? 0));
  return promised.length === 0 ? null : { promised: promised.length, met: met.length };
}

/** Approvals that nobody has decided on and that can still be used. */
async function waitingApprovals(site: Site): Promise<number> {
  try {
    const all = await (await site.access()).approvals();
    return all.filter(({ decided, usedAt, expiresAt }) => decided === null && usedAt === null && expiresAt > site.now())
      .length;
  } catch (problem) {
    if (isHoldfastError(problem)) return 0;
    throw problem;
  }
}

const runningData = ({ id, kind, endpoint, machineName, state, startedAt, progress }: RunRecord): Plain => ({
  run: id,
  kind,
  endpoint,
  machine: machineName,
  state,
  startedAt,
  progress: progress === null ? null : plainData(progress),
});

/** A configuration that cannot be read is told elsewhere; what is known of machines is shown all the same. */
async function configured(site: Site): Promise<Pick<Config, 'endpoints' | 'targets'> | null> {
  try {
    return (await site.config()).config;
  } catch (problem) {
    if (isHoldfastError(problem)) return null;
    throw problem;
  }
}

/** From configuration, manifests and catalog: no endpoint, store or repository is opened. */
export const run: ShellHandler = async (site) => {
  const now = site.now();
  const catalog = await site.catalog();
  const sums = await catalog.pointSums();
  const covered = await coverageOf(catalog);
  const [config, host, checks, protection, running, days, alarms, approvals] = await Promise.all([
    configured(site),
    site.host(),
    pastChecks(site),
    protectionOf(catalog, sums, now, covered),
    catalog.jobs.list({ states: ['running', 'waiting'], limit: mostRunning }),
    catalog.runDays(now - trendDays * dayMs),
    catalog.alarms.open(),
    waitingApprovals(site),
  ]);
  const machines = counted(protection);
  const hasPolicies = covered.some(({ policies }) => policies.length > 0);
  const promises = promisesOf(protection, now);
  const { endpoints, targets } = config ?? { endpoints: {}, targets: {} };
  const facts = {
    protection,
    plugins: host.plugins(),
    // Nothing is said to be missing from a configuration that cannot be read.
    endpoints: config === null ? null : Object.keys(endpoints),
    targets: config === null ? null : Object.keys(targets),
    checks,
    alarms: alarms.map(fromRow),
    approvals,
    hasPolicies,
  };
  const figures: OverviewFigures = {
    at: now,
    machines,
    promises,
    hasPolicies,
    needs: needsOf(facts, now, fixes(await site.commands(), site.invocation)),
    running,
    targets: targetFigures(targets, sums, checks),
    trend: trendOf(days, now),
  };
  const { uncovered, ...rest } = machines;
  return {
    data: {
      at: now,
      objectiveMs: defaultObjectiveMs,
      objective: promises === null ? 'default' : 'policies',
      promises: promises === null ? null : { ...promises, share: promises.met / promises.promised },
      alarms: facts.alarms.map(plainData),
      machines: {
        ...rest,
        ...(hasPolicies ? { uncovered } : {}),
        met: machines.total === 0 ? null : machines.protected / machines.total,
      },
      needs: figures.needs.map(plainData),
      running: running.map(runningData),
      targets: figures.targets.map(plainData),
      trend: figures.trend.map(plainData),
    },
    view: overviewView(figures),
  };
};
