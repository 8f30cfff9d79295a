import type { Cell, View } from '@holdfast/api';
import type { RunDay, RunRecord } from '../../../catalog/contract.ts';
import { formatCount, formatRate } from '../../format/numbers.ts';
import { checkState } from '../../lookup/check-items.ts';
import type { TargetCheck } from '../../lookup/past-checks.ts';
import {
  bytesCell,
  countCell,
  durationCell,
  noCell,
  ratioCell,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
  withoutEmpty,
} from '../../view/build.ts';
import type { Need } from './needs.ts';
import { defaultObjective } from './protection.ts';

export interface TargetFigures {
  readonly name: string;
  readonly use: string;
  readonly machines: number;
  readonly points: number;
  readonly storedBytes: number;
  readonly newestAt: number | null;
  /** As the last check found it; `null` while there was none, or where the target does not tell. */
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
  readonly check: TargetCheck | null;
}

export interface OverviewFigures {
  readonly at: number;
  readonly machines: {
    /** Those that are there. */
    readonly total: number;
    readonly protected: number;
    readonly atRisk: number;
    readonly unprotected: number;
    /** No longer there, but restore points of them are. */
    readonly gone: number;
    /** That no policy protects. */
    readonly uncovered: number;
  };
  /** Of machines that policies promise something how many keep it; `null` when none is promised anything. */
  readonly promises: { readonly promised: number; readonly met: number } | null;
  readonly hasPolicies: boolean;
  readonly needs: readonly Need[];
  readonly running: readonly RunRecord[];
  readonly targets: readonly TargetFigures[];
  /** Oldest first. */
  readonly trend: readonly RunDay[];
}

const shownNeeds = 30;

/** A number with the sign of what it means; where there is none of it, it is quiet. */
const counted = (count: number, tone: 'good' | 'risk' | 'quiet'): Cell =>
  stateCell(formatCount(count), count === 0 ? 'quiet' : tone);

function machinesTable({ machines, promises, hasPolicies }: OverviewFigures): View {
  const { total } = machines;
  const objective =
    promises === null
      ? `protected: a restore point of the last ${defaultObjective}, the default objective`
      : `protected: a restore point as new as its policy promises, else of the last ${defaultObjective}`;
  return tableView(
    `Machines (${objective})`,
    [
      { key: 'total', title: 'machines', align: 'right', priority: 0 },
      { key: 'protected', title: 'protected', align: 'right', priority: 0 },
      { key: 'risk', title: 'at risk', align: 'right', priority: 0 },
      { key: 'bare', title: 'unprotected', align: 'right', priority: 0 },
      { key: 'gone', title: 'gone', align: 'right' },
      ...(hasPolicies ? [{ key: 'uncovered', title: 'no policy', align: 'right' } as const] : []),
      { key: 'met', title: promises === null ? 'objective met' : 'RPO met', align: 'right' },
    ],
    [
      {
        id: '@machines',
        cells: {
          total: countCell(total),
          protected: counted(machines.protected, 'good'),
          risk: counted(machines.atRisk, 'risk'),
          bare: counted(machines.unprotected, 'quiet'),
          gone: counted(machines.gone, 'quiet'),
          uncovered: counted(machines.uncovered, 'risk'),
          met: metCell(machines, promises),
        },
      },
    ],
    'no machines',
  );
}

function metCell({ total, protected: kept }: OverviewFigures['machines'], promises: OverviewFigures['promises']): Cell {
  if (promises !== null) return ratioCell(promises.met / promises.promised);
  return total === 0 ? noCell : ratioCell(kept / total);
}

function needsTable({ needs }: OverviewFigures): View {
  const more = needs.length > shownNeeds ? ` (the first ${shownNeeds} of ${formatCount(needs.length)})` : '';
  return tableView(
    `Needs you${more}`,
    [
      { key: 'what', title: 'what', priority: 0 },
      { key: 'why', title: 'why', priority: 0 },
      { key: 'fix', title: 'fix', priority: 1 },
    ],
    needs.slice(0, shownNeeds).map(({ id, tone, what, why, fix }) => ({
      id,
      cells: { what: stateCell(what, tone), why: textCell(why), fix: textCell(fix.short) },
      open: { command: fix.command, args: fix.args },
    })),
    'nothing: all is well',
  );
}

function shareDone({ progress }: RunRecord): Cell {
  const { doneBytes, totalBytes } = progress ?? {};
  return doneBytes === undefined || !totalBytes ? noCell : ratioCell(Math.min(1, doneBytes / totalBytes));
}

function runningTable({ running }: OverviewFigures): View {
  return withoutEmpty(
    tableView(
      'Running now',
      [
        { key: 'machine', title: 'machine', priority: 0 },
        { key: 'phase', title: 'doing', priority: 0 },
        { key: 'done', title: 'done', align: 'right', priority: 0 },
        { key: 'speed', title: 'speed', align: 'right' },
        { key: 'bottleneck', title: 'slowed by', priority: 2 },
        { key: 'eta', title: 'still', align: 'right' },
      ],
      running.map((run) => {
        const { progress } = run;
        const doing = run.state === 'waiting' ? 'waiting' : `${run.kind}: ${progress?.phase ?? 'beginning'}`;
        return {
          id: run.id,
          cells: {
            machine: stateCell(run.machineName, run.state === 'waiting' ? 'quiet' : 'active'),
            phase: textCell(doing),
            done: shareDone(run),
            speed: progress?.bytesPerSecond === undefined ? noCell : textCell(formatRate(progress.bytesPerSecond)),
            bottleneck: progress?.bottleneck === undefined ? noCell : textCell(progress.bottleneck),
            eta: progress?.etaMs === undefined ? noCell : durationCell(progress.etaMs),
          },
        };
      }),
      'nothing',
    ),
    ['speed', 'bottleneck', 'eta'],
  );
}

function targetsTable({ targets }: OverviewFigures): View {
  return withoutEmpty(
    tableView(
      'Targets',
      [
        { key: 'name', title: 'target', priority: 0 },
        { key: 'used', title: 'used', align: 'right', priority: 0 },
        { key: 'free', title: 'free', align: 'right', priority: 0 },
        { key: 'points', title: 'points', align: 'right' },
        { key: 'machines', title: 'machines', align: 'right', priority: 2 },
        { key: 'newest', title: 'last written', align: 'right', priority: 2 },
        { key: 'state', title: 'state', priority: 0 },
        { key: 'checked', title: 'checked', align: 'right' },
      ],
      targets.map(({ name, storedBytes, freeBytes, points, machines, newestAt, check }) => ({
        id: name,
        cells: {
          name: textCell(name),
          used: bytesCell(storedBytes),
          free: bytesCell(freeBytes),
          points: countCell(points),
          machines: countCell(machines),
          newest: timeCell(newestAt),
          state: check === null ? stateCell('not checked yet', 'quiet') : checkState(check.state),
          checked: timeCell(check?.at),
        },
      })),
      'none yet: `holdfast init --path FOLDER`',
    ),
    ['free', 'checked'],
  );
}

/** Absent while nothing has run yet. */
function trendChart({ trend }: OverviewFigures): readonly View[] {
  if (trend.every(({ done, failed }) => done + failed === 0)) return [];
  const series = (title: string, of: (day: RunDay) => number) => ({
    title,
    points: trend.map((day) => ({ x: day.day, y: of(day) })),
  });
  return [
    {
      kind: 'chart',
      title: `Runs a day, the last ${trend.length} days`,
      form: 'line',
      unit: 'count',
      // A line of nothing but zeros is room for something else.
      series: [series('done', ({ done }) => done), series('failed', ({ failed }) => failed)].filter(({ points }) =>
        points.some(({ y }) => y > 0),
      ),
    },
  ];
}

/** What is wrong, in three seconds: numbers first, then what to do, then what goes on. */
export function overviewView(figures: OverviewFigures): View {
  return stackView('', [
    machinesTable(figures),
    needsTable(figures),
    ...(figures.running.length === 0 ? [] : [runningTable(figures)]),
    targetsTable(figures),
    ...trendChart(figures),
  ]);
}
