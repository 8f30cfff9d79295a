import type { View } from '@holdfast/api';
import type { WorkflowPlan } from '../../engine/contract.ts';
import { shortId } from '../lookup/names.ts';
import {
  bytesCell,
  countCell,
  detailView,
  durationCell,
  stackView,
  stateCell,
  tableView,
  textCell,
  timeCell,
} from './build.ts';

/** What would be done for one machine. */
export function planView(plan: WorkflowPlan): View {
  const steps = tableView(
    'Steps',
    [
      { key: 'step', title: 'step', priority: 0 },
      { key: 'title', title: 'what', priority: 0 },
      { key: 'read', title: 'reads', align: 'right' },
      { key: 'write', title: 'writes', align: 'right' },
      { key: 'time', title: 'about', align: 'right' },
    ],
    plan.steps.map((step, index) => ({
      id: String(index),
      cells: {
        step: textCell(`${index + 1} ${step.use}`),
        title: textCell(step.title),
        read: bytesCell(step.readBytes),
        write: bytesCell(step.writeBytes),
        time: durationCell(step.durationMs),
      },
    })),
    'nothing to do',
  );
  const remarks = tableView(
    'Remarks',
    [
      { key: 'what', title: 'what', priority: 0 },
      { key: 'because', title: 'because', priority: 0 },
    ],
    [
      ...plan.warnings.map((warning, index) => ({
        id: `warning-${index}`,
        cells: { what: stateCell('note', 'risk'), because: textCell(warning) },
      })),
      ...plan.why.map((reason, index) => ({
        id: `reason-${index}`,
        cells: { what: textCell(reason.decision), because: textCell(reason.because) },
      })),
    ],
    'none',
  );
  const expiring = tableView(
    'Would expire',
    [
      { key: 'point', title: 'point' },
      { key: 'taken', title: 'taken' },
    ],
    plan.expires.map((point) => ({
      id: point.point,
      cells: { point: textCell(shortId(point.point)), taken: timeCell(point.takenAt) },
    })),
    'nothing',
  );
  return stackView('', [
    detailView(`Plan for ${plan.endpoint}/${plan.machineName}`, [
      ['read', 'Reads about', bytesCell(plan.readBytes)],
      ['write', 'Writes about', bytesCell(plan.writeBytes)],
      ['time', 'Takes about', durationCell(plan.durationMs)],
      ['expires', 'Restore points that would expire', countCell(plan.expires.length)],
    ]),
    steps,
    ...(plan.warnings.length + plan.why.length === 0 ? [] : [remarks]),
    ...(plan.expires.length === 0 ? [] : [expiring]),
  ]);
}
