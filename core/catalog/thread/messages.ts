import type { ErrorCode, ErrorFacts } from '@holdfast/api';

/** What the database thread is started with. */
export interface ThreadStart {
  readonly file: string;
  readonly busyTimeoutMs: number;
  /** The caller's time, for a catalog that is made now. */
  readonly now: number;
}

/** One call of a store's method; `now` is the caller's time. */
export interface CallMessage {
  readonly id: number;
  readonly store: string;
  readonly method: string;
  readonly given: readonly unknown[];
  readonly now: number;
}

/** Asks the thread to close the database and end. */
export interface CloseMessage {
  readonly close: true;
}

/** Something thrown, as data. `code` is set for expected failures. */
export interface Thrown {
  readonly message: string;
  readonly stack: string | undefined;
  readonly code: ErrorCode | null;
  readonly remedy: string | undefined;
  readonly facts: ErrorFacts;
  readonly cause: string | null;
}

/** The first answer of the thread (`id` 0, `value` is the identity of the catalog), and the answer to each call. */
export type AnswerMessage =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly thrown: Thrown };
