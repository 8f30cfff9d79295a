import type { Plain } from '@holdfast/api';
import type { KeepCounts } from '../retention/keep.ts';
import type { Blackout, TimeWindow, When } from '../schedules/contract.ts';

/** Which machines a policy protects. Lists that are empty let everything pass; a machine passes when every list lets it pass and no `except` names it. */
export interface Selector {
  readonly endpoints: readonly string[];
  /** Names, with `*` and `?`. */
  readonly names: readonly string[];
  /** A machine needs one of them. */
  readonly tags: readonly string[];
  /** Folders with all that lies below them, with `*` and `?`. */
  readonly folders: readonly string[];
  /** Names, with `*` and `?`. */
  readonly except: readonly string[];
}

/** What a policy promises. */
export interface Objective {
  /** How old the newest restore point may be at most, in milliseconds. */
  readonly rpoMs: number | null;
  /** How long a restore may take at most, in milliseconds. */
  readonly rtoMs: number | null;
  /** Share of the data that is thought to change in a day while nothing was measured. */
  readonly changePerDay: number;
}

/** A step as it is written in a policy. */
export interface PolicyStep {
  /** Contribution id of the technique. */
  readonly use: string;
  readonly settings: Readonly<Record<string, Plain>>;
}

/** A workflow of a policy. */
export interface PolicyWorkflow {
  readonly name: string;
  readonly when: When;
  /** Instead of the policy's; `null` for the policy's. */
  readonly windows: readonly TimeWindow[] | null;
  readonly steps: readonly PolicyStep[];
}

export interface Policy {
  readonly name: string;
  /** Of people's own words; `null` when there are none. */
  readonly title: string | null;
  readonly protect: Selector;
  readonly objective: Objective;
  /** Empty: at any time. */
  readonly windows: readonly TimeWindow[];
  /** Runs of one occurrence begin within so many milliseconds, each machine at its own time. */
  readonly jitterMs: number;
  /** Whether what was missed is run once as soon as it can be. */
  readonly catchUp: boolean;
  /** Set while it does nothing. */
  readonly isPaused: boolean;
  readonly workflows: readonly PolicyWorkflow[];
  /** By target. A target that is not named is kept by the configuration's own `keep`. */
  readonly keep: Readonly<Record<string, KeepCounts>>;
}

/** All policies of an installation, as one file has them. */
export interface PolicySet {
  /** IANA time zone in which schedules and retention are read. */
  readonly zone: string;
  readonly blackouts: readonly Blackout[];
  /** In the order of the file. */
  readonly policies: readonly Policy[];
}

/** Of a machine what selectors look at. */
export interface Selectable {
  readonly endpoint: string;
  readonly machine: {
    readonly id: string;
    readonly name: string;
    readonly tags: readonly string[];
    readonly folder?: string;
    readonly place: string;
  };
}
