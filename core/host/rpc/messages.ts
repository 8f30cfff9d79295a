import type { LogLevel } from '@holdfast/api';
import type { WireError } from './wire-error.ts';

/** A service as it is named to the other side. */
export interface Handle {
  readonly on: number;
  /** Methods that it has; optional ones that it lacks are missing. */
  readonly methods: readonly string[];
  /** Properties that are plain data. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Set when the service is a `Call` too. */
  readonly call?: CallHead;
  /** Its clock when it was handed over. */
  readonly now?: number;
}

/** What of a `Call` is data; signal, log and progress travel as messages of their own. */
export interface CallHead {
  readonly deadline: number | null;
  readonly who: string;
  /** Set when the call had been aborted before it was made. */
  readonly aborted?: WireError;
}

/** Everything that crosses. `id` is a number of the asking side's, `on` one of the serving side's. */
export type Message =
  | {
      readonly t: 'call';
      readonly id: number;
      readonly on: number;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | { readonly t: 'done'; readonly id: number; readonly value: unknown }
  | { readonly t: 'fail'; readonly id: number; readonly error: WireError }
  | { readonly t: 'abort'; readonly id: number; readonly error: WireError }
  | { readonly t: 'note'; readonly id: number; readonly level: LogLevel; readonly text: string }
  | { readonly t: 'progress'; readonly id: number; readonly progress: unknown }
  | { readonly t: 'items'; readonly id: number; readonly items: readonly unknown[]; readonly costs: readonly number[] }
  | { readonly t: 'more'; readonly id: number; readonly credit: number }
  | { readonly t: 'stop'; readonly id: number }
  | { readonly t: 'tell'; readonly on: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly t: 'log'; readonly level: LogLevel; readonly text: string }
  | { readonly t: 'ping'; readonly n: number }
  | { readonly t: 'pong'; readonly n: number; readonly memoryBytes: number };

/** Bytes of a stream that may be under way without having been taken by the reader. */
export const windowBytes = 8 * 1024 * 1024;
