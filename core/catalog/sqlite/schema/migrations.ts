import { version1 } from './version-1.ts';
import { version2 } from './version-2.ts';

/** One step from the schema before it. */
export interface Migration {
  /** The schema that it leads to; the first is 1, each next one is 1 more. */
  readonly version: number;
  readonly sql: string;
}

/** Every step since the first schema, in order. Those that were ever released are never changed. */
export const migrations: readonly Migration[] = [
  { version: 1, sql: version1 },
  { version: 2, sql: version2 },
];

/** The schema that they lead to. */
export const newestSchema = (steps: readonly Migration[]): number => steps.at(-1)?.version ?? 0;
