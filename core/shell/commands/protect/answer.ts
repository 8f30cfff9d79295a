import { type Cell, type CommandResult, isHoldfastError } from '@holdfast/api';
import type { RunRecord } from '../../../catalog/contract.ts';
import { shortId } from '../../lookup/names.ts';
import { failureOfRun, pointOf, sumsOf } from '../../lookup/runs.ts';
import { bytesCell, durationCell, noCell, plainData, stateCell, tableView, textCell } from '../../view/build.ts';

/** How it went for one machine. */
export interface Outcome {
  readonly machine: string;
  readonly run: RunRecord | null;
  /** What kept the run from beginning; how a run itself failed stands in its record. */
  readonly problem: Error | null;
}

const problemOf = ({ run, problem }: Outcome): Error | null => problem ?? (run === null ? null : failureOfRun(run));

function state(outcome: Outcome): Cell {
  if (problemOf(outcome) !== null) return stateCell(outcome.run?.state === 'cancelled' ? 'cancelled' : 'failed', 'bad');
  return outcome.run?.state === 'partial' ? stateCell('partly done', 'risk') : stateCell('protected', 'good');
}

function rowOf(outcome: Outcome, now: number) {
  const { run } = outcome;
  const problem = problemOf(outcome);
  const sums = run === null ? null : sumsOf(run.result);
  const point = run === null ? null : pointOf(run.result);
  const took = run?.startedAt == null ? noCell : durationCell((run.endedAt ?? now) - run.startedAt);
  return {
    id: run?.id ?? outcome.machine,
    cells: {
      machine: textCell(outcome.machine),
      state: state(outcome),
      read: bytesCell(sums?.readBytes),
      fresh: bytesCell(sums?.newBytes),
      stored: bytesCell(sums?.storedBytes),
      took,
      point: point === null ? noCell : textCell(shortId(point)),
      run: run === null ? noCell : textCell(shortId(run.id)),
      problem: problem === null ? noCell : textCell(problem.message),
    },
  };
}

const columns = [
  { key: 'machine', title: 'machine', priority: 0 },
  { key: 'state', title: 'state', priority: 0 },
  { key: 'read', title: 'read', align: 'right' },
  { key: 'fresh', title: 'new', align: 'right' },
  { key: 'stored', title: 'stored', align: 'right' },
  { key: 'took', title: 'took', align: 'right' },
  { key: 'point', title: 'point' },
  { key: 'run', title: 'run' },
] as const;

/**
 * Tells how it went. Some that failed make it partial.
 * @throws The first problem when nothing was protected.
 */
export function protectedAnswer(outcomes: readonly Outcome[], now: number): CommandResult {
  const problems = outcomes.flatMap((outcome) => problemOf(outcome) ?? []);
  const [first] = problems;
  if (first !== undefined && problems.length === outcomes.length) throw first;
  const isPartial = problems.length > 0 || outcomes.some(({ run }) => run?.state === 'partial');
  return {
    data: {
      machines: outcomes.map((outcome) => {
        const problem = problemOf(outcome);
        return {
          machine: outcome.machine,
          run: outcome.run === null ? null : plainData(outcome.run),
          point: outcome.run === null ? null : pointOf(outcome.run.result),
          problem:
            problem === null
              ? null
              : { code: isHoldfastError(problem) ? problem.code : 'INTERNAL', message: problem.message },
        };
      }),
    },
    view: tableView(
      'Protected',
      problems.length === 0 ? columns : [...columns, { key: 'problem', title: 'problem', priority: 0 }],
      outcomes.map((outcome) => rowOf(outcome, now)),
      'nothing to protect',
    ),
    partial: isPartial,
  };
}
