import type { Actor } from '../../shell/access/contract.ts';

/** A recorded session. */
export interface Recording {
  readonly id: string;
  readonly who: string;
  readonly from: string;
  readonly session: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly columns: number;
  readonly rows: number;
  readonly sizeBytes: number;
}

/** A recording being made. */
export interface Recorder {
  readonly id: string;
  write(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until it is durable. Idempotent; never throws. */
  close(): Promise<void>;
}

/** How a recording is played. */
export interface ReplayHow {
  readonly signal: AbortSignal;
  /** 2 is twice as fast. Default is 1. */
  readonly speed?: number;
  /** Longer pauses are cut to this. Default is 2,000. */
  readonly maxPauseMs?: number;
}

/** Recordings of sessions, in a folder. */
export interface Recordings {
  begin(actor: Actor, size: { readonly columns: number; readonly rows: number }): Promise<Recorder>;
  /** Newest first. Files that are none are passed over. */
  list(): Promise<readonly Recording[]>;
  /**
   * Shows what was drawn, at its pace. Only what draws comes through, whatever stands in the file.
   * @throws `SESSION_NOT_FOUND`; `SERVER_FAILED` at the line where the file is damaged, after everything before it was shown.
   */
  replay(id: string, show: (text: string) => void | Promise<void>, how: ReplayHow): Promise<void>;
}
