import type { Call } from './call.ts';
import type { DiskSink, DiskSource, Extent } from './disk.ts';
import type { Machine, MachineChange, MachineId, MachineSpec, OwnerMark } from './machine.ts';

/** How consistent a restore point is: as after pulling the plug, file systems flushed, applications flushed, or memory included. */
export type Consistency = 'crash' | 'filesystem' | 'application' | 'memory';

/** What a caller wants of a snapshot. */
export interface SnapshotWish {
  /** How far to quiesce the guest. A hypervisor that cannot throws `QUIESCE_UNAVAILABLE`; it never gives less in silence. */
  readonly quiesce: 'none' | 'filesystem' | 'application';
  /** How long the guest may be held still at most, in milliseconds; then it is thawed whatever happens and this throws `QUIESCE_UNAVAILABLE`. Default is 10,000. */
  readonly freezeLimitMs?: number;
  /**
   * Change tokens of earlier snapshots of this machine that the caller may hand to `changes` of this one. A hypervisor that has to know beforehand since
   * when changes are wanted begins with the oldest that it still tracks; what it then tells of a newer one may name more than has changed, never less.
   */
  readonly since?: readonly string[];
  readonly owner: OwnerMark;
}

/** A frozen state of a machine's disks. */
export interface Snapshot {
  /** Opaque; accepted by `release` and in `DiskRef`. */
  readonly id: string;
  readonly machine: MachineId;
  /** Epoch milliseconds at which the state was frozen. */
  readonly takenAt: number;
  readonly consistency: Consistency;
  /** How long the guest was held still, in milliseconds; 0 for a machine that is off. */
  readonly frozenMs: number;
  readonly disks: readonly SnapshotDisk[];
}

/** One disk of a snapshot. */
export interface SnapshotDisk {
  readonly key: string;
  readonly sizeBytes: number;
  /** Hand this to `changes` after the next snapshot; `null` when changes are not tracked. */
  readonly changeToken: string | null;
}

/** Names one disk: of a snapshot, or (without `snapshot`) of a machine that is off. */
export interface DiskRef {
  readonly machine: MachineId;
  readonly snapshot?: string;
  readonly disk: string;
}

/** Something that Holdfast made in the world and that is still there. */
export interface OwnedThing {
  readonly kind: 'snapshot' | 'machine' | 'disk' | 'export' | 'other';
  /** Opaque; accepted by `removeOwned`. */
  readonly id: string;
  /** For people. */
  readonly title: string;
  readonly owner: OwnerMark;
}

/** What `Hypervisor.check` found out about one requirement. */
export interface CheckItem {
  readonly title: string;
  readonly state: 'ok' | 'warning' | 'failed';
  readonly detail: string;
  /** What to do about it, when it is not `ok`. */
  readonly remedy?: string;
}

/**
 * A hypervisor, as one endpoint of it. The four optional groups are capabilities: a method that is missing cannot be
 * done, the composer sees so from the sheet, and the conformance kit checks that sheet and methods agree.
 * Every method throws `ENDPOINT_UNREACHABLE` when the hypervisor does not answer and `MACHINE_NOT_FOUND` when the
 * machine named is not there (any more).
 */
export interface Hypervisor {
  /** Tries what this endpoint will need (reachability, rights, tools) and changes nothing. */
  check(call: Call): Promise<readonly CheckItem[]>;
  /** The inventory, paged by the plugin. A machine that cannot be read is listed with its `problem`; it never ends the list. */
  machines(call: Call): AsyncIterable<Machine>;
  /** Changes of the inventory as they happen, until the signal aborts. */
  watch?(call: Call): AsyncIterable<MachineChange>;
  /** Freezes all disks of a machine at one instant. The owner mark is on the snapshot before this returns. */
  snapshot(machine: MachineId, want: SnapshotWish, call: Call): Promise<Snapshot>;
  /** Removes a snapshot. Idempotent: one that is gone is no error. */
  release(snapshot: string, call: Call): Promise<void>;
  /** All that carries an owner mark of any site. */
  owned(call: Call): AsyncIterable<OwnedThing>;
  /** Removes one thing that `owned` listed. Idempotent. */
  removeOwned(id: string, call: Call): Promise<void>;
  /** Says where the bytes of a disk are. They stay the same until `closeDisk`, or reading fails with `DISK_CHANGED`. */
  openDisk(disk: DiskRef, call: Call): Promise<DiskSource>;
  /** Ends what `openDisk` began. Idempotent. Throws `DISK_CHANGED` when the bytes did not stay the same meanwhile: what was read is then given up. */
  closeDisk(source: DiskSource, call: Call): Promise<void>;
  /** Extents that may hold data, ascending and disjoint; all else reads as zeros. For sources that cannot say it themselves. */
  allocated?(disk: DiskRef, call: Call): AsyncIterable<Extent>;
  /** Extents changed since a token, ascending and disjoint. Throws `TRACKING_LOST` with the reason: the caller then reads in full. */
  changes?(disk: DiskRef, since: string, call: Call): AsyncIterable<Extent>;
  /**
   * Ends what this site tracks of a machine for change tokens other than these: checkpoints, bitmaps. Idempotent; a machine that is gone is no error.
   * A hypervisor whose change tokens need nothing that is kept does not have it.
   */
  retainTracking?(
    machine: MachineId,
    keep: { readonly site: string; readonly tokens: readonly string[] },
    call: Call,
  ): Promise<void>;
  /** Makes a machine with empty disks, switched off. Throws `NAME_TAKEN` when the name is in use. */
  create?(spec: MachineSpec, call: Call): Promise<MachineId>;
  /** Opens a disk of a machine made by `create` for writing. */
  openDiskForWrite?(disk: DiskRef, call: Call): Promise<DiskSink>;
  /** Makes what was written durable and gives the disk its final format. Idempotent. */
  closeSink?(sink: DiskSink, call: Call): Promise<void>;
  /** Takes the owner mark off a machine made by `create`: from now on it is the user's, and no janitor touches it. */
  adopt?(machine: MachineId, call: Call): Promise<void>;
  /** Switches a machine. `shutdown` asks the guest, `off` pulls the plug. */
  power?(machine: MachineId, wish: 'on' | 'off' | 'shutdown' | 'reset', call: Call): Promise<void>;
  /** Moves a machine to another host or storage. */
  migrate?(machine: MachineId, to: Placement, call: Call): Promise<MigrationResult>;
  /** Reaches into the guest. */
  guest?(machine: MachineId, call: Call): Promise<GuestChannel>;
  /** Ends all sessions. The host calls it once. */
  close(call: Call): Promise<void>;
}

/** Where a machine is to move. */
export interface Placement {
  readonly host?: string;
  readonly storage?: string;
  readonly mode: 'live' | 'suspended' | 'off';
}

export interface MigrationResult {
  /** How long the guest did not run, in milliseconds. */
  readonly downMs: number;
  /** Whether a change token from before the move is still good. */
  readonly keepsTracking: boolean;
}

/** A way into a running guest, through its agent or its tools. */
export interface GuestChannel {
  /** Flushes and holds file systems. The guest thaws by itself after `limitMs` at the latest. */
  freeze(limitMs: number, call: Call): Promise<{ readonly fileSystems: number }>;
  /** Lets file systems go. Idempotent. */
  thaw(call: Call): Promise<void>;
  /** Runs a program (an argument vector, never a shell line) in the guest. Output is cut at 1 MiB. */
  run(
    argv: readonly string[],
    call: Call,
  ): Promise<{ readonly exitCode: number; readonly stdout: string; readonly stderr: string }>;
  close(call: Call): Promise<void>;
}
