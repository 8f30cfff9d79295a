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
export type MachineChange =
  | { readonly kind: 'seen'; readonly machine: Machine }
  | { readonly kind: 'gone'; readonly machine: MachineId }
  | { readonly kind: 'resync' };

/** What a restore asks a hypervisor to make. */
export interface MachineSpec {
  readonly name: string;
  readonly disks: readonly { readonly key: string; readonly sizeBytes: number; readonly format: DiskFormat }[];
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
