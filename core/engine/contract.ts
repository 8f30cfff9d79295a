import type { Artifacts, Call, MoveResult, PointRef, PointSummary, Port, Reason, StepPlan } from '@holdfast/api';
import type { PlannedStep, RunRecord } from '../catalog/contract.ts';

/** A workflow that has been checked: each step's needs are met by what comes before it. */
export interface ComposedWorkflow {
  readonly steps: readonly (PlannedStep & { readonly needs: readonly Port[]; readonly gives: readonly Port[] })[];
  readonly gives: readonly Port[];
}

/** What will be done for one machine, and how long it will take. */
export interface WorkflowPlan {
  readonly endpoint: string;
  readonly machine: string;
  readonly machineName: string;
  readonly steps: readonly (StepPlan & { readonly use: string })[];
  readonly readBytes: number;
  readonly writeBytes: number;
  readonly durationMs: number;
  readonly warnings: readonly string[];
  readonly why: readonly Reason[];
  /** Restore points that would expire once this run is done. */
  readonly expires: readonly PointSummary[];
}

/** What to protect, and how. */
export interface ProtectWish {
  /** `ENDPOINT/NAME`, a name that only one machine has, or a machine's identity. */
  readonly machine: string;
  readonly steps: readonly PlannedStep[];
}

/** What to restore, from where, as what. */
export interface RestoreWish {
  readonly point: PointRef;
  /** Endpoint to restore to. */
  readonly to: string;
  /** Name of the machine to make. */
  readonly as: string;
}

/** Figures of a finished run, as they are stored in its record. */
export interface RunFigures {
  readonly point?: PointRef;
  readonly machine?: string;
  readonly disks: Readonly<Record<string, MoveResult>>;
  readonly expired: readonly string[];
}

/** A change of a run while it is watched. */
export type RunEvent =
  | { readonly kind: 'state'; readonly run: RunRecord }
  | {
      readonly kind: 'log';
      readonly at: number;
      readonly level: 'debug' | 'info' | 'warn' | 'error';
      readonly text: string;
    };

/** Composes, plans, runs and cleans up. */
export interface Engine {
  /** Checks that steps fit together and that each technique exists. Throws `WORKFLOW_INVALID` naming step, port and remedy. */
  compose(steps: readonly PlannedStep[], start: readonly Port[]): ComposedWorkflow;
  planProtect(wish: ProtectWish, call: Call): Promise<WorkflowPlan>;
  planRestore(wish: RestoreWish, call: Call): Promise<WorkflowPlan>;
  /** Adds a run to the catalog, then executes it in this process. */
  protect(wish: ProtectWish, call: Call): Promise<RunRecord>;
  restore(wish: RestoreWish, call: Call): Promise<RunRecord>;
  /** Executes a run that is waiting (after `retry`, say). */
  execute(run: string, call: Call): Promise<RunRecord>;
  /** Ends when the run has ended or the signal aborts. */
  watch(run: string, call: Call): AsyncIterable<RunEvent>;
  /** Finishes or undoes what dead processes began, of this site only. Answers what it did, one line each. */
  clean(call: Call): Promise<readonly string[]>;
  /** What the janitor would have to do; changes nothing. */
  leftovers(call: Call): Promise<readonly string[]>;
}

/** What a step of a workflow starts from. */
export type WorkflowInput = Artifacts;
