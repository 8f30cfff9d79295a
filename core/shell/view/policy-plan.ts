import type { View } from '@holdfast/api';
import type { PolicyPlan } from '../../engine/policies/contract.ts';
import { safeText } from '../../model/text/safe-text.ts';
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
  textView,
  timeCell,
} from './build.ts';

/** Rows of one table at most; `--json` has all. */
const mostRows = 200;
/** Names in one cell. */
const mostNames = 5;

const kinds = { add: 'is added', change: 'is changed', remove: 'is removed', same: 'stays as it is' } as const;

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
    ...(refusals.length === 0 ? [] : [refusalList(plan)]),
    changeList(plan),
    ...(expires.length === 0 ? [] : [expiryTable(plan)]),
    ...(forecasts.length === 0 ? [] : [forecastTable(plan), arithmeticList(plan)]),
    ...(warnings.length === 0
      ? []
      : [
          listView(
            'Remarks',
            warnings.map((head) => ({ head, lines: [] })),
          ),
        ]),
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

/** Sentences are wrapped, where a table would cut them. Each line is made safe by itself, so that no name of a stranger begins another. */
function listView(
  title: string,
  blocks: readonly { readonly head: string; readonly lines: readonly string[] }[],
): View {
  const lines = blocks.flatMap(({ head, lines }) => [
    `- ${safeText(head)}`,
    ...lines.map((line) => `  - ${safeText(line)}`),
  ]);
  const more = lines.length - mostRows;
  const shown =
    more > 0 ? [...lines.slice(0, mostRows), `- … and ${formatCount(more)} more lines; --json has all`] : lines;
  return textView(title, shown.join('\n'));
}

function refusalList({ refusals }: PolicyPlan): View {
  return listView(
    'Cannot be kept',
    refusals.map(({ policy, workflow, what, arithmetic, remedy }) => ({
      head: `**${workflow === null ? policy : `${policy}/${workflow}`}**: ${what}`,
      lines: [...arithmetic, `what would do: ${remedy}`],
    })),
  );
}

function changeList({ changes }: PolicyPlan): View {
  if (changes.length === 0) return textView('Changes', 'no policy, before and after');
  return listView(
    'Changes',
    changes.map(({ policy, kind, details, gains, loses }) => ({
      head: `**${policy}** ${kinds[kind]}`,
      lines: [
        ...(kind === 'remove' ? [] : details),
        ...(gains.length === 0 ? [] : [`protects from now on: ${named(gains)}`]),
        ...(loses.length === 0 ? [] : [`protects no more: ${named(loses)}`]),
      ],
    })),
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

function arithmeticList({ forecasts }: PolicyPlan): View {
  return listView(
    'How that comes about',
    forecasts.map(({ policy, workflow, arithmetic }) => ({ head: `**${policy}/${workflow}**`, lines: arithmetic })),
  );
}
