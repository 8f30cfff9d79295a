import type { Cell, CommandResult, PointSummary } from '@holdfast/api';
import type { SyncOutcome, SyncPlan } from '../../../engine/repositories/contract.ts';
import type { CopyResult } from '../../../repository/copy/contract.ts';
import { formatCount, formatNumbered } from '../../format/numbers.ts';
import { shortId } from '../../lookup/names.ts';
import {
  bytesCell,
  countCell,
  detailView,
  noCell,
  plainData,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
} from '../../view/build.ts';

const shownPoints = 50;

/** How restore points travel, in words. */
export const relationWords: Readonly<Record<CopyResult['relation'], string>> = {
  family: 'of one family: only what is missing travels, as it was compressed',
  unrelated: 'not of one family: everything is read, cut and hashed anew',
};

const columns = [
  { key: 'point', title: 'point', priority: 0 },
  { key: 'state', title: 'what', priority: 0 },
  { key: 'machine', title: 'machine', priority: 0 },
  { key: 'taken', title: 'taken' },
  { key: 'size', title: 'size', align: 'right' },
  { key: 'stored', title: 'stored', align: 'right' },
] as const;

const cellsOf = (point: PointSummary) => ({
  point: textCell(shortId(point.point)),
  machine: textCell(point.machineName),
  taken: timeCell(point.takenAt),
  size: bytesCell(point.sizeBytes),
  stored: noCell,
});

const titleOf = (title: string, all: number): string =>
  all > shownPoints ? `${title} (the first ${shownPoints} of ${formatCount(all)})` : title;

/** The restore points that are copied. */
export const wantedOf = ({ points }: SyncPlan): readonly PointSummary[] =>
  points.filter(({ seemsThere, leftOut }) => !seemsThere && leftOut === null).map(({ point }) => point);

/** What is not copied, and why; nothing where there is none. */
function leftOutOf({ points }: SyncPlan): readonly (readonly [string, string, Cell])[] {
  const count = (why: 'forgotten' | 'retention'): number => points.filter(({ leftOut }) => leftOut === why).length;
  const [forgotten, unkept] = [count('forgotten'), count('retention')];
  return [
    ...(forgotten === 0
      ? []
      : [
          [
            'forgotten',
            'Left out',
            textCell(`${formatNumbered(forgotten, 'restore point')} that was forgotten there (--again copies it)`),
          ] as const,
        ]),
    ...(unkept === 0
      ? []
      : [
          [
            'unkept',
            'Left out',
            textCell(`${formatNumbered(unkept, 'restore point')} that the retention there does not keep`),
          ] as const,
        ]),
  ];
}

/** What a sync would do. */
export function syncPlanAnswer(from: string, to: string, plan: SyncPlan, isDryRun: boolean): CommandResult {
  const { relation, points, expires } = plan;
  const missing = wantedOf(plan);
  const sums = detailView(`From ${from} to ${to}`, [
    ['how', 'How', textCell(relationWords[relation])],
    ['there', 'Restore points that are there', countCell(points.filter(({ seemsThere }) => seemsThere).length)],
    ['missing', 'Would be copied', countCell(missing.length)],
    ...leftOutOf(plan),
    ...(expires.length === 0 ? [] : [['expires', 'Would be forgotten there', countCell(expires.length)] as const]),
  ]);
  const rows = missing.slice(0, shownPoints).map((point) => ({
    id: point.point,
    cells: { ...cellsOf(point), state: stateCell('would be copied', 'active') },
  }));
  const table = tableView(titleOf('Restore points', missing.length), columns, rows, 'nothing is missing there');
  return {
    data: { ...(isDryRun ? { dryRun: true } : {}), from, to, ...(plainData(plan) as object) },
    view: missing.length === 0 ? sums : stackView('', [sums, table]),
  };
}

/** What a sync did; what failed makes it one that was done in part. */
export function syncAnswer(from: string, to: string, { done, forgotten }: SyncOutcome, plan: SyncPlan): CommandResult {
  const failed = done.filter(({ problem }) => problem !== null);
  const sum = (of: (result: CopyResult) => number): number =>
    done.reduce((total, { result }) => total + (result === null ? 0 : of(result)), 0);
  const before = plan.points.filter(({ seemsThere }) => seemsThere).length;
  const sums = detailView(`From ${from} to ${to}`, [
    ['how', 'How', textCell(relationWords[plan.relation])],
    ['copied', 'Copied', countCell(done.filter(({ result }) => result?.wasThere === false).length)],
    ['there', 'Were there', countCell(before + sum(({ wasThere }) => (wasThere ? 1 : 0)))],
    ...leftOutOf(plan),
    ['failed', 'Could not be copied', countCell(failed.length)],
    ['read', 'Read', bytesCell(sum(({ moved }) => moved.readBytes))],
    ['stored', 'Stored', bytesCell(sum(({ moved }) => moved.storedBytes))],
    ...(forgotten.length === 0
      ? []
      : [['forgot', 'Forgotten there by its retention', countCell(forgotten.length)] as const]),
  ]);
  const shown = [...failed, ...done.filter(({ problem }) => problem === null)].slice(0, shownPoints);
  const table = tableView(
    titleOf('Restore points', done.length),
    [...columns, { key: 'problem', title: 'problem' }],
    shown.map(({ point, result, problem }) => ({
      id: point.point,
      cells: {
        ...cellsOf(point),
        state:
          result === null
            ? stateCell('failed', 'bad')
            : stateCell(result.wasThere ? 'was there' : 'copied', result.wasThere ? 'quiet' : 'good'),
        stored: result === null ? noCell : bytesCell(result.moved.storedBytes),
        problem: problem === null ? noCell : textCell(problem.message),
      },
    })),
    'none',
  );
  return {
    data: { from, to, relation: plan.relation, points: done.map(plainData), forgotten: forgotten.map(plainData) },
    view: stackView('', [sums, table]),
    partial: failed.length > 0,
  };
}
