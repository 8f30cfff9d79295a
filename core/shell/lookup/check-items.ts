import type { Cell, CheckItem, View } from '@holdfast/api';
import { noCell, stateCell, tableView, textCell, withoutEmpty } from '../view/build.ts';

const tones = { ok: 'good', warning: 'risk', failed: 'bad' } as const;

export const checkState = (state: CheckItem['state']): Cell => stateCell(state, tones[state]);

/** One row of a check: what was looked at, and what came of it. */
export interface CheckRow extends CheckItem {
  /** What it belongs to: an endpoint, a target. */
  readonly of: string;
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
export function failedItem(of: string, title: string, problem: Error & { remedy?: string | undefined }): CheckRow {
  const { remedy } = problem;
  return { of, title, state: 'failed', detail: problem.message, ...(remedy === undefined ? {} : { remedy }) };
}
