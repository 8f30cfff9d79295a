import type { Call, Plain } from './call.ts';
import type { DiskSink, DiskSource, Extent } from './disk.ts';
import type { Consistency, Hypervisor } from './hypervisor.ts';
import type { Machine, MachineId } from './machine.ts';
import type { MediaLibrary } from './media.ts';
import type { OpenedPoint, PointMeta, PointRef, PointSummary } from './point.ts';

/** What a step takes or gives. A workflow fits when each step's needs are given by the steps before it. */
export type Port = 'machine' | 'snapshot' | 'restore-point' | 'copy' | 'replica' | 'verification';

/** What travels between steps, by port. */
export interface Artifacts {
  readonly machine?: { readonly endpoint: string; readonly machine: Machine };
  readonly snapshot?: {
    readonly endpoint: string;
    readonly machine: Machine;
    readonly snapshot: string;
    readonly takenAt: number;
    readonly consistency: Consistency;
    readonly frozenMs: number;
    readonly disks: readonly {
      readonly key: string;
      readonly sizeBytes: number;
      readonly changeToken: string | null;
    }[];
  };
  readonly 'restore-point'?: PointRef;
  readonly copy?: { readonly target: string; readonly point: string };
  readonly replica?: { readonly endpoint: string; readonly machine: MachineId };
  readonly verification?: { readonly ok: boolean; readonly checkedAt: number; readonly detail: string };
}

/** Facts that the planner has and a step may want; nothing here is opened or changed. */
export interface PlanFacts {
  /** The newest restore point of the machine on a target, if there is one. */
  latest(target: string, call: Call): Promise<PointSummary | null>;
  /** Values of the answers in the capability sheet of an endpoint's hypervisor, by question id; what is not applicable is left out. */
  sheet(endpoint: string, call: Call): Promise<Readonly<Record<string, Plain>>>;
  /** What is known of a restore point; `null` when it is not known. */
  point(ref: PointRef, call: Call): Promise<PointSummary | null>;
  /** Speed seen in earlier runs from an endpoint to a target or from a target to an endpoint, in bytes per second; `null` before the first run. */
  speed(from: string, to: string, call: Call): Promise<number | null>;
}

/** What a step would do. */
export interface StepPlan {
  /** One sentence in the present tense: `snapshot erp-db, file systems flushed`. */
  readonly title: string;
  /** Bytes that will be read; an estimate. */
  readonly readBytes: number;
  /** Bytes that will be written to the target; an estimate. */
  readonly writeBytes: number;
  /** An estimate, in milliseconds. */
  readonly durationMs: number;
  /** Slots that it will hold while it runs. */
  readonly slots: readonly string[];
  readonly warnings: readonly string[];
  readonly why: readonly Reason[];
}

/** Why something was decided, for `run why`. */
export interface Reason {
  /** What was decided, for example `full read of vda`. */
  readonly decision: string;
  /** Because of what, for example `no earlier restore point of this machine on disk-main`. */
  readonly because: string;
}

/** Announces a thing before it is made in the world, so that whoever comes next can finish or undo it. */
export interface IntentRecord {
  /** A word of the step's own, for example `snapshot`. */
  readonly kind: string;
  /** All that `undo` needs. Must hold no secret. */
  readonly state: Plain;
}

/** An intent as `undo` gets it. */
export interface Intent extends IntentRecord {
  readonly id: string;
  readonly run: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
}

/** What has been moved. */
export interface MoveResult {
  /** Bytes of the disk that were looked at, holes left out. */
  readonly readBytes: number;
  /** Bytes found to be zeros. */
  readonly zeroBytes: number;
  /** Bytes that the repository had already. */
  readonly duplicateBytes: number;
  /** Bytes that were new, before compression. */
  readonly newBytes: number;
  /** Bytes that went to the target, after compression and encryption. */
  readonly storedBytes: number;
  readonly durationMs: number;
  readonly bottleneck: 'source' | 'network' | 'proxy' | 'target' | 'media';
}

/** How to move. */
export interface MoveOptions {
  /** Only these parts, ascending and disjoint; all else is as `base` says. Absent: the whole disk. */
  readonly extents?: readonly Extent[];
  /**
   * What all else is, when `extents` are given: the identity of the restore point on the same target that the change token came from,
   * so that all else is taken from that point and from no other; or `null`, when all else is zeros. Absent: not known, so the whole disk is read.
   */
  readonly base?: string | null;
  /** Bytes per second at most. */
  readonly limit?: number;
}

/**
 * What a writer does about chunks that are there already: `immediate` looks each up and compresses what is new; `deferred` puts everything down as it is,
 * to be deduplicated and compressed later; `off` compresses and stores everything.
 */
export type DedupeMode = 'immediate' | 'deferred' | 'off';

/** A repository as a step sees it. Bytes stay in core: `StepRun.move` writes to a sink that names a writer. */
export interface RepositoryHandle {
  /**
   * Begins a restore point. Nothing is visible before `commit`. Answers the writer's identity.
   * @param machine `dedupe` may be left out: then it is as the target says.
   */
  begin(
    machine: { readonly endpoint: string; readonly id: MachineId; readonly dedupe?: DedupeMode },
    call: Call,
  ): Promise<string>;
  /** Makes the restore point durable and visible. Once only; throws `LEASE_LOST` when a collector has fenced the writer. */
  commit(writer: string, meta: PointMeta, call: Call): Promise<PointRef>;
  /** Gives a writer up. Idempotent; nothing of it will ever be visible. */
  abandon(writer: string, call: Call): Promise<void>;
  /** Restore points of a machine here, newest first. */
  points(machine: MachineId, call: Call): Promise<readonly PointSummary[]>;
  /** Opens a restore point: its machine and a source for each disk. Throws `POINT_NOT_FOUND`. */
  open(point: string, call: Call): Promise<OpenedPoint>;
}

/** Media sets as a step sees them. */
export interface MediaHandle {
  library(call: Call): Promise<MediaLibrary>;
}

/** A slot that a step holds. */
export interface Slot {
  release(call: Call): Promise<void>;
}

/** How a step reaches the world while it runs. It is a `Call` too. */
export interface StepRun extends Call {
  readonly run: string;
  /** Which try this is, from 1. */
  readonly attempt: number;
  /** This installation, for owner marks. */
  readonly site: string;
  /** What `checkpoint` last stored in an earlier attempt, or `null`. In `finish` and `undo`: what it stored in `run`. */
  readonly resume: Plain;
  /** The clock, in epoch milliseconds. */
  now(): number;
  hypervisor(endpoint: string): Promise<Hypervisor>;
  repository(target: string): Promise<RepositoryHandle>;
  media(target: string): Promise<MediaHandle>;
  /**
   * Moves the bytes of a disk, in core, with progress on this run. Takes only sources and sinks that `openDisk`, `openDiskForWrite`,
   * `begin` or `open` handed out to this run; any other throws `PERMISSION_DENIED`.
   */
  move(from: DiskSource, to: DiskSink, how: MoveOptions): Promise<MoveResult>;
  /** The newest restore point of this run's machine on each target, as the catalog knows them: no repository is opened. */
  latest(): Promise<readonly PointSummary[]>;
  /** Writes down what is about to be made. It is durable when this resolves. */
  intend(what: IntentRecord): Promise<string>;
  /** Adds to what is known of an intent, for example the identity of what was made. */
  amend(intent: string, state: Plain): Promise<void>;
  /** The thing is gone again, or is meant to stay. */
  settle(intent: string): Promise<void>;
  /** Stores how far this step has got; the next attempt finds it in `resume`. */
  checkpoint(state: Plain): Promise<void>;
  /**
   * Waits for one of a limited number, for example `snapshot:esx-lon`. It is given back by `release`, when the attempt fails, or when the run is
   * over: a step that leaves something in the world until then does not release it. Throws `SLOT_UNAVAILABLE` when none came free in time.
   */
  slot(name: string): Promise<Slot>;
  /** Records why something was decided. */
  because(reason: Reason): void;
}

/** A step that a technique contributes. `Settings` is what its JSON schema in the manifest describes. */
export interface Step<Settings = Plain> {
  /** All of these must be given by steps before it. */
  readonly needs: readonly Port[];
  readonly gives: readonly Port[];
  /**
   * Says what `run` would do. Opens nothing for writing and changes nothing. `input` holds what the workflow starts from: what only
   * exists once earlier steps have run (a snapshot, say) is not in it.
   */
  plan(input: Artifacts, settings: Settings, facts: PlanFacts, call: Call): Promise<StepPlan>;
  /** Does it. Safe to call again with the same input after a failure. */
  run(input: Artifacts, settings: Settings, run: StepRun): Promise<Artifacts>;
  /**
   * Takes back what `run` leaves in the world on purpose, once the workflow is over, for example a snapshot. A step that has it gives something
   * that ends with the run; what a step without it gives is kept, and `run retry` starts after it. Lines logged at `info` tell the user what was cleaned.
   */
  finish?(output: Artifacts, settings: Settings, run: StepRun): Promise<void>;
  /** Finishes or undoes what an intent announced, after a crash. Safe to call twice. */
  undo(intent: Intent, run: StepRun): Promise<void>;
}
