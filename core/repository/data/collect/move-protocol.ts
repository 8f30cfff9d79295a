import type { RepositorySecrets, Suite } from '../../suite.ts';

/** What a thread needs to open the packs of another repository. */
export interface SourceKeys {
  readonly suite: Suite;
  readonly secrets: RepositorySecrets;
}

/** How a thread takes part in moving records. The arrays are shared by all threads of a mover. */
export interface MoveSetup {
  /** Names the mover within this process. */
  readonly mover: number;
  readonly lease: string;
  readonly run: number;
  /** `null` when the packs are of this very repository. */
  readonly source: SourceKeys | null;
  /** Whether records that are as plain as they came are checked against their ids and compressed. */
  readonly finish: boolean;
  /** Most bytes a second that are read; 0 for no limit. */
  readonly limit: number;
  readonly control: SharedArrayBuffer;
  readonly sums: SharedArrayBuffer;
}

/** Records of one pack to be moved. */
export interface MoveOrder {
  /** 32 hexadecimal digits. */
  readonly pack: string;
  /** Chunk ids, 32 bytes each; `null` for all that are whole. */
  readonly ids: Uint8Array | null;
}

/** An order on its way to a thread. */
export interface ThreadOrder extends MoveOrder {
  readonly mover: number;
  /** Whether records are only read and authenticated, and stay where they are. */
  readonly checkOnly: boolean;
}

/** What became of an order. */
export interface MoveReport {
  readonly pack: string;
  readonly isThere: boolean;
  /** Whether the pack's own list is whole; if not, what its records tell was gone by. */
  readonly isListWhole: boolean;
  readonly moved: number;
  /** Bytes of the moved records' bodies, as they are stored. */
  readonly movedBytes: number;
  /** Ids of records that were wanted and are not whole, or not in this pack; 32 bytes each. */
  readonly lost: Uint8Array;
}

/** Memory for a pack is wanted, or a part of a pack of the source. */
export interface MoverWish {
  readonly mover: number;
  readonly plainBytes: number;
}

export interface SourceWish {
  readonly mover: number;
  readonly pack: string;
  readonly offset: number;
  readonly length: number;
}

/** A pack that a thread has sealed. */
export interface MovedPack {
  readonly mover: number;
  readonly number: number;
  readonly pack: string;
  readonly generation: number;
  readonly memory: ArrayBuffer;
  readonly length: number;
  readonly list: Uint8Array;
}
