import type {
  Artifacts,
  Call,
  Consistency,
  Machine,
  MoveResult,
  PointRef,
  PointSummary,
  Port,
  Reason,
  StepPlan,
} from '@holdfast/api';
import type { PlannedStep, RunRecord } from '../catalog/contract.ts';
import type { AlarmEngine } from './alarms/contract.ts';
import type { PolicyEngine } from './policies/contract.ts';
import type { RepositoryEngine } from './repositories/contract.ts';
import type { ScheduleEngine } from './schedules/contract.ts';

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
  /** Keep the machine when parts of its disks are lost; the run fails all the same and names them. Default is `false`. */
  readonly evenDamaged?: boolean;
}

/** Figures of a finished run, as they are stored in its record. */
export interface RunFigures {
  readonly point?: PointRef;
  readonly machine?: string;
  /** How the machine's state was taken; absent when it was not. */
  readonly snapshot?: {
    readonly consistency: Consistency /** How long the guest was held still, in milliseconds. */;
    readonly frozenMs: number;
  };
  readonly disks: Readonly<Record<string, MoveResult>>;
  readonly expired: readonly string[];
  /** Where each disk came from and went to, for forecasts of later runs. */
  readonly moves?: readonly {
    readonly disk: string;
    readonly from: string;
    readonly to: string;
    readonly readBytes: number;
    readonly durationMs: number;
  }[];
  /** Attempts of steps that failed, in order. */
  readonly failedAttempts?: readonly {
    readonly step: number;
    readonly use: string;
    readonly attempt: number;
    readonly code: string;
    readonly message: string;
  }[];
  /** What was taken back, for people: the snapshot released, the half-made machine removed. */
  readonly cleaned?: readonly string[];
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
  readonly policies: PolicyEngine;
  readonly schedules: ScheduleEngine;
  readonly alarms: AlarmEngine;
  readonly repositories: RepositoryEngine;
  /** Checks that steps fit together and that each technique exists. Throws `WORKFLOW_INVALID` naming step, port and remedy. */
  compose(steps: readonly PlannedStep[], start: readonly Port[]): ComposedWorkflow;
  planProtect(wish: ProtectWish, call: Call): Promise<WorkflowPlan>;
  planRestore(wish: RestoreWish, call: Call): Promise<WorkflowPlan>;
  /**
   * Adds a run to the catalog, then executes it in this process, after cleaning up what dead processes left. Answers the record of the ended run,
   * also when it failed (`error` has the code) or was cancelled through `call.signal` or the catalog.
   * @throws Only what happened before there was a run (`MACHINE_NOT_FOUND`, `MACHINE_BUSY`, `WORKFLOW_INVALID`, …), and `FENCED` when another process took it over.
   * @param started Is told the run's identity before anything is done.
   */
  protect(wish: ProtectWish, call: Call, started?: (run: RunRecord) => void): Promise<RunRecord>;
  /** As `protect`. Throws `NAME_TAKEN`, `POINT_NOT_FOUND` and `UNSUPPORTED` before there is a run. */
  restore(wish: RestoreWish, call: Call, started?: (run: RunRecord) => void): Promise<RunRecord>;
  /** Executes a run that is waiting, as `protect`. Throws `RUN_NOT_FOUND`, `RUN_ENDED`. */
  execute(run: string, call: Call): Promise<RunRecord>;
  /**
   * Puts a run that failed or was cancelled back and executes it here, from the first step whose result did not last. A run that cannot start now stays
   * as it is. Throws `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE`, `MACHINE_BUSY`.
   */
  retry(run: string, call: Call): Promise<RunRecord>;
  /** Ends when the run has ended or the signal aborts. */
  watch(run: string, call: Call): AsyncIterable<RunEvent>;
  /** Finishes or undoes what dead processes began, of this site only. Answers what it did, one line each. */
  clean(call: Call): Promise<readonly string[]>;
  /** What the janitor would have to do; changes nothing. */
  leftovers(call: Call): Promise<readonly string[]>;
  /** Finds the machine that someone named; see `ProtectWish.machine`. Throws `MACHINE_NOT_FOUND`, `MACHINE_AMBIGUOUS`. */
  findMachine(wanted: string, call: Call): Promise<{ readonly endpoint: string; readonly machine: Machine }>;
  /** The inventory of an endpoint, fresh; the catalog remembers it. */
  listMachines(endpoint: string, call: Call): Promise<readonly Machine[]>;
  /** Restore points on a target, fresh from its repository; the catalog is brought up to date. */
  listPoints(target: string, call: Call): Promise<readonly PointSummary[]>;
  /**
   * Takes the state that a repository is in as right, although the catalog has seen newer restore points there: from now on they are noted as missing and
   * no longer hinder `protect` with `REPOSITORY_ROLLED_BACK`. Answers those points.
   */
  acceptRollback(target: string, call: Call): Promise<readonly PointSummary[]>;
  /**
   * Forgets restore points of one target. Throws `POINT_NOT_FOUND`, and `POINT_NEWEST` (then none is forgotten) when one of them is the newest of its
   * machine there.
   */
  forgetPoints(target: string, points: readonly string[], reason: string, call: Call): Promise<readonly PointSummary[]>;
}

/** What a step of a workflow starts from. */
export type WorkflowInput = Artifacts;
