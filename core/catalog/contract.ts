import type { Artifacts, Machine, Plain, PointSummary, Progress, Reason } from '@holdfast/api';

export type RunState = 'waiting' | 'running' | 'done' | 'partial' | 'failed' | 'cancelled';
export type StepState = 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'skipped';

/** One step of a workflow as it was planned for a run. */
export interface PlannedStep {
  /** Contribution id of the technique, for example `proxy`. */
  readonly use: string;
  readonly settings: Plain;
}

/** One execution of a workflow for one machine. */
export interface RunRecord {
  readonly id: string;
  readonly kind: 'protect' | 'restore';
  readonly endpoint: string;
  readonly machine: string;
  readonly machineName: string;
  readonly state: RunState;
  readonly steps: readonly PlannedStep[];
  /** What the first step was given. */
  readonly input: Artifacts;
  readonly who: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly attempts: number;
  /** Set when someone asked for it to stop; the process that runs it sees this and stops. */
  readonly cancelAskedBy: string | null;
  readonly error: { readonly code: string; readonly message: string; readonly remedy: string | null } | null;
  readonly progress: Progress | null;
  /** Result figures for people and reports, for example bytes read and stored. */
  readonly result: Plain;
  /** Of which policy's workflow it is, and of which occurrence; `null` when somebody started it by hand. */
  readonly policy: RunPolicy | null;
  /** Epoch milliseconds before which nobody executes it; 0 for at once. */
  readonly notBefore: number;
}

/** The occurrence of a policy's workflow that a run belongs to. */
export interface RunPolicy {
  readonly policy: string;
  readonly workflow: string;
  /** Epoch milliseconds. */
  readonly due: number;
}

/** One step of a run. */
export interface StepRecord {
  readonly run: string;
  readonly index: number;
  readonly use: string;
  readonly state: StepState;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly checkpoint: Plain;
  readonly output: Artifacts | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Something announced before it was made in the world. */
export interface IntentRow {
  readonly id: string;
  readonly run: string;
  /** Index of the step that announced it. */
  readonly step: number;
  readonly use: string;
  readonly kind: string;
  readonly state: Plain;
  readonly createdAt: number;
}

export interface LogLine {
  readonly at: number;
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly text: string;
}

/**
 * The right to act on one thing, for a time. `token` only ever grows, also across takers; every later write in its name carries it, and an old
 * one is refused with `FENCED`. `epoch` names the catalog: a rebuilt one begins a new epoch.
 */
export interface Lease {
  readonly name: string;
  readonly holder: string;
  readonly epoch: string;
  readonly token: number;
  readonly expiresAt: number;
}

/** A run that a process has claimed. */
export interface ClaimedRun {
  readonly run: RunRecord;
  readonly lease: Lease;
}

export interface RunFilter {
  readonly states?: readonly RunState[];
  readonly machine?: string;
  /** Default is 1,000; 10,000 at most. */
  readonly limit?: number;
}

/** Where a restore point is. */
export interface CopyRecord {
  readonly point: string;
  readonly target: string;
  readonly state: 'present' | 'forgotten' | 'missing';
  readonly storedBytes: number;
  readonly seenAt: number;
}

/** The restore points of one machine, counted. */
export interface PointCount {
  readonly endpoint: string;
  readonly machine: string;
  /** On all targets; a point on two targets counts twice. */
  readonly points: number;
  /** Epoch milliseconds of the newest. */
  readonly newestAt: number;
}

/** The restore points of one machine on one target, counted. */
export interface PointSum {
  readonly target: string;
  readonly endpoint: string;
  readonly machine: string;
  readonly points: number;
  /** Epoch milliseconds of the newest. */
  readonly newestAt: number;
  /** Bytes that they added to the target. */
  readonly storedBytes: number;
}

/** Runs that ended on one day. */
export interface RunDay {
  /** Epoch milliseconds of its beginning, UTC. */
  readonly day: number;
  readonly done: number;
  /** Failed or only partly done. */
  readonly failed: number;
}

/** Of a machine no more than a list of many needs. */
export interface MachineName {
  readonly endpoint: string;
  readonly machine: string;
  readonly name: string;
  /** Why it cannot be protected; `null` when it can. */
  readonly problem: string | null;
  /** As in `MachineRecord`. */
  readonly goneAt: number | null;
}

/** A machine as it was last seen. */
export interface MachineRecord {
  readonly endpoint: string;
  readonly machine: Machine;
  readonly seenAt: number;
  /** Epoch milliseconds since when it is no longer in the inventory; `null` while it is there. */
  readonly goneAt: number | null;
}

/**
 * Runs as jobs: the part that another database must offer in the same way. `test/catalog/job-store-conformance.ts` is the suite that
 * each implementation runs. What a call has changed is durable when it resolves. Texts come back as they were given, whatever is in them; plain
 * data too, up to 100 levels deep and 8 Mi characters long as JSON, else `PLUGIN_FAILED`.
 */
export interface JobStore {
  /** Adds a run that waits. Throws `NAME_TAKEN` when its identity is there already. */
  add(run: FreshRun): Promise<RunRecord>;
  get(id: string): Promise<RunRecord | null>;
  /** Newest first. */
  list(filter: RunFilter): Promise<readonly RunRecord[]>;
  /** Takes one waiting run, the oldest or the one named, or one whose lease has expired. `null` when there is none. Two takers never get the same. */
  claim(holder: string, ttlMs: number, id?: string): Promise<ClaimedRun | null>;
  /**
   * Takes an ended run that still has open intents, so that a janitor can settle them: the answer's lease serves `settleIntent`, `amendIntent` and
   * `heartbeat`. The run's state stays as it is; `release` of the lease gives it back. `null` when there is none to take or somebody has it.
   */
  claimEnded(holder: string, ttlMs: number, id: string): Promise<ClaimedRun | null>;
  /** Prolongs a claim and stores progress; answers whether someone asked for a stop. Throws `FENCED`. */
  heartbeat(
    lease: Lease,
    ttlMs: number,
    progress: Progress | null,
  ): Promise<{ readonly lease: Lease; readonly cancelAsked: boolean }>;
  /** Adds or replaces a step of the lease's run, by its index. Throws `FENCED`. */
  saveStep(lease: Lease, step: StepRecord): Promise<void>;
  /** By index. */
  steps(run: string): Promise<readonly StepRecord[]>;
  /** Ends a run and gives its lease back. Throws `FENCED`. */
  finish(
    lease: Lease,
    state: 'done' | 'partial' | 'failed' | 'cancelled',
    error: RunRecord['error'],
    result: Plain,
  ): Promise<void>;
  /** Puts a failed or cancelled run back to waiting; its steps stay as they were saved. Throws `RUN_NOT_RETRYABLE`, `RUN_NOT_FOUND`. */
  retry(id: string): Promise<RunRecord>;
  /** Asks for a stop. A waiting run is cancelled at once. Throws `RUN_ENDED`, `RUN_NOT_FOUND`. */
  askCancel(id: string, who: string): Promise<RunRecord>;
  /** Writes an intent; durable when it resolves. Throws `FENCED`. */
  intend(lease: Lease, intent: Omit<IntentRow, 'id' | 'run' | 'createdAt'>): Promise<IntentRow>;
  /** Replaces the state of an open intent of the lease's run. Throws `FENCED`. */
  amendIntent(lease: Lease, id: string, state: Plain): Promise<void>;
  /** The thing is gone again, or is meant to stay. Idempotent. Throws `FENCED`. */
  settleIntent(lease: Lease, id: string): Promise<void>;
  /** Intents that are not settled, oldest first; of one run when it is named. */
  openIntents(run?: string): Promise<readonly IntentRow[]>;
  /** Runs that say running but whose lease has expired. */
  orphans(): Promise<readonly RunRecord[]>;
  /**
   * Forgets ended runs that were asked for before a moment, with all that is noted of them, and of the rest all but the newest `most`; never one whose intents are open.
   * Some thousand at most at a time: answers how many.
   */
  prune(before: number, most: number): Promise<number>;
  /** Records why something was decided. Of each run the newest 10,000 reasons are kept. Throws `RUN_NOT_FOUND`. */
  because(run: string, reason: Reason): Promise<void>;
  /** Oldest first. */
  reasons(run: string): Promise<readonly (Reason & { readonly at: number })[]>;
  /** Adds lines to a run's log. Of each run the newest 10,000 lines are kept, of each line 32 Ki characters. Throws `RUN_NOT_FOUND`. */
  log(run: string, lines: readonly LogLine[]): Promise<void>;
  /** The newest `limit` lines, in the order in which they were written. */
  logLines(run: string, limit: number): Promise<readonly LogLine[]>;
}

/** Leases on things other than runs (the scheduler, the janitor, a repository), and slots. */
export interface LeaseStore {
  /** Takes a lease that nobody holds or that has expired; `null` when somebody holds it. */
  take(name: string, holder: string, ttlMs: number): Promise<Lease | null>;
  /** Who holds a lease now, by its name; that of a claim is `run:` and the run's identity; `null` when nobody does or it has expired. For people and for waiting, never for deciding who may act. */
  peek(name: string): Promise<Lease | null>;
  /** Prolongs any lease, a slot or a claim too; one that has expired only as long as nobody has taken its place. Else throws `FENCED`. */
  renew(lease: Lease, ttlMs: number): Promise<Lease>;
  /** Gives any lease back, a slot or a claim too; nothing happens when it was taken over. A run that is given back can be claimed at once. */
  release(lease: Lease): Promise<void>;
  /** Takes one of `capacity` slots of a name; `null` when all are held. Never more than `capacity` are held at once, on any number of processes. */
  takeSlot(name: string, capacity: number, holder: string, ttlMs: number): Promise<Lease | null>;
  /** Slots that are held now, by name. */
  slots(): Promise<readonly Lease[]>;
}

/** Policies as they were applied. */
export interface PolicySetRow {
  /** Grows with each application. */
  readonly id: number;
  readonly text: string;
  readonly source: string;
  readonly who: string;
  readonly at: number;
}

/** What is remembered of a workflow's schedule. */
export interface ScheduleRow {
  readonly policy: string;
  readonly workflow: string;
  /** Occurrences up to here, epoch milliseconds, are dealt with: run, or counted as missed. It never goes back. */
  readonly handledUntil: number;
  readonly lastDue: number | null;
  readonly lastFiredAt: number | null;
  readonly lastWasCatchUp: boolean;
  /** Occurrences missed since the last that ran. */
  readonly missed: number;
}

/** A run to be added, as in `JobStore.add`. */
export type FreshRun = Omit<
  RunRecord,
  'state' | 'startedAt' | 'endedAt' | 'attempts' | 'cancelAskedBy' | 'error' | 'progress' | 'result'
>;

/** Policies and their schedules. */
export interface PolicyStore {
  /** The newest; `null` when there is none. */
  applied(): Promise<PolicySetRow | null>;
  /** Newest first, 100 at most. */
  history(): Promise<readonly Omit<PolicySetRow, 'text'>[]>;
  /** One of the history, by its identity; `null` when there is none. */
  set(id: number): Promise<PolicySetRow | null>;
  /** Adds a set if the newest is still `against`; `null` when it is not. Of old ones the newest 100 are kept. */
  apply(against: number | null, row: Omit<PolicySetRow, 'id'>): Promise<PolicySetRow | null>;
  schedules(): Promise<readonly ScheduleRow[]>;
  /**
   * Writes what became of a workflow's occurrences, and adds the runs of the one that begins, all or nothing; a run whose identity is there already is
   * the same run and stays as it is. Only while the lease is held (`FENCED`) and nobody else has dealt with them: answers `false`, and does nothing,
   * when `handledUntil` of the row that is there is not `before` (`null`: there is no row).
   */
  fire(lease: Lease, before: number | null, row: ScheduleRow, runs: readonly FreshRun[]): Promise<boolean>;
  /** Forgets schedules of workflows that are not among these. */
  keepSchedules(lease: Lease, of: readonly { readonly policy: string; readonly workflow: string }[]): Promise<void>;
  /** Runs of policies that wait and may begin, by `notBefore` and age; `limit` at most. */
  waiting(now: number, limit: number): Promise<readonly RunRecord[]>;
  /** Runs of policies of a machine, or of all, whose occurrence was due since then; newest first, `limit` at most. */
  runsSince(since: number, limit: number): Promise<readonly RunRecord[]>;
}

/** An alarm as the catalog has it; `core/engine/alarms/contract.ts` says what it means. */
export interface AlarmRow {
  readonly key: string;
  readonly kind: string;
  readonly severity: string;
  readonly title: string;
  readonly text: string;
  readonly remedy: string | null;
  readonly facts: Plain;
  readonly since: number;
  readonly clearedAt: number | null;
}

/** A notice that is to be sent to one notifier. */
export interface NoticeRow {
  /** Identity of the notice. */
  readonly id: string;
  readonly notifier: string;
  readonly notice: Plain;
  readonly attempts: number;
  readonly nextAt: number;
  readonly error: string | null;
  readonly queuedAt: number;
  readonly sentAt: number | null;
  /** Since when it is not tried any more. */
  readonly givenUpAt: number | null;
}

/** Alarms, and what administrators are to be told. */
export interface AlarmStore {
  /** Alarms that are up. */
  open(): Promise<readonly AlarmRow[]>;
  /** All alarms that were up at some time since then, newest first, `limit` at most. */
  since(at: number, limit: number): Promise<readonly AlarmRow[]>;
  /**
   * Raises and clears alarms and queues notices, all or nothing. One that is up already keeps its `since` and is not raised again; one that is not up is not
   * cleared. Answers the keys that changed; the notices of others are not queued.
   */
  change(
    raise: readonly (Omit<AlarmRow, 'clearedAt'> & { readonly notices: readonly QueuedNotice[] })[],
    clear: readonly { readonly key: string; readonly at: number; readonly notices: readonly QueuedNotice[] }[],
  ): Promise<readonly string[]>;
  /** Queues notices that belong to no alarm: digests. One that is there already stays as it is. */
  queue(notices: readonly QueuedNotice[]): Promise<void>;
  /** Notices whose time has come, oldest first, `limit` at most; those too that are put off for more than a day, by a clock that was wrong. */
  due(now: number, limit: number): Promise<readonly NoticeRow[]>;
  sent(id: string, notifier: string, at: number): Promise<void>;
  /** `nextAt` is `null` when it is given up. */
  failed(id: string, notifier: string, error: string, nextAt: number | null): Promise<void>;
  /** Newest first, `limit` at most. Of those sent or given up the newest 10,000 are kept. */
  notices(limit: number): Promise<readonly NoticeRow[]>;
}

/** A notice for one notifier. */
export interface QueuedNotice {
  readonly id: string;
  readonly notifier: string;
  readonly notice: Plain;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** The catalog: what this installation knows. It can be rebuilt from the repositories. */
export interface Catalog extends AsyncDisposable {
  /** This installation, made at first open: 32 hexadecimal digits. */
  readonly site: string;
  readonly epoch: string;
  readonly jobs: JobStore;
  readonly leases: LeaseStore;
  readonly policies: PolicyStore;
  readonly alarms: AlarmStore;
  /** Replaces what is known of an endpoint's machines; those not in the list are marked as gone. */
  seenMachines(endpoint: string, machines: readonly Machine[]): Promise<void>;
  machines(filter: { readonly endpoint?: string; readonly gone?: boolean }): Promise<readonly MachineRecord[]>;
  /** Adds or refreshes restore points that a repository holds; their copies there are present. */
  savePoints(points: readonly PointSummary[]): Promise<void>;
  /** Restore points whose copy on their target is present, newest first. */
  points(filter: {
    readonly target?: string;
    readonly endpoint?: string;
    readonly machine?: string;
  }): Promise<readonly PointSummary[]>;
  /** Restore points of a machine whose copy has gone from its target although nobody forgot it, newest first. */
  missingPoints(machine: string): Promise<readonly PointSummary[]>;
  /** Restore points that this installation forgot on a target, newest first: for whoever decides what to copy there. */
  forgottenPoints(target: string): Promise<readonly PointSummary[]>;
  /** How many of these restore points each machine has, and when the newest was taken: for lists, at any number of points. */
  pointCounts(): Promise<readonly PointCount[]>;
  /** The same for each target by itself, with their bytes: for an overview, at any number of points. */
  pointSums(): Promise<readonly PointSum[]>;
  /** How runs went on each day since a moment, oldest first; days without any are left out. */
  runDays(since: number): Promise<readonly RunDay[]>;
  /** All machines that were ever seen, by endpoint and name: for an overview of many. */
  machineNames(): Promise<readonly MachineName[]>;
  /** Says how a copy is. A point whose copy is forgotten or missing is no longer among `points` of that target. */
  setCopy(copy: CopyRecord): Promise<void>;
  /** Every copy of a point that was ever known, by target. */
  copies(point: string): Promise<readonly CopyRecord[]>;
  /** Health for `doctor`: integrity check, size, version. */
  check(): Promise<{ readonly ok: boolean; readonly detail: string; readonly schema: number; readonly bytes: number }>;
  /**
   * Copies the catalog as it is at one moment into a file that must not exist yet, mode 0600, on a thread of its own: nothing here waits for it.
   * Answers its schema and size.
   */
  copyTo(file: string): Promise<{ readonly schema: number; readonly bytes: number }>;
  /** Lets what was called before finish. Idempotent; the same as `await using`. */
  close(): Promise<void>;
}

export interface CatalogOptions {
  /** The database file; its folder is made with mode 0700 when it is missing. */
  readonly file: string;
  /** The clock, in epoch milliseconds. Default is that of this machine. */
  readonly now?: () => number;
  /** How long a call waits for other processes before it throws `CATALOG_BUSY`. Default is 5,000. */
  readonly busyTimeoutMs?: number;
  /**
   * Where the database is called. Default is `own`: a thread of its own, so that nothing here ever waits for a disk. With `caller` each call
   * makes the caller wait, and opening takes a quarter of the time: for a command that asks something and ends.
   */
  readonly thread?: 'own' | 'caller';
}

/** What a catalog does besides jobs and leases. */
export type CatalogMethods = Omit<
  Catalog,
  'site' | 'epoch' | 'jobs' | 'leases' | 'policies' | 'alarms' | 'copyTo' | 'close' | typeof Symbol.asyncDispose
>;

export type OpenCatalog = (options: CatalogOptions) => Promise<Catalog>;
