import type { View } from '@holdfast/api';
import type { PolicyPlan } from '../../engine/policies/contract.ts';
import { formatCount, formatNumbered } from '../format/numbers.ts';
import { shortId } from '../lookup/names.ts';
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
} from './build.ts';

/** Rows of one table at most; `--json` has all. */
const mostRows = 200;
/** Names in one cell. */
const mostNames = 5;

const kinds = {
  add: ['added', 'good'],
  change: ['changed', 'risk'],
  remove: ['removed', 'bad'],
  same: ['as it is', 'quiet'],
} as const;

/** What applying policies would do: changes, restore points that would expire, forecasts with their arithmetic, and what is refused. */
export function policyPlanView(plan: PolicyPlan): View {
  const { changes, expires, forecasts, refusals, warnings, uncovered } = plan;
  const changed = changes.filter(({ kind }) => kind !== 'same').length;
  const sums = detailView('Plan of the policies', [
    [
      'state',
      'Can be applied',
      refusals.length === 0
        ? stateCell('yes', 'good')
        : stateCell(`no: ${formatNumbered(refusals.length, 'promise')} cannot be kept`, 'bad'),
    ],
    ['changes', 'Policies that change', textCell(`${formatCount(changed)} of ${formatCount(changes.length)}`)],
    [
      'expires',
      'Restore points that would expire',
      expires.length === 0 ? countCell(0) : stateCell(formatCount(expires.length), 'risk'),
    ],
    [
      'uncovered',
      'Machines that no policy protects',
      uncovered.length === 0
        ? countCell(0)
        : stateCell(`${formatCount(uncovered.length)}: ${named(uncovered)}`, 'risk'),
    ],
  ]);
  return stackView('', [
    sums,
    ...(refusals.length === 0 ? [] : [refusalTable(plan)]),
    changeTable(plan),
    ...(expires.length === 0 ? [] : [expiryTable(plan)]),
    ...(forecasts.length === 0 ? [] : [forecastTable(plan), arithmeticTable(plan)]),
    ...(warnings.length === 0 ? [] : [warningTable(plan)]),
  ]);
}

const named = (names: readonly string[]): string => {
  const more = names.length - mostNames;
  return more > 0 ? `${names.slice(0, mostNames).join(', ')} and ${more} more` : names.join(', ');
};

/** Rows of which not more are shown than a person reads; the last says how many there are. */
function firstRows<T>(
  things: readonly T[],
  row: (thing: T, index: number) => { id: string; cells: Readonly<Record<string, ReturnType<typeof textCell>>> },
  last: string,
) {
  const rows = things.slice(0, mostRows).map(row);
  const more = things.length - rows.length;
  return more > 0
    ? [...rows, { id: 'more', cells: { [last]: textCell(`… and ${formatCount(more)} more; --json has all`) } }]
    : rows;
}

function refusalTable({ refusals }: PolicyPlan): View {
  const rows = refusals.flatMap(({ policy, workflow, what, arithmetic, remedy }, index) => [
    { where: workflow === null ? policy : `${policy}/${workflow}`, text: textCell(what), id: `${index}` },
    ...arithmetic.map((line, at) => ({ where: '', text: textCell(line), id: `${index}-${at}` })),
    { where: 'what would do', text: stateCell(remedy, 'active'), id: `${index}-remedy` },
  ]);
  return tableView(
    'Cannot be kept',
    [
      { key: 'policy', title: 'policy', priority: 0 },
      { key: 'what', title: 'what', priority: 0 },
    ],
    firstRows(rows, ({ id, where, text }) => ({ id, cells: { policy: textCell(where), what: text } }), 'what'),
    'nothing',
  );
}

function changeTable({ changes }: PolicyPlan): View {
  const rows = changes.flatMap(({ policy, kind, details, gains, loses }) => {
    const [word, tone] = kinds[kind];
    const lines = [
      ...(kind === 'remove' ? [] : details),
      ...(gains.length === 0 ? [] : [`protects from now on: ${named(gains)}`]),
      ...(loses.length === 0 ? [] : [`protects no more: ${named(loses)}`]),
    ];
    const [first = '', ...rest] = lines;
    return [
      { id: policy, cells: { policy: textCell(policy), change: stateCell(word, tone), what: textCell(first) } },
      ...rest.map((line, index) => ({
        id: `${policy}-${index}`,
        cells: { policy: noCell, change: noCell, what: textCell(line) },
      })),
    ];
  });
  return tableView(
    'Changes',
    [
      { key: 'policy', title: 'policy', priority: 0 },
      { key: 'change', title: 'change', priority: 0 },
      { key: 'what', title: 'what', priority: 0 },
    ],
    firstRows(rows, (row) => row, 'what'),
    'no policy, before and after',
  );
}

function expiryTable({ expires }: PolicyPlan): View {
  return tableView(
    'Would expire at the next run of their machine',
    [
      { key: 'machine', title: 'machine', priority: 0 },
      { key: 'target', title: 'target', priority: 0 },
      { key: 'taken', title: 'taken' },
      { key: 'point', title: 'point' },
      { key: 'stored', title: 'stored', align: 'right' },
    ],
    firstRows(
      expires,
      ({ point, machineName, endpoint, target, takenAt, storedBytes }) => ({
        id: `${target}/${point}`,
        cells: {
          machine: textCell(`${endpoint}/${machineName}`),
          target: textCell(target),
          taken: timeCell(takenAt),
          point: textCell(shortId(point)),
          stored: bytesCell(storedBytes),
        },
      }),
      'machine',
    ),
    'nothing',
  );
}

function forecastTable({ forecasts }: PolicyPlan): View {
  return tableView(
    'Forecast',
    [
      { key: 'workflow', title: 'workflow', priority: 0 },
      { key: 'machines', title: 'machines', align: 'right' },
      { key: 'next', title: 'next', priority: 0 },
      { key: 'read', title: 'reads', align: 'right' },
      { key: 'takes', title: 'takes', align: 'right', priority: 0 },
      { key: 'room', title: 'has', align: 'right' },
      { key: 'critical', title: 'held up by' },
    ],
    firstRows(
      forecasts,
      ({ policy, workflow, machines, next, readBytes, makespanMs, roomMs, critical }) => ({
        id: `${policy}/${workflow}`,
        cells: {
          workflow: textCell(`${policy}/${workflow}`),
          machines: countCell(machines),
          next: next[0] === undefined ? textCell('when asked') : timeCell(next[0]),
          read: bytesCell(readBytes),
          takes: durationCell(makespanMs),
          room: roomMs === null ? noCell : durationCell(roomMs),
          critical: critical === null ? noCell : textCell(critical),
        },
      }),
      'workflow',
    ),
    'nothing runs',
  );
}

function arithmeticTable({ forecasts }: PolicyPlan): View {
  const lines = forecasts.flatMap(({ policy, workflow, arithmetic }) =>
    arithmetic.map((line, index) => ({
      where: index === 0 ? `${policy}/${workflow}` : '',
      line,
      id: `${policy}/${workflow}-${index}`,
    })),
  );
  return tableView(
    'How that comes about',
    [
      { key: 'workflow', title: 'workflow', priority: 0 },
      { key: 'line', title: 'arithmetic', priority: 0 },
    ],
    firstRows(
      lines,
      ({ id, where, line }) => ({ id, cells: { workflow: textCell(where), line: textCell(line) } }),
      'line',
    ),
    'nothing',
  );
}

function warningTable({ warnings }: PolicyPlan): View {
  return tableView(
    'Remarks',
    [
      { key: 'mark', title: '', priority: 0 },
      { key: 'what', title: 'what', priority: 0 },
    ],
    firstRows(
      warnings,
      (text, index) => ({ id: String(index), cells: { mark: stateCell('note', 'risk'), what: textCell(text) } }),
      'what',
    ),
    'none',
  );
}
