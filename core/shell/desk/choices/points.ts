import { isHoldfastError, type PointSummary } from '@holdfast/api';
import { formatBytes } from '../../format/numbers.ts';
import { formatMoment, formatRelative } from '../../format/times.ts';
import { pointsOfMachine } from '../../lookup/points.ts';
import type { Choice } from '../contract.ts';
import type { Asked } from './asked.ts';
import { choice } from './names.ts';
import { byIdentityStart, shortestUnique } from './unique.ts';

const textIn = ({ given }: Asked, ...names: readonly string[]): string | null => {
  const found = names.map((name) => given[name]).find((value) => typeof value === 'string' && value !== '');
  return typeof found === 'string' ? found : null;
};

/** Restore points as the catalog knows them, newest first: of the machine and on the target that are chosen already. */
async function knownPoints(asked: Asked): Promise<readonly PointSummary[]> {
  const target = textIn(asked, 'target', 'from');
  const machine = textIn(asked, 'machine', 'name');
  const catalog = await asked.site.catalog();
  const points = await catalog.points(target === null ? {} : { target });
  if (machine === null) return points;
  try {
    return pointsOfMachine(machine, points);
  } catch (problem) {
    // Half a name, or one that two machines share: nothing can be offered yet.
    if (isHoldfastError(problem)) return [];
    throw problem;
  }
}

function titleOf(point: PointSummary, isNewest: boolean, now: number): string {
  const { takenAt, machineName, target, consistency } = point;
  const newest = isNewest ? ' · newest' : '';
  return `${formatRelative(takenAt, now)}  ${machineName} · ${target} · ${consistency} · ${formatMoment(takenAt)}${newest}`;
}

/** Restore points, newest first, each with its age. The newest of a machine is never forgotten. */
export async function pointChoices(asked: Asked): Promise<readonly Choice[]> {
  const points = await knownPoints(asked);
  const now = asked.site.now();
  const newest = newestOf(points);
  const words = shortestUnique(points.map(({ point }) => point));
  const isForgetting = asked.command.id === 'point.forget';
  return points.map((point) => {
    const isNewest = newest.has(keyOf(point));
    const refused = isForgetting && isNewest ? 'the newest restore point of a machine always stays' : null;
    return choice(words.get(point.point) ?? point.point, titleOf(point, isNewest, now), refused);
  });
}

const keyOf = ({ target, point }: PointSummary): string => `${target}\n${point}`;

/** The newest of each machine on each target; the points come newest first. */
function newestOf(points: readonly PointSummary[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const newest = new Set<string>();
  for (const point of points) {
    const machine = `${point.target}\n${point.endpoint}\n${point.machine}`;
    if (!seen.has(machine)) newest.add(keyOf(point));
    seen.add(machine);
  }
  return newest;
}

/** When to restore to: the latest, then each restore point of the chosen machine. */
export async function momentChoices(asked: Asked): Promise<readonly Choice[]> {
  const points = await pointChoices(asked);
  const [newest] = points;
  if (newest === undefined || textIn(asked, 'name') === null) return points;
  return [choice('latest', `latest  ${newest.title}`), ...points];
}

/** Disks of the chosen restore point. */
export async function diskChoices(asked: Asked): Promise<readonly Choice[]> {
  const wanted = textIn(asked, 'point');
  const point = wanted === null ? null : byIdentityStart(wanted, await knownPoints(asked));
  return (point?.disks ?? []).map(({ key, sizeBytes, format }) =>
    choice(key, `${key}  ${formatBytes(sizeBytes)} · ${format}`),
  );
}
