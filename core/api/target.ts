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
