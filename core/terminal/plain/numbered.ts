import type { Plain, TableView, View } from '@holdfast/api';

/** A row that can be chosen by the number it was read out with. */
export interface NumberedRow {
  readonly id: string;
  readonly number: number;
}

/** A part of a view, its rows numbered. */
export interface NumberedView {
  readonly view: View;
  readonly rows: readonly NumberedRow[];
  /** Rows that there are in all; more than are in `rows` when only a part is read out. */
  readonly total: number;
}

/** So many rows are read out at once. */
export const rowsAtOnce = 40;

const deepest = 16;

/** Tables of a view get a column with the number of each row, counted through all of them, from the first that is read out. */
export function numberRows(view: View, from: number): NumberedView {
  const rows: NumberedRow[] = [];
  let total = 0;
  const table = (one: TableView): TableView => {
    const first = total;
    total += one.rows.length;
    const shown = one.rows.flatMap((row, index) => {
      const number = first + index + 1;
      if (number <= from || number > from + rowsAtOnce) return [];
      rows.push({ id: row.id, number });
      return [{ ...row, cells: { ...row.cells, '#': { kind: 'count' as const, count: number } } }];
    });
    const isCut = shown.length === 0 && one.rows.length > 0;
    const columns = [{ key: '#', title: 'no', align: 'right' as const, priority: 0 }, ...one.columns];
    return { ...one, columns, rows: shown, empty: isCut ? 'not in this part' : one.empty };
  };
  const number = (one: View, depth: number): View => {
    if (one.kind === 'table') return table(one);
    if (one.kind !== 'stack' || depth > deepest) return one;
    return { ...one, views: one.views.map((inner) => number(inner, depth + 1)) };
  };
  return { view: number(view, 0), rows, total };
}

/** Numbers as they are typed: `3`, `1, 4`, `2-5`; `null` when one of them is none or was not read out. */
export function rowsNamed(typed: string, rows: readonly NumberedRow[]): readonly string[] | null {
  const ids: string[] = [];
  for (const word of typed.split(/[\s,]+/).filter((part) => part !== '')) {
    const [, from, to = from] = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(word) ?? [];
    if (from === undefined) return null;
    const named = rows.filter(({ number }) => number >= Number(from) && number <= Number(to));
    if (named.length === 0) return null;
    ids.push(...named.map(({ id }) => id));
  }
  return ids.length === 0 ? null : [...new Set(ids)];
}

/** Arguments of an action for the rows that were named. */
export function actionArgs(
  argument: string,
  ids: readonly string[],
  isSeveral: boolean,
): Readonly<Record<string, Plain>> {
  return { [argument]: isSeveral ? [...ids] : ids[0] };
}
