import { Fields } from '../documents/fields.ts';
import { idPattern } from '../documents/names.ts';

/** `tombstones/<epoch>`: what a collector is about to remove. */
export interface Tombstone {
  readonly version: 1;
  readonly epoch: number;
  readonly packs: readonly string[];
  /** Forgotten restore points whose commits and manifests go too. */
  readonly points: readonly string[];
  readonly writtenAt: number;
}

/** `tombstones/<epoch>.leases`: who had begun before, and may still need it. */
export interface Awaited {
  readonly version: 1;
  readonly epoch: number;
  readonly leases: readonly string[];
  readonly writtenAt: number;
}

const MOST_PACKS = 10_000_000;
const MOST_POINTS = 1_000_000;
const MOST_LEASES = 1_000_000;

export const tombstoneName = (epoch: number): string => `tombstones/${String(epoch).padStart(12, '0')}`;
export const awaitedName = (epoch: number): string => `${tombstoneName(epoch)}.leases`;
/** What they are called. */
export const tombstonePattern = /^tombstones\/([0-9]{12})(\.leases)?$/;

/** @throws {HoldfastError} `REPOSITORY_DAMAGED` */
export function parseTombstone(value: unknown, what: string, epoch: number): Tombstone {
  const fields = new Fields(value, what);
  fields.integer('version', 1, 1);
  if (fields.integer('epoch') !== epoch) throw fields.wrong('epoch', 'is not the one in the name');
  return {
    version: 1,
    epoch,
    packs: fields.texts('packs', MOST_PACKS, idPattern),
    points: fields.has('points') ? fields.texts('points', MOST_POINTS, idPattern) : [],
    writtenAt: fields.integer('writtenAt'),
  };
}

/** @throws {HoldfastError} `REPOSITORY_DAMAGED` */
export function parseAwaited(value: unknown, what: string, epoch: number): Awaited {
  const fields = new Fields(value, what);
  fields.integer('version', 1, 1);
  if (fields.integer('epoch') !== epoch) throw fields.wrong('epoch', 'is not the one in the name');
  return {
    version: 1,
    epoch,
    leases: fields.texts('leases', MOST_LEASES, idPattern),
    writtenAt: fields.integer('writtenAt'),
  };
}
