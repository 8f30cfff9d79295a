import { sumsOf } from '../../lookup/runs.ts';

/** An answer of a command, read with care: it may be a plugin's. */
export type Data = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Data =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function numberIn(data: Data, key: string): number {
  const value = data[key];
  return typeof value === 'number' ? value : 0;
}

export const bytesIn = numberIn;

export function textIn(data: Data, key: string): string {
  const value = data[key];
  return typeof value === 'string' ? value : '';
}

export function recordIn(data: Data, key: string): Data {
  const value = data[key];
  return isRecord(value) ? value : {};
}

export function recordsIn(data: Data, key: string): readonly Data[] {
  const value = data[key];
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

/** What the one machine of a `protect` moved, and how long it took. */
export interface Moved {
  readonly readBytes: number;
  readonly newBytes: number;
  readonly storedBytes: number;
  readonly tookMs: number;
}

export function moved(protectData: Data): Moved {
  const run = recordIn(recordsIn(protectData, 'machines')[0] ?? {}, 'run');
  const sums = sumsOf(run.result);
  return {
    readBytes: sums?.readBytes ?? 0,
    newBytes: sums?.newBytes ?? 0,
    storedBytes: sums?.storedBytes ?? 0,
    tookMs: numberIn(run, 'endedAt') - numberIn(run, 'startedAt'),
  };
}
