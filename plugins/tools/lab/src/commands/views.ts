import type { Cell, DetailView } from '@holdfast/api';

/** One line of a detail view. */
export type Field = readonly [key: string, title: string, value: Cell];

export function detail(title: string, fields: readonly Field[]): DetailView {
  return { kind: 'detail', title, fields: fields.map(([key, name, value]) => ({ key, title: name, value })) };
}

export const text = (value: string): Cell => ({ kind: 'text', text: value });
export const bytes = (value: number): Cell => ({ kind: 'bytes', bytes: value });
export const count = (value: number): Cell => ({ kind: 'count', count: value });
export const verdict = (good: boolean, yes: string, no: string): Cell =>
  good ? { kind: 'state', text: yes, tone: 'good' } : { kind: 'state', text: no, tone: 'bad' };
