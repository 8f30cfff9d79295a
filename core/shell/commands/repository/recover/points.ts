import { type Call, isHoldfastError, type Machine, type PointSummary } from '@holdfast/api';
import { openCatalog } from '../../../../catalog/open.ts';
import type { Repository } from '../../../../repository/contract.ts';
import { besides, type FreshCatalog } from './saved.ts';

/**
 * Makes a catalog from the restore points alone: the points, and each machine as its newest point has it. Runs, policies and alarms are not in a
 * repository but in its saved catalogs.
 * @param target Name of the target here.
 */
export async function catalogFromPoints(
  repository: Repository,
  place: string,
  target: string,
  call: Call,
): Promise<FreshCatalog> {
  const { file, remove } = besides(place);
  try {
    call.progress({ phase: 'reading the restore points' });
    const points = (await repository.points({}, call)).map((point) => ({ ...point, target }));
    const machines = await machinesOf(repository, points, call);
    await using catalog = await openCatalog({ file, thread: 'caller' });
    await catalog.savePoints(points);
    for (const [endpoint, known] of machines) await catalog.seenMachines(endpoint, known);
    await catalog.close();
    return { file, from: null, [Symbol.asyncDispose]: remove };
  } catch (problem) {
    await remove();
    throw problem;
  }
}

/** Machines by endpoint, each as its newest restore point that can be opened describes it. */
async function machinesOf(
  repository: Repository,
  points: readonly PointSummary[],
  call: Call,
): Promise<ReadonlyMap<string, readonly Machine[]>> {
  const found = new Map<string, Map<string, Machine>>();
  // Newest first.
  for (const { endpoint, machine, point } of points) {
    const ofEndpoint = found.get(endpoint) ?? new Map<string, Machine>();
    found.set(endpoint, ofEndpoint);
    if (ofEndpoint.has(machine)) continue;
    try {
      ofEndpoint.set(machine, (await repository.open(point, call)).machine);
    } catch (problem) {
      if (!isHoldfastError(problem, 'REPOSITORY_DAMAGED') && !isHoldfastError(problem, 'POINT_NOT_FOUND'))
        throw problem;
    }
  }
  return new Map([...found].map(([endpoint, machines]) => [endpoint, [...machines.values()]]));
}
