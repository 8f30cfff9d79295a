import type { Call, PointSummary } from '@holdfast/api';
import type { PolicySet } from '../../model/policies/contract.ts';

/** The policies that are in force. */
export interface AppliedPolicies {
  /** Grows with each application. */
  readonly id: number;
  /** The file's text as it was applied, byte for byte. */
  readonly text: string;
  /** Absolute path of the file. */
  readonly source: string;
  readonly who: string;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly set: PolicySet;
}

/** A file of policies that has been read and found valid by itself. */
export interface WantedPolicies {
  readonly text: string;
  readonly source: string;
  readonly set: PolicySet;
}

/** What becomes of one policy. */
export interface PolicyChange {
  readonly policy: string;
  readonly kind: 'add' | 'change' | 'remove' | 'same';
  /** What changes, one line each: `workflow backup: every 4h → every 2h`. */
  readonly details: readonly string[];
  /** Names of machines that it protects from now on and did not before, and the other way round. */
  readonly gains: readonly string[];
  readonly loses: readonly string[];
}

/** What one workflow of a policy will cost, on the figures that are known. */
export interface WorkflowForecast {
  readonly policy: string;
  readonly workflow: string;
  readonly machines: number;
  /** The next times, epoch milliseconds, three at most. */
  readonly next: readonly number[];
  /** Bytes that one occurrence reads. */
  readonly readBytes: number;
  /** When all machines of an occurrence are done, in milliseconds after its beginning: longest first, under the slots. */
  readonly makespanMs: number;
  /** Time that there is for it, in milliseconds: its window, or the time until its next occurrence. */
  readonly roomMs: number | null;
  /** The slot that holds it up most. */
  readonly critical: string | null;
  /** How the figures came about, one line each, with the arithmetic. */
  readonly arithmetic: readonly string[];
}

/** A promise that cannot be kept. */
export interface Refusal {
  readonly policy: string;
  readonly workflow: string | null;
  readonly what: string;
  readonly arithmetic: readonly string[];
  /** What would do: `run it every 11 min or more often`. */
  readonly remedy: string;
}

/** What applying would do. Making it changes nothing. */
export interface PolicyPlan {
  /** Identity of the applied policies that it was made against; `null` when there were none. */
  readonly against: number | null;
  readonly changes: readonly PolicyChange[];
  /** Restore points that would expire at the next run of their machine and would not expire as things are. */
  readonly expires: readonly PointSummary[];
  readonly forecasts: readonly WorkflowForecast[];
  /** Not empty: it is not applied. */
  readonly refusals: readonly Refusal[];
  /** Machines that no policy protects: `ENDPOINT/NAME`. */
  readonly uncovered: readonly string[];
  readonly warnings: readonly string[];
}

/** How a machine is protected by policy. */
export interface Covered {
  readonly endpoint: string;
  readonly machine: string;
  readonly name: string;
  /** Names of the policies that protect it and are not paused. Empty: none does. */
  readonly policies: readonly string[];
  /** The strictest of their objectives, in milliseconds; `null` when none says. */
  readonly rpoMs: number | null;
  readonly rtoMs: number | null;
}

/** Policies: planned, applied, asked. */
export interface PolicyEngine {
  /** What is in force; `null` when nothing was ever applied. */
  applied(): Promise<AppliedPolicies | null>;
  /** From catalog and configuration alone; `call` is for progress and cancelling. Throws `POLICY_INVALID` for steps that do not fit, targets and endpoints that are not there. */
  plan(wanted: WantedPolicies, call: Call): Promise<PolicyPlan>;
  /** Throws `POLICY_REFUSED` with the arithmetic, and `POLICY_CHANGED` when others were applied since the plan was made. */
  apply(wanted: WantedPolicies, plan: PolicyPlan, call: Call): Promise<AppliedPolicies>;
  /** Every machine that is there. From the catalog. */
  coverage(): Promise<readonly Covered[]>;
}
