// call.d.ts
/** Data that crosses the plugin boundary unchanged: everything that structured cloning carries without behaviour. */
export type Plain = null | undefined | boolean | number | string | Uint8Array | readonly Plain[] | {
    readonly [key: string]: Plain;
};
/** How loud a log line is. `debug` is shown only when asked for. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
/** Where a call has got to. All fields but `phase` may be missing when they are not known. */
export interface Progress {
    /** A short verb phrase in the present tense, for example `reading disk vda`. */
    readonly phase: string;
    /** Work done so far, in bytes. */
    readonly doneBytes?: number;
    /** All of the work, in bytes; an estimate may change while the call runs. */
    readonly totalBytes?: number;
    /** Recent speed, in bytes per second. */
    readonly bytesPerSecond?: number;
    /** Time still needed, in milliseconds. */
    readonly etaMs?: number;
    /** What holds the work up most right now. */
    readonly bottleneck?: 'source' | 'network' | 'proxy' | 'target' | 'media';
}
/**
 * What every call across the plugin boundary carries, always as its last parameter.
 * A plugin stops when `signal` aborts, and answers before `deadline` or throws `TIMEOUT`.
 */
export interface Call {
    /** Aborts when the caller no longer wants the answer. The callee leaves the world in a safe state and throws `CANCELLED`. */
    readonly signal: AbortSignal;
    /** Epoch milliseconds after which the caller gives up; `null` means no limit. */
    readonly deadline: number | null;
    /** Who asked: a user's name, or `schedule`, `janitor`, `test`. For logs and audit, never for access control. */
    readonly who: string;
    /** Writes one line to the log of the run or command that this call belongs to. Control characters are made visible by the host. */
    log(level: LogLevel, message: string): void;
    /** Reports how far the call has got. At most about ten times a second is useful; the host drops the rest. */
    progress(progress: Progress): void;
}
/** The parts of a `Call` that a caller may set; the rest gets a quiet default. */
export type CallOptions = Partial<Call>;
/** Makes a `Call`: by default never aborted, without deadline, silent, asked for by `who: 'system'`. */
export declare function makeCall(options?: CallOptions): Call;

// command.d.ts
import type { Call, Plain } from './call.ts';
import type { ErrorCode } from './error-codes.ts';
import type { JsonSchema, View } from './view.ts';
/** What a command does to the world: looks, changes what can be changed back, or destroys. */
export type Danger = 'read' | 'change' | 'destroy';
/** A command as a manifest declares it. */
export interface CommandDeclaration {
    /** Words of the command line joined by dots: `point.verify` is `holdfast point verify`. */
    readonly id: string;
    /** In the imperative, for palette and help: `Verify a restore point`. */
    readonly title: string;
    /** JSON schema of an object. Properties become flags; those named in `positionals` become arguments, in that order. */
    readonly args: JsonSchema;
    readonly positionals?: readonly string[];
    readonly danger: Danger;
    /** Context in which the palette offers it. Absent: always. */
    readonly when?: string;
    readonly examples?: readonly string[];
}
/** What a command answers. */
export interface CommandResult {
    /** What `--json` prints. Where the action can be taken back, `undo` in it names the command that does: `{ command, args }`; the workbench offers it by a key. */
    readonly data: Plain;
    /** What a person sees. */
    readonly view: View;
    /** Set when some of the work was done and some failed: exit code 3. */
    readonly partial?: boolean;
    /** Set when what was found is bad news although the command did its work, as damage found by a check: shown after the answer, exit code as of `code`. */
    readonly failure?: {
        readonly code: ErrorCode;
        readonly message: string;
        readonly remedy?: string;
    };
}
/** Runs a command. Arguments have been checked against the schema and carry its defaults. */
export type CommandHandler = (args: Readonly<Record<string, Plain>>, call: Call) => Promise<CommandResult>;

// disk.d.ts
/** A run of bytes on a disk, from `offset`, `length` bytes long. Both are bytes, at least 0, and safe integers. */
export interface Extent {
    readonly offset: number;
    readonly length: number;
}
/** Disk image formats that the kit can read. `raw` has no structure: byte n of the file is byte n of the disk. */
export type DiskFormat = 'raw' | 'qcow2' | 'vmdk' | 'vhd' | 'vhdx';
/**
 * Where the bytes of a disk are. A plugin hands this out and core's workers fetch the bytes themselves,
 * several at once. The host checks each descriptor against the plugin's granted permissions before it is opened.
 */
export type DiskSource = FileSource | RepositorySource | NbdSource | StreamSource;
/** An image in a file on this machine. */
export interface FileSource {
    readonly kind: 'file';
    /** Absolute path of the image. */
    readonly path: string;
    readonly format: DiskFormat;
    /** Backing files, nearest first, each absolute. Empty when the image stands alone. */
    readonly chain: readonly {
        readonly path: string;
        readonly format: DiskFormat;
        readonly stamp?: string;
    }[];
    /** Size of the virtual disk in bytes, as the plugin saw it; a reader that finds another size fails with `DISK_CHANGED`. */
    readonly sizeBytes: number;
    /** What the file was when the plugin handed it out (`@holdfast/kit/disk/stamp`); a reader that finds another fails with `DISK_CHANGED`. */
    readonly stamp?: string;
}
/** A disk of a restore point in a repository. */
export interface RepositorySource {
    readonly kind: 'repository';
    /** Name of the target that holds the repository. */
    readonly target: string;
    /** Identity of the restore point. */
    readonly point: string;
    /** Key of the disk within the point, as in `PointDisk.key`. */
    readonly disk: string;
    readonly sizeBytes: number;
}
/** A network block device. */
export interface NbdSource {
    readonly kind: 'nbd';
    /** A socket's absolute path, or a host and port. */
    readonly address: {
        readonly socket: string;
    } | {
        readonly host: string;
        readonly port: number;
    };
    readonly export: string;
    /** Absent for a link that needs no TLS. */
    readonly tls?: NbdTls;
    readonly sizeBytes: number;
}
/** How an NBD link is secured. The server's certificate is always verified. */
export interface NbdTls {
    /** Certificates of the authorities to trust, in PEM. */
    readonly ca: string;
    /** Name that the server's certificate must have. */
    readonly serverName: string;
}
/** A source that can be read only once, front to back; the last resort. */
export interface StreamSource {
    readonly kind: 'stream';
    /** Identity of the stream at the host, which gets the bytes from the plugin. */
    readonly stream: string;
    readonly sizeBytes: number;
}
/** Where a disk is written to. */
export type DiskSink = FileSink | NbdSink | RepositorySink;
/** An image file that the plugin has made, of the full size, holding only zeros. Workers write to it at any offset. */
export interface FileSink {
    readonly kind: 'file';
    readonly path: string;
    /** `raw` is written in place. Other formats are made from a raw file by the plugin in `closeSink`. */
    readonly format: 'raw';
    readonly sizeBytes: number;
}
export interface NbdSink {
    readonly kind: 'nbd';
    readonly address: {
        readonly socket: string;
    } | {
        readonly host: string;
        readonly port: number;
    };
    readonly export: string;
    /** Absent for a link that needs no TLS. */
    readonly tls?: NbdTls;
    readonly sizeBytes: number;
}
/** A disk of a restore point that is being written. `writer` is what `RepositoryHandle.begin` answered. */
export interface RepositorySink {
    readonly kind: 'repository';
    readonly target: string;
    readonly writer: string;
    readonly disk: string;
    readonly sizeBytes: number;
}

// error-codes.d.ts
/** Exit code of a command that ends with an error of this code. Stable. */
export type ExitCode = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130;
/** What an error code means and what to do about it. Documented in docs/errors.md; a test keeps the two equal. */
export interface ErrorEntry {
    readonly exit: ExitCode;
    /** What happened, in general. */
    readonly meaning: string;
    /** What to do next, where the error itself does not say something better. */
    readonly remedy: string;
}
/** Every expected failure of Holdfast and its plugins. */
export declare const errorCodes: {
    readonly CANCELLED: ErrorEntry;
    readonly TIMEOUT: ErrorEntry;
    readonly INTERNAL: ErrorEntry;
    readonly UNSUPPORTED: ErrorEntry;
    readonly DOCTOR_FOUND: ErrorEntry;
    readonly USAGE: ErrorEntry;
    readonly ANSWER_MISSING: ErrorEntry;
    readonly CONFIRMATION_MISSING: ErrorEntry;
    readonly NAME_INVALID: ErrorEntry;
    readonly ACCESS_DENIED: ErrorEntry;
    readonly USER_NOT_FOUND: ErrorEntry;
    readonly APPROVAL_MISSING: ErrorEntry;
    readonly APPROVAL_NOT_FOUND: ErrorEntry;
    readonly APPROVAL_TOO_EARLY: ErrorEntry;
    readonly APPROVAL_EXPIRED: ErrorEntry;
    readonly AUDIT_DAMAGED: ErrorEntry;
    readonly SESSION_NOT_FOUND: ErrorEntry;
    readonly SERVER_FAILED: ErrorEntry;
    readonly THEME_INVALID: ErrorEntry;
    readonly KEYS_INVALID: ErrorEntry;
    readonly TERMINAL_UNFIT: ErrorEntry;
    readonly CONFIG_INVALID: ErrorEntry;
    readonly CONFIG_UNTRUSTED: ErrorEntry;
    readonly CONFIG_UNREADABLE: ErrorEntry;
    readonly CONFIG_CHANGED: ErrorEntry;
    readonly SECRET_UNAVAILABLE: ErrorEntry;
    readonly NOT_INITIALISED: ErrorEntry;
    readonly PLUGIN_INVALID: ErrorEntry;
    readonly PLUGIN_UNTRUSTED: ErrorEntry;
    readonly PLUGIN_FAILED: ErrorEntry;
    readonly PLUGIN_NOT_FOUND: ErrorEntry;
    readonly PLUGIN_EXISTS: ErrorEntry;
    readonly PERMISSION_DENIED: ErrorEntry;
    readonly FOLDER_UNWRITABLE: ErrorEntry;
    readonly ENDPOINT_NOT_FOUND: ErrorEntry;
    readonly ENDPOINT_EXISTS: ErrorEntry;
    readonly ENDPOINT_UNREACHABLE: ErrorEntry;
    readonly MACHINE_NOT_FOUND: ErrorEntry;
    readonly MACHINE_AMBIGUOUS: ErrorEntry;
    readonly MACHINE_UNPROTECTABLE: ErrorEntry;
    readonly MACHINE_BUSY: ErrorEntry;
    readonly QUIESCE_UNAVAILABLE: ErrorEntry;
    readonly TRACKING_LOST: ErrorEntry;
    readonly DISK_CHANGED: ErrorEntry;
    readonly DISK_INVALID: ErrorEntry;
    readonly DISK_UNREADABLE: ErrorEntry;
    readonly DISK_UNWRITABLE: ErrorEntry;
    readonly NAME_TAKEN: ErrorEntry;
    readonly TARGET_NOT_FOUND: ErrorEntry;
    readonly TARGET_EXISTS: ErrorEntry;
    readonly TARGET_FULL: ErrorEntry;
    readonly TARGET_READ_ONLY: ErrorEntry;
    readonly TARGET_IO: ErrorEntry;
    readonly TARGET_UNREACHABLE: ErrorEntry;
    readonly OBJECT_EXISTS: ErrorEntry;
    readonly OBJECT_NOT_FOUND: ErrorEntry;
    readonly OBJECT_LOCKED: ErrorEntry;
    readonly LOCK_UNAVAILABLE: ErrorEntry;
    readonly MEDIA_ELEMENT_FULL: ErrorEntry;
    readonly MEDIA_ELEMENT_EMPTY: ErrorEntry;
    readonly MEDIA_ELEMENT_UNKNOWN: ErrorEntry;
    readonly REPOSITORY_NOT_FOUND: ErrorEntry;
    readonly REPOSITORY_EXISTS: ErrorEntry;
    readonly REPOSITORY_NEWER: ErrorEntry;
    readonly REPOSITORY_DAMAGED: ErrorEntry;
    readonly REPOSITORY_ROLLED_BACK: ErrorEntry;
    readonly PASSPHRASE_WRONG: ErrorEntry;
    readonly KEY_NOT_FOUND: ErrorEntry;
    readonly KEY_TOO_MANY: ErrorEntry;
    readonly KEY_SECRET_MISSING: ErrorEntry;
    readonly KEY_LAST: ErrorEntry;
    readonly RECOVERY_WORDS_WRONG: ErrorEntry;
    readonly LEASE_LOST: ErrorEntry;
    readonly COLLECTION_BUSY: ErrorEntry;
    readonly CATALOG_SAVED_NONE: ErrorEntry;
    readonly POINT_NOT_FOUND: ErrorEntry;
    readonly POINT_NEWEST: ErrorEntry;
    readonly VERIFY_FAILED: ErrorEntry;
    readonly CATALOG_NEWER: ErrorEntry;
    readonly CATALOG_DAMAGED: ErrorEntry;
    readonly CATALOG_UNREADABLE: ErrorEntry;
    readonly CATALOG_BUSY: ErrorEntry;
    readonly RUN_NOT_FOUND: ErrorEntry;
    readonly RUN_NOT_RETRYABLE: ErrorEntry;
    readonly RUN_ENDED: ErrorEntry;
    readonly RUN_LOST: ErrorEntry;
    readonly SLOT_UNAVAILABLE: ErrorEntry;
    readonly NOTIFIER_NOT_FOUND: ErrorEntry;
    readonly NOTIFY_FAILED: ErrorEntry;
    readonly NOTIFY_REFUSED: ErrorEntry;
    readonly POLICY_INVALID: ErrorEntry;
    readonly POLICY_NOT_FOUND: ErrorEntry;
    readonly POLICY_REFUSED: ErrorEntry;
    readonly POLICY_CHANGED: ErrorEntry;
    readonly SCHEDULE_INVALID: ErrorEntry;
    readonly HOST_KEY_UNKNOWN: ErrorEntry;
    readonly HOST_KEY_CHANGED: ErrorEntry;
    readonly GUEST_UNAVAILABLE: ErrorEntry;
    readonly FENCED: ErrorEntry;
    readonly WORKFLOW_INVALID: ErrorEntry;
    readonly WORKER_LOST: ErrorEntry;
    readonly DISK_SPACE: ErrorEntry;
};
/** A stable name of an expected failure. */
export type ErrorCode = keyof typeof errorCodes;

// errors.d.ts
import type { ErrorCode } from './error-codes.ts';
/** Facts of an error for logs and `--json`; never a secret. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | null>>;
/** What an error carries besides its message. */
export interface ErrorDetails {
    /** What to do next, as one instruction. Default is the remedy of the code in the table. */
    readonly remedy?: string;
    readonly facts?: ErrorFacts;
    readonly cause?: unknown;
}
/**
 * An expected failure: it says what happened, to what, and what to do next. Anything else that is thrown is a bug.
 * It is recognised by `code`, never by `instanceof`, because it may have crossed a thread or a process.
 */
export declare class HoldfastError extends Error {
    readonly name = "HoldfastError";
    /** Stable; documented in docs/errors.md. */
    readonly code: ErrorCode;
    readonly remedy: string | undefined;
    readonly facts: ErrorFacts;
    /** @param message What happened, to what: lower case, no full stop. */
    constructor(code: ErrorCode, message: string, details?: ErrorDetails);
}
/** Whether something thrown is an expected failure, wherever it was made. With `code`: whether it is that one. */
export declare function isHoldfastError(thrown: unknown, code?: ErrorCode): thrown is HoldfastError;
/** The error of a call whose signal has aborted. */
export declare function cancelled(what: string): HoldfastError;
/** Throws `CANCELLED` when the signal has aborted. */
export declare function throwIfCancelled(signal: AbortSignal, what: string): void;

// hypervisor.d.ts
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
    retainTracking?(machine: MachineId, keep: {
        readonly site: string;
        readonly tokens: readonly string[];
    }, call: Call): Promise<void>;
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
    freeze(limitMs: number, call: Call): Promise<{
        readonly fileSystems: number;
    }>;
    /** Lets file systems go. Idempotent. */
    thaw(call: Call): Promise<void>;
    /** Runs a program (an argument vector, never a shell line) in the guest. Output is cut at 1 MiB. */
    run(argv: readonly string[], call: Call): Promise<{
        readonly exitCode: number;
        readonly stdout: string;
        readonly stderr: string;
    }>;
    close(call: Call): Promise<void>;
}

// index.d.ts
/** The contract between Holdfast and its plugins. Versioned by semver: `core/api/package.json`. */
export * from './call.ts';
export type * from './command.ts';
export type * from './disk.ts';
export * from './error-codes.ts';
export * from './errors.ts';
export type * from './hypervisor.ts';
export type * from './machine.ts';
export type * from './manifest.ts';
export type * from './media.ts';
export type * from './notifier.ts';
export type * from './plugin.ts';
export type * from './point.ts';
export * from './sheet/agent.ts';
export * from './sheet/answer.ts';
export { checkShape, isSimpleSchema, type ShapeProblem } from './sheet/check.ts';
export type { Question } from './sheet/common.ts';
export * from './sheet/movement.ts';
export * from './sheet/proxy.ts';
export * from './sheet/replication.ts';
export type { Shape } from './sheet/shape.ts';
export * from './sheet/sheet.ts';
export * from './sheet/snapshot.ts';
export * from './sheet/target.ts';
export type * from './target.ts';
export type * from './technique.ts';
export * from './version.ts';
export type * from './view.ts';
export * from './wire.ts';

// machine.d.ts
import type { DiskFormat } from './disk.ts';
/** Identity of a machine: opaque, and stable across rename, move and reboot. */
export type MachineId = string;
/** One virtual disk of a machine. */
export interface MachineDisk {
    /** Key of the disk within its machine, stable for as long as the disk is attached, for example `vda`. */
    readonly key: string;
    /** Capacity in bytes, as the guest sees it. */
    readonly sizeBytes: number;
    /** Bytes that the disk takes on its storage now, where the hypervisor can tell. */
    readonly allocatedBytes?: number;
    readonly format: DiskFormat;
    /** `virtual` can be protected; the raw kinds are passed through and may not be. */
    readonly kind: 'virtual' | 'raw-virtual' | 'raw-physical';
    /** Where the hypervisor keeps it, for people. */
    readonly location: string;
    /** The storage that it lies on (a datastore, a pool, a folder), as one name for all disks there: snapshots on one storage are limited together. */
    readonly storage?: string;
}
/** A virtual machine as the hypervisor describes it now. */
export interface Machine {
    readonly id: MachineId;
    /** The name that people see. It may change, and two machines may share one. */
    readonly name: string;
    readonly power: 'on' | 'off' | 'suspended' | 'unknown';
    /** Host, node or folder that it runs in, for people. */
    readonly place: string;
    /** The host that it runs on, as one name for all machines there: snapshots on one host are limited together. */
    readonly host?: string;
    /** Folder of the inventory that it is in, for selectors: `/prod/web`. Absent where there are none. */
    readonly folder?: string;
    readonly tags: readonly string[];
    readonly disks: readonly MachineDisk[];
    /** Guest operating system, where it is known. */
    readonly guest?: string;
    /** Memory in bytes, where it is known. */
    readonly memoryBytes?: number;
    readonly cpus?: number;
    /** The hypervisor's own description (libvirt XML, VMX, ...), kept in the restore point. */
    readonly config?: MachineConfig;
    /** Why this machine cannot be protected as it stands; absent when it can. */
    readonly problem?: string;
}
/** A machine's definition in its hypervisor's own language. */
export interface MachineConfig {
    /** Media type of `text`, for example `application/x-libvirt+xml`. */
    readonly mediaType: string;
    readonly text: string;
}
/** A change in the inventory. After `resync` the caller lists all machines again. */
export type MachineChange = {
    readonly kind: 'seen';
    readonly machine: Machine;
} | {
    readonly kind: 'gone';
    readonly machine: MachineId;
} | {
    readonly kind: 'resync';
};
/** What a restore asks a hypervisor to make. */
export interface MachineSpec {
    readonly name: string;
    readonly disks: readonly {
        readonly key: string;
        readonly sizeBytes: number;
        readonly format: DiskFormat;
    }[];
    readonly guest?: string;
    readonly memoryBytes?: number;
    readonly cpus?: number;
    /** Definition of the machine that was protected; used as it is when it is in this hypervisor's own language. */
    readonly config?: MachineConfig;
    /** Mark of who makes it, so that a machine left half made can be found. */
    readonly owner: OwnerMark;
}
/**
 * Written on everything that Holdfast makes in the world.
 * A janitor cleans up only what carries the mark of its own site.
 */
export interface OwnerMark {
    /** This installation. */
    readonly site: string;
    /** The catalog's identity of the intent that announced it. */
    readonly intent: string;
    readonly run: string;
    /** Epoch milliseconds. */
    readonly createdAt: number;
}

// manifest.d.ts
import type { Plain } from './call.ts';
import type { CommandDeclaration } from './command.ts';
import type { SheetFamily } from './sheet/sheet.ts';
import type { Port } from './technique.ts';
import type { JsonSchema } from './view.ts';
/** A hypervisor, target or technique that a manifest contributes. Paths are relative to the plugin's folder. */
export interface Contribution {
    readonly id: string;
    readonly title: string;
    /** Path of the JSON schema of its settings. A property with `"secret": true` takes a secret reference. */
    readonly settings: string;
    /** Path of the capability sheet. */
    readonly answers: string;
}
export interface TargetContribution extends Contribution {
    readonly shape: 'object-store' | 'media-library';
}
export interface TechniqueContribution extends Contribution {
    /** Ports of the step, so that a workflow is checked without loading the plugin. */
    readonly needs: readonly Port[];
    readonly gives: readonly Port[];
    /** Families of the paper's questions that its sheet answers; empty for a technique that none of them is about. */
    readonly sheet: readonly Exclude<SheetFamily, 'target'>[];
}
/** A way to reach administrators. The paper asks nothing of it, so it has no capability sheet. */
export type NotifierContribution = Omit<Contribution, 'answers'>;
/** What a plugin may reach; nothing else is reachable to one that is sandboxed. `${target.path}` and the like name settings. */
export interface Permissions {
    /** Paths that may be read. */
    readonly read?: readonly string[];
    /** Paths that may be written. */
    readonly write?: readonly string[];
    /** Hosts that may be connected to, as `host:port`, `*` for any of either. */
    readonly network?: readonly string[];
    /** Programs that may be run. */
    readonly run?: readonly string[];
    /** Settings whose secrets it may read. */
    readonly secrets?: readonly string[];
}
/** What a row of a view offers: a command that takes the row's id. */
export interface RowAction {
    /** Key in that view, as bindings are written: `p`, `ctrl+r`. Absent: only in the menu. The person's own keys go first. */
    readonly key?: string;
    readonly title: string;
    readonly command: string;
    /** Argument of the command that gets the id of the row. */
    readonly argument: string;
    /** Whether the argument is a list that takes all marked rows. Default is `false`. */
    readonly several?: boolean;
}
/** A view of the workbench: a command that reads, whose answer is drawn and asked for again while it is looked at. */
export interface ViewDeclaration {
    readonly id: string;
    readonly title: string;
    /** Where it stands: `overview`, `machines`, `runs`, `points`, `targets`, `policies`, `plugins`, `audit`, `settings`, or `panel`. */
    readonly activity: string;
    /** A command of danger `read`. */
    readonly command: string;
    readonly args?: Readonly<Record<string, Plain>>;
    /** How often it is asked again while it is looked at, in milliseconds; at least 1,000. Absent: when something changed. */
    readonly refreshMs?: number;
    /** What Enter does with a row. */
    readonly open?: RowAction;
    readonly actions?: readonly RowAction[];
    /** Context in which it is there. Absent: always. */
    readonly when?: string;
}
/** A key that runs a command. Where two claim one key the later one loses that key alone, and a person sees both. */
export interface KeybindingDeclaration {
    /** `ctrl+k`, or two in a row: `g m`. */
    readonly key: string;
    readonly command: string;
    readonly args?: Readonly<Record<string, Plain>>;
    readonly when?: string;
}
/** A VS Code colour theme. */
export interface ThemeDeclaration {
    readonly id: string;
    readonly label: string;
    readonly uiTheme: 'vs-dark' | 'vs' | 'hc-black' | 'hc-light';
    /** Path of its JSON file. */
    readonly path: string;
}
/** A view that is made to be sent or printed. */
export interface ReportDeclaration {
    readonly id: string;
    readonly title: string;
    /** A command of danger `read`. */
    readonly command: string;
    readonly args?: Readonly<Record<string, Plain>>;
}
/** First steps with something. */
export interface WalkthroughDeclaration {
    readonly id: string;
    readonly title: string;
    readonly steps: readonly {
        readonly title: string;
        /** Markdown. */
        readonly text: string;
        /** Offered as a button. */
        readonly command?: string;
        /** Context in which the step counts as done: `endpoints > 0`. */
        readonly doneWhen?: string;
    }[];
}
/** The sections of `contributes`. */
export interface Contributes {
    readonly hypervisors?: readonly Contribution[];
    readonly targets?: readonly TargetContribution[];
    readonly techniques?: readonly TechniqueContribution[];
    readonly notifiers?: readonly NotifierContribution[];
    readonly commands?: readonly CommandDeclaration[];
    readonly views?: readonly ViewDeclaration[];
    readonly keybindings?: readonly KeybindingDeclaration[];
    readonly themes?: readonly ThemeDeclaration[];
    readonly reports?: readonly ReportDeclaration[];
    readonly walkthroughs?: readonly WalkthroughDeclaration[];
    /** Settings of the plugin itself, in the configuration under `plugins.<name>`. */
    readonly configuration?: JsonSchema;
}
/** A plugin's `package.json`, as far as the host reads it. It is read without running code. */
export interface Manifest {
    /** npm package name. */
    readonly name: string;
    readonly version: string;
    readonly displayName?: string;
    readonly description?: string;
    /** Path of the module that exports `activate`: a `.ts` or `.js` file. */
    readonly main: string;
    readonly engines: {
        readonly holdfast: string;
    };
    readonly contributes: Contributes;
    readonly permissions?: Permissions;
}

// media.d.ts
import type { Call } from './call.ts';
/** Address of a drive, slot, mail slot or the transport arm in a library, as the library numbers them. */
export type ElementAddress = number;
/** One element of a library. */
export interface LibraryElement {
    readonly address: ElementAddress;
    readonly kind: 'drive' | 'slot' | 'mail' | 'arm';
    readonly full: boolean;
    /** Barcode of the cartridge in it, without trailing blanks; `null` when it has none or cannot be read. */
    readonly barcode: string | null;
    /** For people: model and serial number of a drive. */
    readonly title: string;
}
export interface LibraryInventory {
    readonly elements: readonly LibraryElement[];
}
/** Where a drive stands on its tape. */
export interface TapePosition {
    readonly partition: number;
    /** Blocks and filemarks before this place. */
    readonly block: number;
    readonly atBeginning: boolean;
    readonly atEarlyWarning: boolean;
}
/** A library of removable media: physical tape, or a virtual tape library. */
export interface MediaLibrary {
    inventory(call: Call): Promise<LibraryInventory>;
    /** Moves a cartridge. Throws `MEDIA_ELEMENT_FULL`, `MEDIA_ELEMENT_EMPTY` or `MEDIA_ELEMENT_UNKNOWN`. */
    move(from: ElementAddress, to: ElementAddress, call: Call): Promise<void>;
    /** Opens the drive at an address, with the cartridge that is in it. */
    openDrive(drive: ElementAddress, call: Call): Promise<TapeDrive>;
    close(call: Call): Promise<void>;
}
/** A tape drive with a cartridge in it. */
export interface TapeDrive {
    /** Writes one block of at most the size that `limits` states. `earlyWarning` asks the caller to come to an end. */
    write(block: Uint8Array, call: Call): Promise<{
        readonly earlyWarning: boolean;
    }>;
    /** Reads one block; `filemark` and `end` are answers, not errors. */
    read(call: Call): Promise<TapeRead>;
    /** Writes filemarks and flushes; 0 only flushes. When it resolves, all before it is on the tape. */
    filemarks(count: number, call: Call): Promise<void>;
    locate(block: number, call: Call): Promise<void>;
    rewind(call: Call): Promise<void>;
    position(call: Call): Promise<TapePosition>;
    limits(call: Call): Promise<{
        readonly maxBlockBytes: number;
        readonly remainingBytes: number | null;
    }>;
    /** TapeAlert flags that are set, by number. */
    alerts(call: Call): Promise<readonly number[]>;
    close(call: Call): Promise<void>;
}
export type TapeRead = {
    readonly kind: 'block';
    readonly data: Uint8Array;
} | {
    readonly kind: 'filemark';
} | {
    readonly kind: 'end';
};

// notifier.d.ts
import type { Call } from './call.ts';
import type { CheckItem } from './hypervisor.ts';
/**
 * What a notice is about: a run that failed or was missed, a recovery point objective that is not met, all of it in one (`digest`), something that is
 * in order again (`cleared`), or nothing but whether notices arrive (`test`).
 */
export type NoticeKind = 'run-failed' | 'run-missed' | 'rpo-missed' | 'schedule' | 'digest' | 'cleared' | 'test';
/** Something that administrators should hear. */
export interface Notice {
    /** The same when it is sent again, so that a receiver can tell repetitions. */
    readonly id: string;
    /** Epoch milliseconds of what happened. */
    readonly at: number;
    readonly kind: NoticeKind;
    readonly severity: 'info' | 'warning' | 'critical';
    /** One line without control characters, 200 characters at most: `web-07: RPO missed by 3 h 12 min`. */
    readonly title: string;
    /** Plain text of several lines, without control characters but line feeds, 64 Ki characters at most. */
    readonly text: string;
    /** What to do about it: a command line, where there is one. */
    readonly remedy: string | null;
    /** Name of the installation that it comes from. */
    readonly from: string;
    /** For programs: machine, policy, workflow, run, error code and the like. */
    readonly facts: Readonly<Record<string, string | number | boolean | null>>;
}
/** A way to reach administrators, as one configured instance. */
export interface Notifier {
    /**
     * Delivers one notice. Throws `NOTIFY_FAILED` when it may not have arrived; core then tries again later, so a notice can arrive twice and is never
     * lost. Throws `NOTIFY_REFUSED` when trying again cannot help.
     */
    send(notice: Notice, call: Call): Promise<void>;
    /** Tries what sending will need, and sends nothing. */
    check(call: Call): Promise<readonly CheckItem[]>;
    /** The host calls it once. */
    close(call: Call): Promise<void>;
}

// plugin.d.ts
import type { Call, LogLevel, Plain } from './call.ts';
import type { CommandHandler } from './command.ts';
import type { Hypervisor } from './hypervisor.ts';
import type { MediaLibrary } from './media.ts';
import type { Notifier } from './notifier.ts';
import type { ObjectStore } from './target.ts';
import type { Step } from './technique.ts';
/** What a configured endpoint or target is opened with. */
export interface Opening {
    /** The name that the administrator gave it, for example `disk-main`. */
    readonly name: string;
    /** Checked against the settings schema of the contribution, with its defaults filled in. */
    readonly settings: Readonly<Record<string, Plain>>;
    /** Reads a secret that the settings refer to, by the name of the setting. Throws `SECRET_UNAVAILABLE`. */
    secret(setting: string): Promise<string>;
}
/** Opens an endpoint. Called on first use, once for each configured endpoint. */
export type OpenHypervisor = (opening: Opening, call: Call) => Promise<Hypervisor>;
/** Opens a target of the object store shape. */
export type OpenObjectStore = (opening: Opening, call: Call) => Promise<ObjectStore>;
/** Opens a target of the media library shape. */
export type OpenMediaLibrary = (opening: Opening, call: Call) => Promise<MediaLibrary>;
/** Opens a way to reach administrators. */
export type OpenNotifier = (opening: Opening, call: Call) => Promise<Notifier>;
/** Something to undo when the plugin is deactivated. */
export type Undo = () => void | Promise<void>;
/**
 * What a plugin gets at activation. Everything registered here must be declared in the manifest under the same id, and
 * is undone by the host when the plugin is deactivated: in reverse order, each awaited.
 */
export interface PluginContext {
    /** The plugin's package name. */
    readonly plugin: string;
    /** A folder of the plugin's own that is kept across versions; made on first use. */
    readonly dataFolder: string;
    log(level: LogLevel, message: string): void;
    registerHypervisor(id: string, open: OpenHypervisor): void;
    registerObjectStore(id: string, open: OpenObjectStore): void;
    registerMediaLibrary(id: string, open: OpenMediaLibrary): void;
    registerNotifier(id: string, open: OpenNotifier): void;
    registerStep(id: string, step: Step<never>): void;
    registerCommand(id: string, handler: CommandHandler): void;
    /** Undoes something of the plugin's own, in turn with the registrations. */
    onDeactivate(undo: Undo): void;
}
/** The export named `activate` of a plugin's `main`. It must resolve within ten seconds. */
export type Activate = (context: PluginContext) => void | Promise<void>;

// point.d.ts
import type { DiskFormat, RepositorySource } from './disk.ts';
import type { Consistency } from './hypervisor.ts';
import type { Machine, MachineId } from './machine.ts';
/** Names a restore point on a target. */
export interface PointRef {
    readonly target: string;
    /** Identity of the restore point: 32 lower-case hexadecimal digits. */
    readonly point: string;
    readonly machine: MachineId;
    /** Epoch milliseconds of the state that it holds. */
    readonly takenAt: number;
}
/** One disk of a restore point. */
export interface PointDisk {
    readonly key: string;
    readonly sizeBytes: number;
    readonly format: DiskFormat;
    /** For the next incremental; `null` when changes were not tracked. */
    readonly changeToken: string | null;
}
/** What is stored with a restore point besides the bytes of its disks. */
export interface PointMeta {
    readonly machine: Machine;
    readonly endpoint: string;
    readonly takenAt: number;
    readonly consistency: Consistency;
    readonly frozenMs: number;
    readonly disks: readonly PointDisk[];
    readonly run: string;
}
/** A restore point in a listing. */
export interface PointSummary extends PointRef {
    readonly machineName: string;
    readonly endpoint: string;
    readonly consistency: Consistency;
    readonly disks: readonly PointDisk[];
    /** Sum of the disks' sizes, in bytes. */
    readonly sizeBytes: number;
    /** Bytes that this point added to the target when it was written. */
    readonly storedBytes: number;
    /** Epoch milliseconds of the commit. */
    readonly committedAt: number;
}
/** A restore point that is open for reading. */
export interface OpenedPoint {
    readonly summary: PointSummary;
    readonly machine: Machine;
    /** How long the guest was held still for it, in milliseconds. */
    readonly frozenMs: number;
    readonly sources: readonly RepositorySource[];
}

// sheet/agent.d.ts
import type { Cost } from './answer.ts';
import { type Question } from './common.ts';
/** Values of the answers about agents in guests (G1 to G16). A technique of the family `agent` gives them. */
export interface AgentAnswers {
    readonly G1: readonly ('guest' | 'machine' | 'console')[];
    readonly G2: {
        readonly dedupe: boolean;
        readonly compress: boolean;
    };
    readonly G3: readonly ('fixed' | 'removable' | 'remote' | 'cloud')[];
    readonly G4: {
        readonly covers: readonly ('files' | 'volumes' | 'system-state' | 'applications')[];
        readonly bareMetal: boolean;
    };
    readonly G5: readonly ('file-system' | 'virtual-disk' | 'raw-device')[];
    /** `needs` names drivers and software to install; empty for none. */
    readonly G6: {
        readonly cost: Cost;
        readonly needs: readonly string[];
    };
    /** Processor seconds for a gigabyte read, measured; `null` when not known. `on` is whose processor. */
    readonly G7: {
        readonly cpuSecondsPerGb: number | null;
        readonly on: 'guest' | 'proxy' | 'server';
    };
    readonly G8: {
        readonly inFlight: boolean;
        readonly atRest: boolean;
        readonly keys: 'none' | 'passphrase' | 'managed';
    };
    /** Whether chunks are aligned for a target that deduplicates, and whether nothing is compressed twice. */
    readonly G9: {
        readonly alignedChunks: boolean;
        readonly noDoubleCompression: boolean;
    };
    readonly G10: {
        readonly usesSnapshots: boolean;
        readonly quiesces: boolean;
    };
    /** Share of the host's processors (0 to 1) with so many agents at work, measured; `null` when not known. */
    readonly G11: {
        readonly agents: number;
        readonly hostCpuRatio: number | null;
    };
    /** Scripts that an administrator has to write. */
    readonly G12: {
        readonly scripts: number;
        readonly reason: string;
    };
    readonly G13: readonly ('image' | 'incremental' | 'differential' | 'file')[];
    /** Size of what is installed in megabytes, and whether it stays there between runs. */
    readonly G14: {
        readonly form: 'agent' | 'light-client';
        readonly installedMb: number;
        readonly resident: boolean;
    };
    /** What it gives that a backup from outside cannot. */
    readonly G15: {
        readonly gives: readonly ('item-restore' | 'log-truncation' | 'application-quiesce' | 'bare-metal' | 'open-files')[];
        readonly worth: string;
    };
    readonly G16: 'none' | 'backup-server' | 'proxy';
}
export declare const agentQuestions: {
    readonly [K in keyof AgentAnswers]: Question<AgentAnswers[K]>;
};

// sheet/answer.d.ts
/**
 * How an answer is known: `declared` by the author, `probed` by trying it where the plugin runs, or `measured` with the
 * figure that the value holds.
 */
export type Evidence = 'declared' | 'probed' | 'measured';
/** One answer of a capability sheet. */
export type Answer<T> = {
    readonly value: T;
    readonly evidence: Evidence;
    /** For people: where the value comes from, or what limits it. */
    readonly note?: string;
} | {
    /** Why the question cannot be asked of this plugin, in a sentence. */
    readonly notApplicable: string;
};
/** What something costs in licences and maintenance. */
export interface Cost {
    /** Name of the licence, for example `MIT` or `vendor, per socket`. */
    readonly licence: string;
    /** Whether money must be paid for its use. */
    readonly paid: boolean;
    /** Cost of a year per protected machine in the currency of `currency`; `null` when not known. */
    readonly yearlyPerMachine: number | null;
    /** ISO 4217, for example `EUR`. */
    readonly currency: string;
}
/** Kinds of disk that something works with. `virtual` is an image; the raw kinds are devices passed through. */
export type DiskKind = 'virtual' | 'raw-virtual' | 'raw-physical';

// sheet/check.d.ts
/** Something wrong with a value: `path` is a JSON pointer, `message` continues it: `/N1/value` `is missing maxRetained`. */
export interface ShapeProblem {
    readonly path: string;
    readonly message: string;
}
/** Whether `checkShape` knows every keyword of a schema. For any other schema a full validator is needed. */
export declare function isSimpleSchema(schema: unknown, depth?: number): boolean;
/**
 * Checks a value against the part of JSON schema (draft 2020-12) that `isSimpleSchema` names. Stops at 100 problems.
 * Small on purpose: it starts in no time and needs no other package.
 */
export declare function checkShape(schema: unknown, value: unknown, path?: string): readonly ShapeProblem[];

// sheet/common.d.ts
import type { Cost, DiskKind } from './answer.ts';
import { type Shape } from './shape.ts';
/** One question of the paper, and what an answer to it looks like. */
export interface Question<T = unknown> {
    /** For the column of a comparison: two to four words. */
    readonly title: string;
    /** The question in the paper's words. */
    readonly question: string;
    /** JSON schema of the answer's value. */
    readonly value: Shape<T>;
}
export declare const cost: Shape<Cost>;
export declare const diskKinds: Shape<readonly DiskKind[]>;

// sheet/movement.d.ts
import type { DiskKind } from './answer.ts';
import { type Question } from './common.ts';
/** Values of the answers about moving machines (M1 to M8). A hypervisor and a technique of the family `movement` give them. */
export interface MovementAnswers {
    /** How unlike two processors may be, and whether that is checked before a move begins. */
    readonly M1: {
        readonly across: 'same-model' | 'same-vendor' | 'any';
        readonly checkedBefore: boolean;
    };
    /** Ways to move; `conversion` makes a new machine of another kind. */
    readonly M2: readonly ('live' | 'suspended' | 'off' | 'conversion')[];
    /** How far; `maxRttMs` is the longest round trip between the hosts, in milliseconds, `null` for no limit of its own. */
    readonly M3: {
        readonly reach: readonly ('local' | 'wide-area')[];
        readonly maxRttMs: number | null;
    };
    /** What happens to change tracking when a machine moves, and whether its disks move along. */
    readonly M4: {
        readonly onMove: 'keeps-tracking' | 'resets-tracking' | 'does-not-track';
        readonly movesDisks: boolean;
    };
    /** What a move asks of the storage network. */
    readonly M5: readonly ('none' | 'rezone' | 'remap' | 'npiv')[];
    /** Moves at once; `null` for no limit of its own. */
    readonly M6: {
        readonly perHost: number | null;
        readonly perDatastore: number | null;
    };
    readonly M7: readonly DiskKind[];
    /** Hardware, software or services of others that it needs; empty for none. */
    readonly M8: readonly string[];
}
export declare const movementQuestions: {
    readonly [K in keyof MovementAnswers]: Question<MovementAnswers[K]>;
};

// sheet/proxy.d.ts
import type { Cost, DiskKind } from './answer.ts';
import { type Question } from './common.ts';
/** Ways in which a proxy reaches the bytes of a disk. */
export type ProxyInterface = 'file' | 'nbd' | 'hotadd' | 'https' | 'ssh' | 'nas' | 'iscsi' | 'fibre-channel' | 'sas';
/** Values of the answers about proxies (P1 to P8). A technique of the family `proxy` gives them. */
export interface ProxyAnswers {
    readonly P1: readonly DiskKind[];
    readonly P2: readonly ProxyInterface[];
    /** Whether whole images and single files can be protected and restored; `systems` names guest systems, `any` for all. */
    readonly P3: {
        readonly image: boolean;
        readonly file: boolean;
        readonly systems: readonly string[];
    };
    /** Processor seconds of the host for a gigabyte read when the proxy runs on it, measured; `null` when not known. */
    readonly P4: {
        readonly hostCpuSecondsPerGb: number | null;
        readonly advice: string;
    };
    readonly P5: {
        readonly cost: Cost;
        /** How consistent what it reads can be, by itself or with the hypervisor's help. */
        readonly consistency: readonly ('crash' | 'filesystem' | 'application' | 'memory')[];
    };
    readonly P6: 'none-needed' | 'by-hand' | 'automatic';
    /** Backups and snapshots at once; `null` for no limit of its own. */
    readonly P7: {
        readonly maxBackups: number | null;
        readonly maxSnapshots: number | null;
    };
    /** Guest systems and file systems whose single files can be restored; empty for none. */
    readonly P8: {
        readonly systems: readonly string[];
        readonly fileSystems: readonly string[];
    };
}
export declare const proxyQuestions: {
    readonly [K in keyof ProxyAnswers]: Question<ProxyAnswers[K]>;
};

// sheet/replication.d.ts
import type { Cost } from './answer.ts';
import { type Question } from './common.ts';
/** Values of the answers about replication (R1 to R8). A technique of the family `replication` gives them. */
export interface ReplicationAnswers {
    readonly R1: {
        readonly cost: Cost;
        readonly managedFrom: 'holdfast' | 'own-console' | 'both';
    };
    /** Applications that it knows, by name; empty for none. */
    readonly R2: readonly string[];
    readonly R3: readonly ('synchronous' | 'asynchronous')[];
    readonly R4: {
        readonly snapshots: boolean;
        readonly applicationAware: boolean;
    };
    readonly R5: readonly ('one-to-one' | 'one-to-many' | 'many-to-one' | 'many-to-many')[];
    /** Between virtual and physical machines: `v2v`, `v2p`, `p2v`. */
    readonly R6: readonly ('v2v' | 'v2p' | 'p2v')[];
    readonly R7: {
        readonly compression: boolean;
        readonly dedupe: boolean;
        readonly bandwidthLimit: boolean;
    };
    /** What travels: `chunks` stay deduplicated, `inflated` data does not. */
    readonly R8: 'chunks' | 'inflated';
}
export declare const replicationQuestions: {
    readonly [K in keyof ReplicationAnswers]: Question<ReplicationAnswers[K]>;
};

// sheet/shape.d.ts
import type { JsonSchema } from '../view.ts';
/**
 * A JSON schema that describes values of type `T`. `T` is carried by a property that only the compiler knows, so that a
 * schema and its type cannot drift apart.
 */
export type Shape<T> = JsonSchema & {
    readonly '~describes'?: (value: T) => T;
};
/** Any text, at least one character. */
export declare const text: Shape<string>;
export declare const yesNo: Shape<boolean>;
/** A number that is not negative, whole or not. */
export declare const amount: Shape<number>;
/** A number that is not negative, or `null`: no limit, or not known; the answer's type says which. */
export declare const amountOrNull: Shape<number | null>;
/** Exactly one of some words. */
export declare function oneOf<const W extends string>(...words: readonly W[]): Shape<W>;
/** A list without repeats. Default is that it may be empty. */
export declare function list<T>(of: Shape<T>, atLeast?: number): Shape<readonly T[]>;
/** An object with exactly these members. */
export declare function object<T extends object>(members: {
    readonly [K in keyof T]: Shape<T[K]>;
}): Shape<T>;
/** The same, or `null`. */
export declare function orNull<T>(of: Shape<T>): Shape<T | null>;

// sheet/sheet.d.ts
import type { JsonSchema } from '../view.ts';
import { type AgentAnswers } from './agent.ts';
import type { Answer } from './answer.ts';
import { type ShapeProblem } from './check.ts';
import type { Question } from './common.ts';
import { type MovementAnswers } from './movement.ts';
import { type ProxyAnswers } from './proxy.ts';
import { type ReplicationAnswers } from './replication.ts';
import { type SnapshotAnswers } from './snapshot.ts';
import { type TargetAnswers } from './target.ts';
/** Values of the answers, by family of questions. */
export interface SheetValues {
    readonly movement: MovementAnswers;
    readonly snapshot: SnapshotAnswers;
    readonly agent: AgentAnswers;
    readonly proxy: ProxyAnswers;
    readonly replication: ReplicationAnswers;
    readonly target: TargetAnswers;
}
/** A family of questions: M, N, G, P and R of the paper, and the attributes of targets. */
export type SheetFamily = keyof SheetValues;
/** A whole sheet of one family: every question answered. */
export type Sheet<F extends SheetFamily> = {
    readonly [K in keyof SheetValues[F]]: Answer<SheetValues[F][K]>;
};
type UnionToIntersection<U> = (U extends unknown ? (value: U) => void : never) extends (value: infer I) => void ? I : never;
/** The sheet of a hypervisor: how its machines move, how its snapshots are. */
export type HypervisorSheet = Sheet<'movement'> & Sheet<'snapshot'>;
/** The sheet of a target. */
export type TargetSheet = Sheet<'target'>;
/** The sheet of a technique that answers for the families `F`. */
export type TechniqueSheet<F extends Exclude<SheetFamily, 'target'>> = UnionToIntersection<F extends unknown ? Sheet<F> : never>;
/** All questions, by family and then by id. */
export declare const questions: {
    readonly [F in SheetFamily]: Readonly<Record<string, Question>>;
};
/** Families that a contribution answers for. A technique names its own in the manifest. */
export declare const familiesOf: {
    readonly hypervisor: readonly SheetFamily[];
    readonly target: readonly SheetFamily[];
};
/** The questions of some families, in the paper's order. */
export declare function questionsOf(families: readonly SheetFamily[]): readonly (Question & {
    readonly id: string;
})[];
/** JSON schema (draft 2020-12) of a whole sheet, for editors. */
export declare function sheetSchema(families: readonly SheetFamily[]): JsonSchema;
/**
 * Everything wrong with a sheet, each gap by the id of its question. Empty means that every question is answered, in
 * the right shape, and none that was not asked.
 */
export declare function checkSheet(families: readonly SheetFamily[], sheet: unknown): readonly ShapeProblem[];
export {};

// sheet/snapshot.d.ts
import type { Cost, DiskKind } from './answer.ts';
import { type Question } from './common.ts';
/** Values of the answers about snapshots (N1 to N8). A hypervisor and a technique of the family `snapshot` give them. */
export interface SnapshotAnswers {
    /** Snapshots being taken at once, and kept of one machine; `null` for no limit of its own. */
    readonly N1: {
        readonly maxConcurrent: number | null;
        readonly maxRetained: number | null;
    };
    /**
     * Where it is taken, how it is kept, what it holds. One in the same failure domain as the disk (the same array, the
     * same folder) is never counted as a copy.
     */
    readonly N2: {
        readonly where: 'guest' | 'machine' | 'appliance' | 'array';
        readonly kind: 'full-copy' | 'delta';
        readonly captures: readonly ('disk' | 'memory' | 'config')[];
        readonly sameFailureDomain: boolean;
    };
    /** How applications are made consistent. */
    readonly N3: readonly ('vss' | 'fsfreeze' | 'script' | 'none')[];
    /** Hooks before the freeze and after the thaw; the longest freeze in milliseconds, and whether the thaw comes whatever dies. */
    readonly N4: {
        readonly before: boolean;
        readonly after: boolean;
        readonly limitMs: number | null;
        readonly thawGuaranteed: boolean;
    };
    readonly N5: readonly DiskKind[];
    /** How long the guest stands still, in milliseconds, and how much slower its disk is meanwhile (0.2 is 20 %); `null` when not known. */
    readonly N6: {
        readonly stunMs: number | null;
        readonly addedLatencyRatio: number | null;
    };
    /** What backup and replication can do with it. `tracked` means that the hypervisor names changed blocks; `compared` that all is read. */
    readonly N7: {
        readonly exportable: boolean;
        readonly mountable: boolean;
        readonly changedBlocks: 'tracked' | 'compared' | 'none';
    };
    readonly N8: Cost;
}
export declare const snapshotQuestions: {
    readonly [K in keyof SnapshotAnswers]: Question<SnapshotAnswers[K]>;
};

// sheet/target.d.ts
import type { Cost } from './answer.ts';
import { type Question } from './common.ts';
/**
 * Attributes of a target. The paper asks no list of questions about targets; these are the properties that its text and
 * the advisor go by, so that a mirror is never taken for a second copy.
 */
export interface TargetAnswers {
    /** What the target does against the loss of one of its own parts. */
    readonly redundancy: 'none' | 'mirror' | 'parity' | 'erasure-code' | 'provider' | 'as-configured';
    /** As what it shows itself. */
    readonly presents: 'folder' | 'nas' | 'object' | 'sftp' | 'vtl' | 'tape' | 'memory';
    /** Whether it can be lost together with the machines that it protects. */
    readonly sameFailureDomain: 'always' | 'never' | 'as-configured';
    /** How it keeps an administrator's hands off a locked object. */
    readonly immutability: 'none' | 'governance' | 'compliance' | 'medium';
    /** When data can be deduplicated on it. */
    readonly dedupe: readonly ('immediate' | 'deferred' | 'off')[];
    /** Whether any part can be read at once, as a repository needs. */
    readonly randomAccess: boolean;
    /** Whether data can lie where no network reaches it. */
    readonly offline: boolean;
    /** Whether what it has acknowledged is still there after a power cut. */
    readonly durable: boolean;
    /** Kinds of medium, for counting copies on different media. */
    readonly medium: 'disk' | 'tape' | 'cloud' | 'memory' | 'as-configured';
    /** Tier 0 is flash, 1 fast disks, 2 large disks, 3 tape. */
    readonly tier: 'tier0' | 'tier1' | 'tier2' | 'tier3' | 'as-configured';
    /** What is encrypted besides the repository's own encryption. */
    readonly encryption: {
        readonly inFlight: boolean;
        readonly atRest: boolean;
    };
    readonly cost: Cost;
}
export declare const targetQuestions: {
    readonly [K in keyof TargetAnswers]: Question<TargetAnswers[K]>;
};

// target.d.ts
import type { Call } from './call.ts';
import type { CheckItem } from './hypervisor.ts';
/** Bytes from `offset`, `length` of them. A range past the end of the object gives what is there. */
export interface ByteRange {
    readonly offset: number;
    readonly length: number;
}
/** How an object is put. */
export interface PutOptions {
    /** Fail with `OBJECT_EXISTS` when the name is taken. Decided by the store atomically, whoever else is writing. */
    readonly ifAbsent?: true;
    /** Epoch milliseconds until which the object can be neither changed nor deleted. A store without locks throws `LOCK_UNAVAILABLE`. */
    readonly lockUntil?: number;
}
/** What a put answered: the object is durable. */
export interface PutResult {
    readonly sizeBytes: number;
}
/** One object of a listing. */
export interface ObjectInfo {
    readonly name: string;
    readonly sizeBytes: number;
    /** Epoch milliseconds by the store's own clock; only ever shown or compared with other times of the same store. */
    readonly modifiedAt: number;
}
/** Where an object's bytes lie, for readers in core that can fetch them without the plugin. */
export interface ObjectLocation {
    readonly kind: 'file';
    /** Absolute path. The host checks it against the plugin's granted paths. */
    readonly path: string;
}
/** What a store can do: tried, not assumed. */
export interface StoreFacts {
    /** Two writers of one name: exactly one wins. Without it the repository is for one host. */
    readonly conditionalPut: boolean;
    readonly lockUntil: boolean;
    readonly rangedGet: boolean;
    /** A list after a put shows the object. */
    readonly consistentList: boolean;
    /** Bytes that can still be stored; `null` when the store does not tell. */
    readonly freeBytes: number | null;
    /** Bytes in all; `null` when the store does not tell. */
    readonly totalBytes: number | null;
    readonly items: readonly CheckItem[];
}
/**
 * A store of immutable objects: a disk folder, a cloud bucket, an SFTP server. This is all that the repository engine
 * asks of a target. Names are ASCII: segments of `[a-z0-9._-]`, 1 to 100 characters each, joined by `/`, at most eight,
 * none `.` or `..`; a store refuses any other name with `NAME_INVALID`.
 */
export interface ObjectStore {
    /**
     * Stores an object. When this resolves, the object is whole and survives a power cut; until then, and after any
     * failure, no reader sees any part of it under this name.
     * @param body At most 512 MiB. The store does not change it and does not keep it after it has answered.
     * @throws `OBJECT_EXISTS` (with `ifAbsent`), `TARGET_FULL`, `TARGET_READ_ONLY`, `TARGET_IO`, `NAME_INVALID`.
     */
    put(name: string, body: Uint8Array, how: PutOptions, call: Call): Promise<PutResult>;
    /**
     * Reads an object, or a range of it, in order, in pieces of at most 8 MiB.
     * @throws `OBJECT_NOT_FOUND`, `TARGET_IO`.
     */
    get(name: string, range: ByteRange | null, call: Call): AsyncIterable<Uint8Array>;
    /** All objects whose name begins with `prefix`, in any order. An object put before the call began is listed. */
    list(prefix: string, call: Call): AsyncIterable<ObjectInfo>;
    /** Removes an object. Idempotent. Throws `OBJECT_LOCKED` while a lock holds. */
    remove(name: string, call: Call): Promise<void>;
    /** Finds out what this store can do by trying it under names that begin with `probe/`, and leaves nothing behind. */
    probe(call: Call): Promise<StoreFacts>;
    /** Where an object lies, when core can read it by itself; `null` or a missing method means: use `get`. */
    locate?(name: string, call: Call): Promise<ObjectLocation | null>;
    /** Ends all sessions. The host calls it once. */
    close(call: Call): Promise<void>;
}

// technique.d.ts
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
    readonly machine?: {
        readonly endpoint: string;
        readonly machine: Machine;
    };
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
    readonly copy?: {
        readonly target: string;
        readonly point: string;
    };
    readonly replica?: {
        readonly endpoint: string;
        readonly machine: MachineId;
    };
    readonly verification?: {
        readonly ok: boolean;
        readonly checkedAt: number;
        readonly detail: string;
    };
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
    begin(machine: {
        readonly endpoint: string;
        readonly id: MachineId;
        readonly dedupe?: DedupeMode;
    }, call: Call): Promise<string>;
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

// testing/bytes.d.ts
/** Bytes that look random, the same for the same seed. */
export declare function sampleBytes(length: number, seed: number): Uint8Array;
export declare function sameBytes(a: Uint8Array, b: Uint8Array): boolean;
export declare function joined(parts: readonly Uint8Array[]): Uint8Array;

// testing/check.d.ts
import type { Plain } from '../call.ts';
/**
 * One thing that a plugin must do. `run` throws when it does not; what it answers is what was seen, without anything that
 * differs from one run to the next, so that two runs (in process and across a worker, say) can be compared.
 */
export interface Check {
    /** A sentence: `an object that was put is read back byte for byte`. */
    readonly name: string;
    /** How long it may take, in milliseconds, where that is more than any check may. */
    readonly limitMs?: number;
    run(): Promise<Plain>;
}
/** How a check ended. */
export interface CheckResult {
    readonly name: string;
    readonly ok: boolean;
    /** What was seen; `null` when the check failed. */
    readonly seen: Plain;
    /** Why it failed, in one line; `null` when it did not. */
    readonly failure: string | null;
}
/** How a suite ended. */
export interface Report {
    readonly ok: boolean;
    readonly results: readonly CheckResult[];
}
/** How checks are run, and who is told. */
export interface CheckOptions {
    /** How long one check may take, in milliseconds. Default is 30,000. */
    readonly limitMs?: number;
    /** Told before each check, with how long it may take in milliseconds. */
    readonly begins?: (name: string, limitMs: number) => void;
    /** Told after each check. */
    readonly ended?: (result: CheckResult) => void;
}
/**
 * Runs checks one after the other. A check that fails does not keep the rest from running; one that does not end does, as
 * what it left half done may be in the way of all others.
 */
export declare function runChecks(checks: readonly Check[], options?: CheckOptions): Promise<Report>;
/** Where two reports of the same checks differ, one line each; empty when they are equal. */
export declare function differences(one: Report, other: Report): readonly string[];

// testing/expect.d.ts
import type { ErrorCode } from '../error-codes.ts';
/** A plugin does not do what its contract says. */
export declare class NotConforming extends Error {
    readonly name = "NotConforming";
}
/** Fails with `otherwise`, a sentence about what was found, unless something holds. */
export declare function demand(holds: boolean, otherwise: string): asserts holds;
/** Fails unless `work` throws an expected failure with one of these codes. Answers the code. */
export declare function demandFailure(work: () => Promise<unknown>, codes: readonly ErrorCode[], what: string): Promise<ErrorCode>;
/** Fails unless `work` either succeeds or throws an expected failure. Answers `ok` or the code. */
export declare function demandNoBug(work: () => Promise<unknown>, what: string): Promise<'ok' | ErrorCode>;
/** Everything that an iterable gives, at most `limit` of it. */
export declare function collect<T>(items: AsyncIterable<T>, limit?: number): Promise<T[]>;
/** Reads an iterable to its end and keeps nothing. */
export declare function drain(items: AsyncIterable<unknown>): Promise<void>;

// testing/fixture.d.ts
import type { Plain } from '../call.ts';
/** What a contribution needs to be tried. */
export interface Prepared {
    /** Settings to open it with, or (for a technique) to run it with; see `practiceNames`. */
    readonly settings: Readonly<Record<string, Plain>>;
    /** Secrets, by the setting that refers to them. */
    readonly secrets?: Readonly<Record<string, string>>;
    /** Hypervisor: name of the machine to snapshot. Default is the first that can be protected. */
    readonly machine?: string;
    /** Hypervisor: whether its snapshots may make nothing that could outlive the process. Default is `false`. */
    readonly snapshotsLeaveNothing?: boolean;
    /** Media library: barcode of a cartridge whose content may be lost. */
    readonly scratch?: string;
    /** Object store: set to `false` for one that keeps nothing once it is closed. Default is `true`. */
    readonly keeps?: boolean;
    /** Object store: how many objects to store for the listing. Default is 10,000. */
    readonly manyObjects?: number;
    /** Notifier: everything that has arrived so far, as texts that hold the notices' ids. Default: nobody can tell. */
    readonly received?: () => Promise<readonly string[]>;
    /** Notifier: settings that lead to a receiver which is not there. */
    readonly lostSettings?: Readonly<Record<string, Plain>>;
    /** How long one check may take, in milliseconds: more for what is slow by its nature. Default is 30,000. */
    readonly limitMs?: number;
    /** Removes what lies outside of the folder that was given. */
    readonly dispose?: () => Promise<void>;
}
/** Makes what a contribution needs. */
export interface Fixture {
    /** @param folder An empty folder that is removed afterwards. */
    prepare(folder: string): Promise<Prepared>;
}
/** The export named `fixtures` of a plugin's `conformance.ts` (or `.js`): a fixture for each contribution, by its id. */
export type Fixtures = Readonly<Record<string, Fixture>>;

// testing/hostile.d.ts
/** Texts that a careless plugin treats as something else: as an escape sequence, a path, a shell line, a key of an object. */
export declare const hostileTexts: readonly string[];

// testing/hypervisor/crash.d.ts
import type { Hypervisor } from '../../hypervisor.ts';
import type { Check } from '../check.ts';
/** A hypervisor plugin whose process can be made to die. */
export interface HypervisorCrashSuite {
    /** Opens the endpoint, in a process that lives. */
    open(): Promise<Hypervisor>;
    /** Ends the process that the plugin runs in, at once. */
    crash(): Promise<void>;
}
/** What a hypervisor plugin owes after its process has died in the middle of something. */
export declare function hypervisorCrashChecks(suite: HypervisorCrashSuite): readonly Check[];

// testing/hypervisor/inventory.d.ts
import type { Check } from '../check.ts';
import type { HypervisorYard } from './yard.ts';
/** What the hypervisor says that it has. */
export declare function inventoryChecks(yard: HypervisorYard): readonly Check[];

// testing/hypervisor/making.d.ts
import type { Check } from '../check.ts';
import type { HypervisorYard } from './yard.ts';
/** Making machines, as a restore does. */
export declare function makingChecks(yard: HypervisorYard): readonly Check[];

// testing/hypervisor/snapshots.d.ts
import type { Check } from '../check.ts';
import type { HypervisorYard } from './yard.ts';
/** Freezing a machine, reading its disks, letting go. */
export declare function snapshotChecks(yard: HypervisorYard): readonly Check[];

// testing/hypervisor/suite.d.ts
import type { Check } from '../check.ts';
import { type HypervisorSuite } from './yard.ts';
/**
 * Everything that techniques rely on in a hypervisor. The checks take snapshots of one machine; where the plugin can make
 * machines they make some and leave one that was adopted, so the endpoint must be one made for the purpose.
 */
export declare function hypervisorChecks(suite: HypervisorSuite): readonly Check[];

// testing/hypervisor/yard.d.ts
import { type Call } from '../../call.ts';
import type { Hypervisor, OwnedThing, Snapshot } from '../../hypervisor.ts';
import type { Machine, OwnerMark } from '../../machine.ts';
/** What the hypervisor suite needs. */
export interface HypervisorSuite {
    /** An open endpoint with at least one machine that can be protected. */
    readonly hypervisor: Hypervisor;
    /** Name of the machine to snapshot. Default is the first that can be protected. */
    readonly machine?: string;
    /**
     * Set when a snapshot may make nothing in the world that could outlive the process, as of a machine that is off and read in
     * place: then none needs to be listed as owned. Default is `false`.
     */
    readonly snapshotsLeaveNothing?: boolean;
}
/** An endpoint as the checks use it, with a mark of their own on everything that they make. */
export declare class HypervisorYard {
    #private;
    readonly hypervisor: Hypervisor;
    readonly call: Call;
    readonly snapshotsLeaveNothing: boolean;
    constructor(suite: HypervisorSuite);
    mark(): OwnerMark;
    machines(): Promise<readonly Machine[]>;
    machine(): Promise<Machine>;
    /** Things that carry a mark of these checks. */
    owned(): Promise<readonly OwnedThing[]>;
    /** A snapshot of the machine, released whatever happens. */
    withSnapshot<T>(work: (snapshot: Snapshot, machine: Machine) => Promise<T>): Promise<T>;
    /** Nothing of these checks is left. */
    demandClean(after: string): Promise<void>;
}

// testing/index.d.ts
/**
 * The conformance kit: what Holdfast expects of a plugin, as checks that can be run. It needs no test framework: each
 * suite is a list of named asynchronous checks. `holdfast plugin test` runs them in process and across a worker.
 */
export { type Check, type CheckOptions, type CheckResult, differences, type Report, runChecks } from './check.ts';
export { collect, demand, demandFailure, NotConforming } from './expect.ts';
export type { Fixture, Fixtures, Prepared } from './fixture.ts';
export { hostileTexts } from './hostile.ts';
export { type HypervisorCrashSuite, hypervisorCrashChecks } from './hypervisor/crash.ts';
export { hypervisorChecks } from './hypervisor/suite.ts';
export type { HypervisorSuite } from './hypervisor/yard.ts';
export { type MediaLibrarySuite, mediaLibraryChecks } from './media-library/suite.ts';
export { type NotifierSuite, notifierChecks } from './notifier/suite.ts';
export { objectStoreCrashChecks, type StoreCrashSuite } from './object-store/crash.ts';
export { type ObjectStoreSuite, objectStoreChecks } from './object-store/suite.ts';
export { type SheetSuite, sheetChecks } from './sheet/suite.ts';
export { PracticeWorld, practiceNames } from './technique/practice-world.ts';
export { type TechniqueSuite, techniqueChecks } from './technique/suite.ts';

// testing/media-library/suite.d.ts
import type { MediaLibrary } from '../../media.ts';
import type { Check } from '../check.ts';
/** What the suite needs: a library, and a cartridge in a slot that it may write over. */
export interface MediaLibrarySuite {
    readonly library: MediaLibrary;
    /** Barcode of the cartridge whose content is lost. */
    readonly scratch: string;
}
/** Everything that media sets rely on in a library, in order. The cartridge is back in its slot in the end. */
export declare function mediaLibraryChecks({ library, scratch }: MediaLibrarySuite): readonly Check[];

// testing/notifier/suite.d.ts
import type { Notifier } from '../../notifier.ts';
import type { Check } from '../check.ts';
/** What the suite needs: a notifier, and what tells which notices have arrived where it sends them. */
export interface NotifierSuite {
    readonly notifier: Notifier;
    /** Everything that has arrived so far, as texts that hold the notices' ids and titles in some form; absent: nobody can tell. */
    readonly received?: () => Promise<readonly string[]>;
    /** Opens one whose receiver is not there; absent: there is always one. */
    readonly lost?: () => Promise<Notifier>;
}
/** Everything that core relies on in a notifier, in order. */
export declare function notifierChecks({ notifier, received, lost }: NotifierSuite): readonly Check[];

// testing/object-store/content.d.ts
import type { Check } from '../check.ts';
import type { ProbeStore } from './probe-store.ts';
/** What goes in comes out. */
export declare function contentChecks(probe: ProbeStore): readonly Check[];

// testing/object-store/crash.d.ts
import type { ObjectStore } from '../../target.ts';
import type { Check } from '../check.ts';
/** A store whose process can be made to die. */
export interface StoreCrashSuite {
    /** Opens the store, in a process that lives. */
    open(): Promise<ObjectStore>;
    /** Ends the process that the store runs in, at once. */
    crash(): Promise<void>;
}
/** What a store owes after its process has died in the middle of something. */
export declare function objectStoreCrashChecks(suite: StoreCrashSuite): readonly Check[];

// testing/object-store/facts.d.ts
import type { ObjectStore } from '../../target.ts';
import type { Check } from '../check.ts';
import type { ProbeStore } from './probe-store.ts';
/** What the store says of itself, and whether it is so. */
export declare function factChecks(probe: ProbeStore, reopen: (() => Promise<ObjectStore>) | null): readonly Check[];

// testing/object-store/naming.d.ts
import type { Check } from '../check.ts';
import type { ProbeStore } from './probe-store.ts';
/** Names that are names, and names that are not. */
export declare function namingChecks(probe: ProbeStore): readonly Check[];

// testing/object-store/probe-store.d.ts
import { type Call } from '../../call.ts';
import type { ByteRange, ObjectInfo, ObjectStore, PutOptions } from '../../target.ts';
/** A store as the checks use it: every name below one prefix of their own. */
export declare class ProbeStore {
    #private;
    /** The store, as it was opened last. */
    store: ObjectStore;
    readonly call: Call;
    constructor(store: ObjectStore, prefix: string);
    name(suffix: string): string;
    put(suffix: string, body: Uint8Array, how?: PutOptions, call?: Call): Promise<unknown>;
    get(suffix: string, range?: ByteRange | null, call?: Call): Promise<Uint8Array>;
    /** Names without the prefix, in order. */
    list(suffix?: string): Promise<readonly string[]>;
    infos(suffix?: string): Promise<readonly ObjectInfo[]>;
    remove(suffix: string, call?: Call): Promise<void>;
    /** Removes all that is below the prefix, but for what is locked. */
    clear(): Promise<void>;
}

// testing/object-store/suite.d.ts
import type { ObjectStore } from '../../target.ts';
import type { Check } from '../check.ts';
/** What the suite needs besides a store. */
export interface ObjectStoreSuite {
    /** An open store. The checks use names below `conformance/` and remove them in the end. */
    readonly store: ObjectStore;
    /** Opens the same store anew; `null` for one that keeps nothing. */
    readonly reopen: (() => Promise<ObjectStore>) | null;
    /** How many objects to store for the listing. Default is 10,000. */
    readonly manyObjects?: number;
}
/** Everything that the repository relies on in a store, in order: later checks use objects of earlier ones. */
export declare function objectStoreChecks(suite: ObjectStoreSuite): readonly Check[];

// testing/object-store/together.d.ts
import type { Check } from '../check.ts';
import type { ProbeStore } from './probe-store.ts';
/** Many at once, and callers that change their mind. */
export declare function togetherChecks(probe: ProbeStore): readonly Check[];

// testing/object-store/volume.d.ts
import type { Check } from '../check.ts';
import type { ProbeStore } from './probe-store.ts';
/** As many objects as a store of some size has in one place. */
export declare function volumeChecks(probe: ProbeStore, manyObjects: number): readonly Check[];

// testing/sheet/suite.d.ts
import type { Hypervisor } from '../../hypervisor.ts';
import { type SheetFamily } from '../../sheet/sheet.ts';
import type { ObjectStore } from '../../target.ts';
import type { Check } from '../check.ts';
/** What the suite needs: a sheet, and what it speaks of where that can be tried. */
export interface SheetSuite {
    readonly families: readonly SheetFamily[];
    readonly answers: unknown;
    readonly hypervisor?: Hypervisor;
    readonly store?: ObjectStore;
}
/** Whether a capability sheet is whole, and says what the methods can do. */
export declare function sheetChecks(suite: SheetSuite): readonly Check[];

// testing/technique/practice-hypervisor.d.ts
import type { Call } from '../../call.ts';
import type { DiskSink, DiskSource } from '../../disk.ts';
import type { CheckItem, DiskRef, Hypervisor, OwnedThing, Snapshot, SnapshotWish } from '../../hypervisor.ts';
import type { Machine, MachineSpec } from '../../machine.ts';
import type { PracticeLedger } from './practice-ledger.ts';
/** A hypervisor of practice: machines without bytes, and a list of all that was made and not removed. */
export declare class PracticeHypervisor implements Hypervisor {
    #private;
    readonly machinesById: Map<string, Machine>;
    readonly things: Map<string, OwnedThing>;
    constructor(ledger: PracticeLedger, machine: Machine);
    check(): Promise<readonly CheckItem[]>;
    machines(call: Call): AsyncGenerator<Machine>;
    snapshot(machine: string, want: SnapshotWish, call: Call): Promise<Snapshot>;
    release(snapshot: string, call: Call): Promise<void>;
    owned(call: Call): AsyncGenerator<OwnedThing>;
    removeOwned(id: string, call: Call): Promise<void>;
    openDisk(ref: DiskRef, call: Call): Promise<DiskSource>;
    closeDisk(_source: DiskSource, call: Call): Promise<void>;
    create(spec: MachineSpec, call: Call): Promise<string>;
    openDiskForWrite(ref: DiskRef, call: Call): Promise<DiskSink>;
    closeSink(_sink: DiskSink, call: Call): Promise<void>;
    adopt(machine: string, call: Call): Promise<void>;
    close(): Promise<void>;
}

// testing/technique/practice-ledger.d.ts
import type { Call, Plain } from '../../call.ts';
import { HoldfastError } from '../../errors.ts';
import type { Intent } from '../../technique.ts';
/** What a world of practice writes down, and where it can be made to fail. */
export declare class PracticeLedger {
    #private;
    /** Every call that reached the world, in order, for example `snapshot m-1`. */
    readonly calls: string[];
    readonly intents: Map<string, Intent>;
    readonly reasons: string[];
    checkpoint: Plain;
    /** The call with this number, from 0, and all after it fail as if the process had died. `null`: none. */
    dieAt(call: number | null): void;
    /** Writes a call down. */
    enter(what: string, call: Call | null): void;
    nextId(kind: string): string;
}
/** The process that ran a step is gone: nothing that the step catches here would have run. */
export declare class Died extends HoldfastError {
    constructor();
}

// testing/technique/practice-machine.d.ts
import type { Machine } from '../../machine.ts';
/** A machine to practise on: switched off, two disks of 16 MiB. */
export declare function practiceMachine(id: string, name: string): Machine;

// testing/technique/practice-repository.d.ts
import type { Call } from '../../call.ts';
import type { Machine } from '../../machine.ts';
import type { OpenedPoint, PointMeta, PointRef, PointSummary } from '../../point.ts';
import type { RepositoryHandle } from '../../technique.ts';
import type { PracticeLedger } from './practice-ledger.ts';
/** A repository of practice: restore points without bytes. */
export declare class PracticeRepository implements RepositoryHandle {
    #private;
    readonly committed: Map<string, OpenedPoint>;
    /** Writers that were begun and neither committed nor abandoned. */
    readonly writers: Set<string>;
    constructor(ledger: PracticeLedger, target: string);
    begin(machine: {
        readonly endpoint: string;
        readonly id: string;
    }, call: Call): Promise<string>;
    commit(writer: string, meta: PointMeta, call: Call): Promise<PointRef>;
    abandon(writer: string, call: Call): Promise<void>;
    points(machine: string, call: Call): Promise<readonly PointSummary[]>;
    open(point: string, call: Call): Promise<OpenedPoint>;
    /** A restore point as if it had been written. */
    add(point: string, meta: PointMeta): PointRef;
}
/** What a restore point of a machine says. */
export declare function metaOf(machine: Machine, endpoint: string, takenAt: number): PointMeta;

// testing/technique/practice-world.d.ts
import { type Call } from '../../call.ts';
import type { Artifacts, PlanFacts, Port, StepRun } from '../../technique.ts';
import { PracticeHypervisor } from './practice-hypervisor.ts';
import { PracticeLedger } from './practice-ledger.ts';
import { PracticeRepository } from './practice-repository.ts';
/** Names under which a world of practice has its endpoint, its target and its machine. */
export declare const practiceNames: {
    readonly endpoint: 'practice';
    readonly target: 'practice-store';
};
/**
 * A small world in memory in which a step can be run: one endpoint, one target, one machine. It moves no bytes; it keeps
 * account of what was announced, made and removed, and can fail at any call.
 */
export declare class PracticeWorld {
    #private;
    readonly ledger: PracticeLedger;
    readonly hypervisor: PracticeHypervisor;
    readonly repository: PracticeRepository;
    readonly slots: Set<string>;
    constructor(machineName?: string);
    /** Artifacts for these ports, made outside of any step. */
    give(ports: readonly Port[]): Promise<Artifacts>;
    /** What is left in the world of the site of these checks: things, open writers, held slots. */
    leftovers(): readonly string[];
    /** Another process takes over: open writers and held slots went with the one that died. */
    restart(): void;
    facts(): PlanFacts;
    run(attempt?: number, call?: Call): StepRun;
}

// testing/technique/suite.d.ts
import { type Plain } from '../../call.ts';
import type { Port, Step } from '../../technique.ts';
import type { Check } from '../check.ts';
/** What the suite needs: a step, its ports by the manifest, and settings that fit `practiceNames`. */
export interface TechniqueSuite {
    readonly step: Step;
    readonly needs: readonly Port[];
    readonly gives: readonly Port[];
    readonly settings: Readonly<Record<string, Plain>>;
}
/** Everything that the engine relies on in a step. It runs in a world of practice: nothing outside of memory is touched. */
export declare function techniqueChecks({ step, needs, gives, settings }: TechniqueSuite): readonly Check[];

// version.d.ts
/** Version of this contract; `engines.holdfast` of a manifest is a range of it. */
export declare const apiVersion = "1.0.0";

// view.d.ts
import type { Plain } from './call.ts';
/**
 * View models: what a command or a plugin shows, as data. The shell draws them in the workbench, prints them as text
 * for a terminal, a pipe or a screen reader, and hands them out as JSON. Strings are text, never escape sequences.
 */
export type View = TableView | TreeView | FormView | DetailView | LogView | MarkdownView | ChartView | StackView;
/** What a value means, so that each front can show it in its own way and always the same. */
export type Cell = {
    readonly kind: 'text';
    readonly text: string;
} | {
    readonly kind: 'state';
    readonly text: string;
    readonly tone: Tone;
} | {
    readonly kind: 'bytes';
    readonly bytes: number;
} | {
    readonly kind: 'count';
    readonly count: number;
} | {
    readonly kind: 'ratio';
    readonly ratio: number;
} | {
    readonly kind: 'duration';
    readonly ms: number;
} | {
    readonly kind: 'time';
    readonly at: number;
} | {
    readonly kind: 'none';
};
/** Colour carries meaning only; every tone also has a sign, so that mono works. */
export type Tone = 'good' | 'risk' | 'bad' | 'active' | 'quiet';
export interface Column {
    readonly key: string;
    readonly title: string;
    /** Default is `left`; numbers are `right`. */
    readonly align?: 'left' | 'right';
    /** Columns of low priority go first where room is short. Default is 1; 0 always stays. */
    readonly priority?: number;
}
export interface TableView {
    readonly kind: 'table';
    readonly title: string;
    readonly columns: readonly Column[];
    readonly rows: readonly TableRow[];
    /** Shown instead of an empty table: what is missing and the command that adds it. */
    readonly empty: string;
}
export interface TableRow {
    /** What a command takes as its argument for this row. */
    readonly id: string;
    readonly cells: Readonly<Record<string, Cell>>;
    /** What Enter does with this row, where it is not what the view says. */
    readonly open?: {
        readonly command: string;
        readonly args: Readonly<Record<string, Plain>>;
    };
}
export interface TreeNode {
    readonly id: string;
    readonly label: string;
    readonly detail?: Cell;
    readonly children: readonly TreeNode[];
}
export interface TreeView {
    readonly kind: 'tree';
    readonly title: string;
    readonly roots: readonly TreeNode[];
    readonly empty: string;
}
/** A form made from a JSON schema; `command` gets its values as arguments. */
export interface FormView {
    readonly kind: 'form';
    readonly title: string;
    readonly command: string;
    readonly schema: JsonSchema;
    readonly values: Readonly<Record<string, unknown>>;
}
export interface DetailView {
    readonly kind: 'detail';
    readonly title: string;
    readonly fields: readonly {
        readonly key: string;
        readonly title: string;
        readonly value: Cell;
    }[];
}
export interface LogView {
    readonly kind: 'log';
    readonly title: string;
    readonly lines: readonly {
        readonly at: number;
        readonly level: 'debug' | 'info' | 'warn' | 'error';
        readonly text: string;
    }[];
}
export interface MarkdownView {
    readonly kind: 'markdown';
    readonly title: string;
    readonly text: string;
}
export interface ChartView {
    readonly kind: 'chart';
    readonly title: string;
    /** `timeline`: x are epoch milliseconds, each point an event. `heat`: one row for each series, x counts cells, y is 0 (well) to 1 (ill). */
    readonly form: 'line' | 'bar' | 'timeline' | 'heat';
    readonly unit: 'bytes' | 'count' | 'ms' | 'ratio';
    readonly series: readonly {
        readonly title: string;
        readonly points: readonly ChartPoint[];
    }[];
}
export interface ChartPoint {
    readonly x: number;
    readonly y: number;
    /** What the point stands for, as a command takes it: a restore point, a run. */
    readonly id?: string;
    readonly tone?: Tone;
    /** Told when the point is chosen: `verified`, `locked until 2027-02-20`. */
    readonly notes?: readonly string[];
}
/** Several views, one below the other. */
export interface StackView {
    readonly kind: 'stack';
    readonly title: string;
    readonly views: readonly View[];
}
/** A JSON schema, draft 2020-12, of the subset that a form can show. */
export type JsonSchema = {
    readonly [key: string]: unknown;
};

// wire.d.ts
/** The service interfaces that may cross the boundary between host and plugin. Everything else is plain data. */
export type ServiceName = 'hypervisor' | 'guestChannel' | 'objectStore' | 'mediaLibrary' | 'tapeDrive' | 'step' | 'stepRun' | 'planFacts' | 'repositoryHandle' | 'mediaHandle' | 'notifier' | 'slot' | 'opening';
/** What an argument is: plain data, the `Call`, or a service that the callee may use until the call has ended. */
export type ArgumentShape = 'plain' | 'call' | {
    readonly service: ServiceName;
};
/**
 * What a method answers: nothing that is waited for, a promise of plain data, an async iterable of plain data, or a
 * promise of a service, which lives until its `close` or `release`, or until the call in which it was handed out ends.
 */
export type AnswerShape = 'at-once' | 'plain' | 'stream' | {
    readonly service: ServiceName;
};
/** How one method crosses. */
export interface MethodShape {
    readonly takes: readonly ArgumentShape[];
    readonly gives: AnswerShape;
    /** A capability: a service without it says so by not having the method. */
    readonly optional?: true;
    /** Ends the service: nothing is called on it afterwards. */
    readonly ends?: true;
}
/** How a service crosses. */
export interface ServiceShape {
    readonly methods: Readonly<Record<string, MethodShape>>;
    /** Properties that are plain data; they are copied when the service is handed over. */
    readonly data: readonly string[];
    /** The service is a `Call` too: signal, deadline, who, log and progress belong to it. */
    readonly isCall?: true;
    /** A method that answers the time at once, in epoch milliseconds. */
    readonly clock?: string;
}
/**
 * How each service crosses the boundary: which method gives a value, a stream or another service, and which argument is
 * one. A transport needs nothing else; the compiler keeps it equal to the interfaces.
 */
export declare const services: Readonly<Record<ServiceName, ServiceShape>>;
