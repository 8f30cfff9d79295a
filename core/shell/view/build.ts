import type { Cell, Column, DetailView, Plain, StackView, TableView, Tone, View } from '@holdfast/api';

/** Short words for the cells of a view. */
export const textCell = (text: string): Cell => ({ kind: 'text', text });
export const stateCell = (text: string, tone: Tone): Cell => ({ kind: 'state', text, tone });
export const bytesCell = (bytes: number | null | undefined): Cell =>
  bytes === null || bytes === undefined ? noCell : { kind: 'bytes', bytes };
export const countCell = (count: number): Cell => ({ kind: 'count', count });
export const ratioCell = (ratio: number): Cell => ({ kind: 'ratio', ratio });
export const durationCell = (ms: number): Cell => ({ kind: 'duration', ms });
export const timeCell = (at: number | null | undefined): Cell =>
  at === null || at === undefined ? noCell : { kind: 'time', at };
export const noCell: Cell = { kind: 'none' };

/** A view of one thing: fields as key, title and value. */
export function detailView(
  title: string,
  fields: readonly (readonly [key: string, title: string, value: Cell])[],
): DetailView {
  return { kind: 'detail', title, fields: fields.map(([key, name, value]) => ({ key, title: name, value })) };
}

/** A view of many things of one kind. */
export function tableView(
  title: string,
  columns: readonly Column[],
  rows: TableView['rows'],
  empty: string,
): TableView {
  return { kind: 'table', title, columns, rows, empty };
}

/** The table without those of these columns in which no row says anything. */
export function withoutEmpty(table: TableView, keys: readonly string[]): TableView {
  const isSaid = (key: string): boolean => table.rows.some(({ cells }) => (cells[key]?.kind ?? 'none') !== 'none');
  return { ...table, columns: table.columns.filter(({ key }) => !keys.includes(key) || isSaid(key)) };
}

/** A few sentences. */
export const textView = (title: string, text: string): View => ({ kind: 'markdown', title, text });

export const stackView = (title: string, views: readonly View[]): StackView => ({ kind: 'stack', title, views });

/** Records of the contracts are plain data; their interfaces only lack the index signature that says so. */
export const plainData = (record: object): Plain => record as unknown as Plain;
