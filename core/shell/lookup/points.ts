import { type Call, HoldfastError, isHoldfastError, type PointSummary } from '@holdfast/api';
import { nearest } from '../../config/nearest.ts';
import type { Site } from '../contract.ts';
import { byIdentity } from './names.ts';
import { targetsFor } from './targets.ts';

/** What repositories hold, and which of them could not be asked. */
export interface PointListing {
  /** Newest first. */
  readonly points: readonly PointSummary[];
  /** Targets whose points are told from the catalog's memory. */
  readonly silent: readonly string[];
}

/**
 * Restore points as the repositories themselves tell them; the catalog remembers what was seen. Of a target that does not answer, what the
 * catalog remembers is told, with a warning; if it is the only one, its error is thrown.
 */
export async function listPoints(site: Site, target: string | null, call: Call): Promise<PointListing> {
  const points: PointSummary[] = [];
  const silent: string[] = [];
  const targets = await targetsFor(site, target);
  for (const name of targets) {
    try {
      points.push(...(await (await site.engine()).listPoints(name, call)));
    } catch (problem) {
      if (targets.length === 1 || !isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
      call.log(
        'warn',
        `target ${name} cannot be asked, this is what it held when it was last seen: ${problem.message}`,
      );
      points.push(...(await (await site.catalog()).points({ target: name })));
      silent.push(name);
    }
  }
  return { points: points.toSorted((a, b) => b.takenAt - a.takenAt), silent };
}

/** The restore point that someone means by its identity or the beginning of it. Throws `POINT_NOT_FOUND`. */
export async function findPoint(site: Site, wanted: string, target: string | null, call: Call): Promise<PointSummary> {
  const { points } = await listPoints(site, target, call);
  return byIdentity(wanted, points, (point) => point.point, 'restore point', 'POINT_NOT_FOUND');
}

/**
 * Restore points of the machine that someone means: by a name that it has or had, by `ENDPOINT/NAME`, or by identity. The machine itself may be gone.
 * Of several that had the name the one that has it by its newest restore point is meant.
 * @param points Newest first.
 * @throws `POINT_NOT_FOUND` with the nearest name, `MACHINE_AMBIGUOUS`.
 */
export function pointsOfMachine(wanted: string, points: readonly PointSummary[]): readonly PointSummary[] {
  const fits = (point: PointSummary): boolean =>
    point.machine === wanted || point.machineName === wanted || `${point.endpoint}/${point.machineName}` === wanted;
  const all = [...Map.groupBy(points, ({ endpoint, machine }) => `${endpoint}/${machine}`).values()];
  const had = all.filter((of) => of.some(fits));
  const has = had.filter(([newest]) => newest !== undefined && fits(newest));
  const [meantOne, ...others] = has.length > 0 ? has : had;
  if (others.length > 0) {
    const named = [meantOne, ...others].flatMap((of) => of?.[0] ?? []);
    throw new HoldfastError('MACHINE_AMBIGUOUS', `${named.length} machines with restore points are called ${wanted}`, {
      remedy: `name one of: ${named.map(({ endpoint, machineName }) => `${endpoint}/${machineName}`).join(', ')}`,
    });
  }
  if (meantOne !== undefined) return meantOne;
  const meant = nearest(wanted, new Set(points.map((point) => point.machineName)));
  const list = '`holdfast point list` shows what there is';
  throw new HoldfastError('POINT_NOT_FOUND', `no restore point is of a machine called ${wanted}`, {
    remedy: meant === undefined ? list : `did you mean ${meant}? ${list}`,
  });
}

/**
 * The restore point that someone means by a time or an identity.
 * @param points Of one machine, newest first.
 * @param wanted `latest`, an identity or its beginning, or a time: the newest point that is not later.
 */
export function pointAt(points: readonly PointSummary[], wanted: string, now: number): PointSummary {
  const [newest] = points;
  if (wanted === 'latest' && newest !== undefined) return newest;
  const time = momentOf(wanted, now);
  if (time === null) return byIdentity(wanted, points, (point) => point.point, 'restore point', 'POINT_NOT_FOUND');
  const found = points.find((point) => point.takenAt <= time);
  if (found !== undefined) return found;
  const oldest = points.at(-1);
  throw new HoldfastError('POINT_NOT_FOUND', `no restore point is from ${new Date(time).toISOString()} or before`, {
    remedy:
      oldest === undefined
        ? '`holdfast protect` makes one'
        : `the oldest is from ${new Date(oldest.takenAt).toISOString()}`,
  });
}

/** Reads `14:00` (today, else yesterday), `yesterday`, `2026-11-22`, `2026-11-22T14:00` and the like, in local time. */
function momentOf(wanted: string, now: number): number | null {
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(wanted);
  if (clock !== null) {
    const today = new Date(now);
    today.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 59), 999);
    if (today.getTime() > now) today.setDate(today.getDate() - 1);
    return today.getTime();
  }
  if (wanted === 'yesterday') return endOfDay(new Date(now - 86_400_000));
  if (/^\d{4}-\d{2}-\d{2}$/.test(wanted)) return endOfDay(new Date(`${wanted}T00:00:00`));
  if (!/^\d{4}-\d{2}-\d{2}[T ]\d/.test(wanted)) return null;
  const moment = new Date(wanted.replace(' ', 'T')).getTime();
  return Number.isNaN(moment) ? null : moment + 999;
}

function endOfDay(day: Date): number {
  day.setHours(23, 59, 59, 999);
  return Number.isNaN(day.getTime()) ? 0 : day.getTime();
}
