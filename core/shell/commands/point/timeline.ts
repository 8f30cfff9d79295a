import type { ChartPoint, PointSummary, Tone } from '@holdfast/api';
import type { ShellHandler } from '../../contract.ts';
import { formatBytes } from '../../format/numbers.ts';
import { formatRelative } from '../../format/times.ts';
import { type PastChecks, pastChecks, pointKey } from '../../lookup/past-checks.ts';
import { listPoints, pointsOfMachine } from '../../lookup/points.ts';
import { textOf, textOrNull } from '../../registry/argument-values.ts';
import { plainData } from '../../view/build.ts';

/** A restore point, and what is known of it. */
interface Told {
  readonly point: PointSummary;
  readonly state: 'there' | 'whole' | 'damaged' | 'missing';
  readonly tone: Tone;
  readonly notes: readonly string[];
}

const tones: Readonly<Record<Told['state'], Tone>> = {
  there: 'quiet',
  whole: 'good',
  damaged: 'bad',
  missing: 'bad',
};

function tell(point: PointSummary, isNewest: boolean, isMissing: boolean, checks: PastChecks, now: number): Told {
  const check = checks.points[pointKey(point.target, point.point)];
  const state = isMissing ? 'missing' : check === undefined ? 'there' : check.state;
  const said = {
    there: 'not verified yet',
    whole: `verified ${formatRelative(check?.at ?? now, now)}`,
    damaged: `damaged, found ${formatRelative(check?.at ?? now, now)}`,
    missing: 'missing: gone from its target although nobody forgot it',
  };
  const notes = [
    ...(isNewest ? ['newest'] : []),
    `on ${point.target}`,
    `${point.consistency}-consistent`,
    said[state],
    `added ${formatBytes(point.storedBytes)}`,
  ];
  return { point, state, tone: tones[state], notes };
}

const chartPoint = ({ point, tone, notes }: Told): ChartPoint => ({
  x: point.takenAt,
  y: 1,
  id: point.point,
  tone,
  notes,
});

/** All restore points of a machine in time, one line for each target: also those that are missing, so that a gap is seen as one. */
export const run: ShellHandler = async (site, args, call) => {
  const wanted = textOf(args, 'machine');
  const target = textOrNull(args, 'target');
  const listing = await listPoints(site, target, call);
  const there = pointsOfMachine(wanted, listing.points);
  const [newest] = there;
  const catalog = await site.catalog();
  const lost = newest === undefined ? [] : await catalog.missingPoints(newest.machine);
  const missing = lost.filter(
    (point) => point.endpoint === newest?.endpoint && (target === null || point.target === target),
  );
  const checks = await pastChecks(site);
  const now = site.now();
  const all = [
    ...there.map((point) => tell(point, point === newest, false, checks, now)),
    ...missing.map((point) => tell(point, false, true, checks, now)),
  ].toSorted((a, b) => a.point.takenAt - b.point.takenAt);
  const targets = [...new Set(all.map(({ point }) => point.target))].toSorted();
  return {
    data: {
      machine:
        newest === undefined ? null : { endpoint: newest.endpoint, id: newest.machine, name: newest.machineName },
      points: all.map(({ point, state, notes }) => ({ ...(plainData(point) as object), state, notes })),
      silent: listing.silent,
    },
    view: {
      kind: 'chart',
      title: `Restore points of ${newest?.machineName ?? wanted}`,
      form: 'timeline',
      unit: 'count',
      series: targets.map((name) => ({
        title: name,
        points: all.filter(({ point }) => point.target === name).map(chartPoint),
      })),
    },
  };
};
