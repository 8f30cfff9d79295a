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
