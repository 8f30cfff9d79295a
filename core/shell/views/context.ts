import type { Plain } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { Site } from '../contract.ts';

/**
 * What `when` and `doneWhen` can ask of an installation: how many endpoints, targets, machines, points, restores, running runs and plugins
 * there are. All of it is known without asking anything outside.
 */
export async function siteContext(site: Site): Promise<Readonly<Record<string, Plain>>> {
  const catalog = await site.catalog();
  const [configured, machines, counts, runs] = await Promise.all([
    configuredCounts(site),
    catalog.machines({ gone: false }),
    catalog.pointCounts(),
    catalog.jobs.list({ states: ['running', 'done'], limit: 200 }),
  ]);
  const host = await site.host();
  return {
    ...configured,
    machines: machines.length,
    points: counts.reduce((sum, { points }) => sum + points, 0),
    restores: runs.filter(({ kind, state }) => kind === 'restore' && state === 'done').length,
    running: runs.filter(({ state }) => state === 'running').length,
    plugins: host.plugins().length,
  };
}

/** A configuration that is wrong has nothing in it. */
async function configuredCounts(site: Site): Promise<{ readonly endpoints: number; readonly targets: number }> {
  try {
    const { config } = await site.config();
    return { endpoints: Object.keys(config.endpoints).length, targets: Object.keys(config.targets).length };
  } catch (problem) {
    if (!isHoldfastError(problem)) throw problem;
    return { endpoints: 0, targets: 0 };
  }
}
