import type { Call } from '@holdfast/api';
import type { RunRecord } from '../../catalog/contract.ts';
import type { Collected } from '../repositories/contract.ts';

/** One workflow of the applied policies and its time. */
export interface ScheduledWorkflow {
  readonly policy: string;
  readonly workflow: string;
  /** As the policy has it: `every 15m`, `first Sat 20:00`; `null` for one that runs only when asked. */
  readonly when: string | null;
  readonly machines: number;
  /** Epoch milliseconds; `null` when there is none. */
  readonly next: number | null;
  /** The last occurrence that was run, and when it was begun. */
  readonly last: { readonly due: number; readonly firedAt: number; readonly isCatchUp: boolean } | null;
  /** Occurrences that were missed since the last one that ran: because nothing ran schedules, or in a blackout. */
  readonly missed: number;
  readonly isPaused: boolean;
  /** Why it will never run, or not now; `null` when all is well. */
  readonly problem: string | null;
}

/** Something that will begin. */
export interface Upcoming {
  readonly policy: string;
  readonly workflow: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Whether it is what a blackout hides, run once when that has ended. */
  readonly isCatchUp: boolean;
}

/** What one look at the schedules did. */
export interface TickReport {
  /** `false`: another process leads, and nothing was done here. */
  readonly isLeader: boolean;
  /** Occurrences that were begun, `gold/backup`. */
  readonly fired: readonly {
    readonly policy: string;
    readonly workflow: string;
    readonly due: number;
    readonly isCatchUp: boolean;
    readonly runs: number;
  }[];
  /** Runs of policies that were executed here, as they ended. */
  readonly runs: readonly RunRecord[];
  /** Repositories whose time it was to be collected. */
  readonly collected: readonly Collected[];
  /** What administrators should know: a clock that was set back, a schedule that never fires, a machine that could not be reached. */
  readonly warnings: readonly string[];
}

/** Runs policies at their times. */
export interface ScheduleEngine {
  /**
   * Looks once, as the leader: refreshes inventories whose policies are due, begins what is due, and executes what waits until nothing that may begin
   * now is left; meanwhile collects repositories that are due. For a timer.
   */
  tick(call: Call): Promise<TickReport>;
  /**
   * Looks again and again until the signal aborts; runs that are going on then are brought to a safe state. For a process that stays.
   * @param retire When it aborts another may lead at once; this ends when the runs that were begun here have ended by themselves.
   */
  serve(call: Call, retire?: AbortSignal): Promise<void>;
  /** Fires a workflow now for all its machines, or those named, and executes the runs here. Throws `POLICY_NOT_FOUND`. */
  runNow(
    policy: string,
    workflow: string | null,
    machines: readonly string[],
    call: Call,
    started?: (run: RunRecord) => void,
  ): Promise<readonly RunRecord[]>;
  list(): Promise<readonly ScheduledWorkflow[]>;
  /** What will begin from now until a moment, by time; of more than `limit` the first. */
  upcoming(until: number, limit: number): Promise<readonly Upcoming[]>;
}
