import type { Cell, CheckItem, CommandResult, ErrorCode, HoldfastError, View } from '@holdfast/api';
import { noCell, stateCell, tableView, textCell, withoutEmpty } from '../view/build.ts';

const tones = { ok: 'good', warning: 'risk', failed: 'bad' } as const;

export const checkState = (state: CheckItem['state']): Cell => stateCell(state, tones[state]);

/** One row of a check: what was looked at, and what came of it. */
export interface CheckRow extends CheckItem {
  /** What it belongs to: an endpoint, a target. */
  readonly of: string;
  /** What kind of problem kept it from being looked at. */
  readonly code?: ErrorCode;
}

/** Checks as a table: what, how it is, and what to do about it. */
export function checkTable(title: string, rows: readonly CheckRow[]): View {
  return withoutEmpty(
    tableView(
      title,
      [
        { key: 'of', title: 'of', priority: 2 },
        { key: 'state', title: 'state', priority: 0 },
        { key: 'title', title: 'check', priority: 0 },
        { key: 'detail', title: 'found', priority: 0 },
        { key: 'remedy', title: 'what to do' },
      ],
      rows.map((row, index) => ({
        id: String(index),
        cells: {
          of: textCell(row.of),
          state: checkState(row.state),
          title: textCell(row.title),
          detail: textCell(row.detail),
          remedy: row.remedy === undefined ? noCell : textCell(row.remedy),
        },
      })),
      'nothing to check',
    ),
    ['remedy'],
  );
}

/** The item that says that something could not be looked at at all. */
export function failedItem(of: string, title: string, problem: HoldfastError): CheckRow {
  const { code, remedy } = problem;
  return { of, title, state: 'failed', code, detail: problem.message, ...(remedy === undefined ? {} : { remedy }) };
}

/** How a command ends that found failed checks: a plugin that cannot be used is said as such, anything else is `otherwise`. */
export function checkFailure(rows: readonly CheckRow[], otherwise: ErrorCode): Pick<CommandResult, 'failure'> {
  const failed = rows.filter(({ state }) => state === 'failed');
  const [first] = failed;
  if (first === undefined) return {};
  const isPlugin = first.code?.startsWith('PLUGIN_') === true;
  return {
    failure: {
      code: isPlugin && first.code !== undefined ? first.code : otherwise,
      message: `${failed.length} of ${rows.length} checks failed, the first of ${first.of}: ${first.detail}`,
      ...(isPlugin && first.remedy !== undefined ? { remedy: first.remedy } : {}),
    },
  };
}
