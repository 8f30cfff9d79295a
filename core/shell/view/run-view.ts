import type { View } from '@holdfast/api';
import type { LogLine, RunRecord, StepRecord } from '../../catalog/contract.ts';
import { expiredOf, pointOf, runState, snapshotOf, sumsOf } from '../lookup/runs.ts';
import {
  bytesCell,
  countCell,
  detailView,
  durationCell,
  noCell,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
  withoutEmpty,
} from './build.ts';

const stepTones = {
  waiting: 'quiet',
  running: 'active',
  done: 'good',
  failed: 'bad',
  cancelled: 'quiet',
  skipped: 'quiet',
} as const;

function stepsTable(steps: readonly StepRecord[], now: number): View {
  return withoutEmpty(
    tableView(
      'Steps',
      [
        { key: 'step', title: 'step', priority: 0 },
        { key: 'state', title: 'state', priority: 0 },
        { key: 'took', title: 'took', align: 'right' },
        { key: 'problem', title: 'problem' },
      ],
      steps.map((step) => ({
        id: String(step.index),
        cells: {
          step: textCell(`${step.index + 1} ${step.use}`),
          state: stateCell(step.state, stepTones[step.state]),
          took: step.startedAt === null ? noCell : durationCell((step.endedAt ?? now) - step.startedAt),
          problem: step.error === null ? noCell : textCell(`${step.error.message} [${step.error.code}]`),
        },
      })),
      'none has begun',
    ),
    ['problem'],
  );
}

/** A run as a whole: what it is, where it got to, what it moved, what it said. */
export function runView(run: RunRecord, steps: readonly StepRecord[], lines: readonly LogLine[], now: number): View {
  const sums = sumsOf(run.result);
  const point = pointOf(run.result);
  const expired = expiredOf(run.result);
  const taken = snapshotOf(run.result);
  const figures: Parameters<typeof detailView>[1] =
    sums === null
      ? []
      : [
          [
            'read',
            run.kind === 'protect' ? 'Read from the machine' : 'Read from the target',
            bytesCell(sums.readBytes),
          ],
          ...(run.kind === 'protect'
            ? ([
                ['duplicate', 'There already', bytesCell(sums.duplicateBytes)],
                ['new', 'New', bytesCell(sums.newBytes)],
                ['stored', 'Stored, compressed', bytesCell(sums.storedBytes)],
              ] as const)
            : []),
          ['bottleneck', 'Bottleneck', sums.bottleneck === null ? noCell : textCell(sums.bottleneck)],
        ];
  const frozen: Parameters<typeof detailView>[1] =
    taken === null
      ? []
      : [
          ['frozen', 'Guest held still', durationCell(taken.frozenMs)],
          ['consistency', 'Consistency', textCell(taken.consistency)],
        ];
  return stackView('', [
    detailView(`Run ${run.id}`, [
      ['state', 'State', runState(run.state)],
      ['kind', 'Kind', textCell(run.kind)],
      ['machine', 'Machine', textCell(`${run.endpoint}/${run.machineName}`)],
      ['steps', 'Steps', textCell(run.steps.map(({ use }) => use).join(' → '))],
      ...(run.policy === null
        ? []
        : ([
            ['policy', 'Policy', textCell(`${run.policy.policy}/${run.policy.workflow}`)],
            ['due', 'Was due', timeCell(run.policy.due)],
          ] as const)),
      ['who', 'Asked for by', textCell(run.who)],
      ['created', 'Asked for', timeCell(run.createdAt)],
      ['took', 'Took', run.startedAt === null ? noCell : durationCell((run.endedAt ?? now) - run.startedAt)],
      ['attempts', 'Attempts', countCell(run.attempts)],
      ...frozen,
      ...figures,
      ...(point === null ? [] : ([['point', 'Restore point', textCell(point)]] as const)),
      ...(expired.length === 0 ? [] : ([['expired', 'Expired', countCell(expired.length)]] as const)),
      ...(run.error === null
        ? []
        : ([
            ['error', 'Problem', textCell(`${run.error.message} [${run.error.code}]`)],
            ['remedy', 'What to do', textCell(run.error.remedy ?? '–')],
          ] as const)),
    ]),
    stepsTable(steps, now),
    ...(lines.length === 0 ? [] : [{ kind: 'log' as const, title: 'Log', lines }]),
  ]);
}
