import type { DedupeMode, DiskSource } from '@holdfast/api';
import type { RepositorySecrets, Suite } from '../../suite.ts';
import type { SharedIndex } from '../index/index-view.ts';

/** What a thread is started with. */
export interface ThreadStart {
  readonly suite: Suite;
  readonly secrets: RepositorySecrets;
  readonly level: number;
}

/** What a lane is told that shall come to its end. */
export const END_LANE = 'lane.end';

/** Words of `WriteSetup.control`. */
export const CONTROL = { stop: 0, next: 1, packs: 2, words: 16 } as const;

/** Counters of `WriteSetup.sums`, 64 bits each. */
export const SUMS = {
  read: 0,
  zero: 1,
  duplicate: 2,
  fresh: 3,
  stored: 4,
  sourceNs: 5,
  targetNs: 6,
  /** When the next window may be read, by the monotonic clock; for a limit. */
  nextReadNs: 7,
  /** Pieces of an older state whose chunks are in no pack any more, and their bytes: they are read again. */
  againPieces: 8,
  againBytes: 9,
  /** Parts of an older map that cannot be read, and the bytes that they cover: all of those are read. */
  blindLists: 10,
  blindBytes: 11,
  /** Bytes that differ from the older state although nobody told so. */
  untoldBytes: 12,
  words: 16,
} as const;

/** States of a pack that a writer makes, in `WriteSetup.states` by its number. */
export const PACK_OPEN = 0;
export const PACK_DURABLE = 1;
export const PACK_LOST = 2;

/** Packs of a writer that are numbered between two index runs. */
export const MOST_PACKS = 16_384;
/** A number that no pack gets: it is always lost, and so is what is said to lie in it. */
export const NOWHERE = MOST_PACKS - 1;

/** How a thread takes part in a writer. All memory is shared by the writer's threads. */
export interface WriteSetup {
  /** Names the writer within this process. */
  readonly writer: number;
  readonly lease: string;
  readonly run: number;
  readonly dedupe: DedupeMode;
  readonly table: SharedArrayBuffer;
  readonly states: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
  readonly sums: SharedArrayBuffer;
  readonly index: SharedIndex;
}

/** What has changed since an older state of a disk. */
export interface Tracked {
  /** Start and end of each changed extent in turn, in bytes, ascending and disjoint, of whole blocks. */
  readonly extents: Float64Array;
  /** Ids of the older segment lists, 32 bytes each, zeros for segments without data; `null` when all else is zeros. */
  readonly base: Uint8Array | null;
}

/** Part of a disk to be written: threads claim units from the list until there are no more. */
export interface Round {
  readonly writer: number;
  readonly from: DiskSource;
  /** Numbers of windows; of segments when changes are tracked. Shared. */
  readonly units: Uint32Array;
  /** Bytes per second, or 0 for no limit. */
  readonly limit: number;
  /** `null` when all of each unit is read. */
  readonly tracked: Tracked | null;
}

/** Why a thread ended a round. */
export type RoundEnd = 'done' | 'crowded' | 'stopped';

/** Units that a thread has finished. */
export interface UnitReport {
  readonly writer: number;
  readonly units: readonly number[];
  /** For each unit its part of the segment list. */
  readonly lists: readonly Uint8Array[];
  /** Packs, by number, that these units need and that were not durable. */
  readonly packs: readonly number[];
}

/** A pack that a thread has sealed. */
export interface PackReport {
  readonly writer: number;
  readonly number: number;
  readonly pack: string;
  readonly generation: number;
  readonly memory: ArrayBuffer;
  readonly length: number;
  readonly list: Uint8Array;
}

/** Memory for a pack is wanted. */
export interface PackWish {
  readonly writer: number;
  /** Length of the chunk that is to go into it. */
  readonly plainBytes: number;
}

/** Memory for a new pack, and the number that the writer knows the pack by. */
export interface PackGrant {
  readonly memory: ArrayBuffer;
  readonly number: number;
}

/** A chunk that was stored for the main thread. */
export interface StoredChunk {
  readonly id: Uint8Array;
  /** Packs, by number, that it needs and that were not durable. */
  readonly packs: readonly number[];
}
