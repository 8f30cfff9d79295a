import { isHoldfastError, type Plain } from '@holdfast/api';
import type { PointSum, RunDay, RunRecord } from '../../../catalog/contract.ts';
import type { Config } from '../../../config/contract.ts';
import type { ShellHandler, Site } from '../../contract.ts';
import { pastChecks, type TargetCheck } from '../../lookup/past-checks.ts';
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
  checks: Readonly<Record<string, TargetCheck>>,
): readonly TargetFigures[] {
  return Object.entries(targets).map(([name, { use }]) => {
    const own = sums.filter(({ target }) => target === name);
    const newest = own.reduce((latest, { newestAt }) => Math.max(latest, newestAt), 0);
    const check = checks[name] ?? null;
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
  };
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
  const [config, host, checks, protection, running, days] = await Promise.all([
    configured(site),
    site.host(),
    pastChecks(site),
    protectionOf(catalog, sums, now),
    catalog.jobs.list({ states: ['running', 'waiting'], limit: mostRunning }),
    catalog.runDays(now - trendDays * dayMs),
  ]);
  const machines = counted(protection);
  const { endpoints, targets } = config ?? { endpoints: {}, targets: {} };
  const facts = {
    protection,
    plugins: host.plugins(),
    // Nothing is said to be missing from a configuration that cannot be read.
    endpoints: config === null ? null : Object.keys(endpoints),
    targets: config === null ? null : Object.keys(targets),
    checks,
  };
  const figures: OverviewFigures = {
    at: now,
    machines,
    needs: needsOf(facts, now, fixes(await site.commands(), site.invocation)),
    running,
    targets: targetFigures(targets, sums, checks.targets),
    trend: trendOf(days, now),
  };
  return {
    data: {
      at: now,
      objectiveMs: defaultObjectiveMs,
      objective: 'default',
      machines: { ...machines, met: machines.total === 0 ? null : machines.protected / machines.total },
      needs: figures.needs.map(plainData),
      running: running.map(runningData),
      targets: figures.targets.map(plainData),
      trend: figures.trend.map(plainData),
    },
    view: overviewView(figures),
  };
};
