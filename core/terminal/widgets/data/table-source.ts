import type { Cell, TableView } from '@holdfast/api';

export interface TableRow {
  readonly id: string;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** Where a table takes its rows from; only those that are seen are asked for, so that their number does not matter. */
export interface TableSource {
  readonly length: number;
  /** `index` is below `length`. Asked again for each frame: cheap, and the same until `set` is called again. */
  row(index: number): TableRow;
  /** Place of a row by its id, -1 when there is none. Without it the table looks through the rows when new data comes. */
  indexOf?(id: string): number;
}

/** What a table is besides its rows. */
export type TableHead = Pick<TableView, 'title' | 'columns' | 'empty'>;

export const rowsOf = (rows: TableView['rows']): TableSource => ({
  length: rows.length,
  row: (index) => rows[index] ?? { id: '', cells: {} },
});

/** Place of a row in new data: mostly where it was. */
export function findRow(source: TableSource, id: string, wasAt: number): number {
  if (source.indexOf !== undefined) return source.indexOf(id);
  if (wasAt >= 0 && wasAt < source.length && source.row(wasAt).id === id) return wasAt;
  for (let index = 0; index < source.length; index++) if (source.row(index).id === id) return index;
  return -1;
}
