import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedDisk, sampleDisk } from '../sample-disks.ts';

/** A disk that its seeds make again. */
export interface GoldenDisk {
  readonly seed: string;
  readonly sizeBytes: number;
  readonly changes?: { readonly seed: string; readonly blocks: number };
}

/** What is in a golden repository; `v1.json` beside the folder `v1`. */
export interface Golden {
  readonly passphrase: string;
  readonly recoveryWords: string;
  /** Oldest first. */
  readonly points: readonly { readonly point: string; readonly disks: Readonly<Record<string, GoldenDisk>> }[];
}

/** The bytes of a disk, and what was written to it since the restore point before. */
export function goldenDisk(
  { seed, sizeBytes, changes: own }: GoldenDisk,
  changes = own,
): { readonly disk: Buffer; readonly extents: readonly { readonly offset: number; readonly length: number }[] } {
  const disk = sampleDisk(seed, sizeBytes);
  return changes === undefined ? { disk, extents: [] } : changedDisk(disk, changes.seed, changes.blocks);
}

/** Versions of the format of which a golden repository is kept: every one that was ever released must stay readable. */
export const goldenVersions = ['v1'] as const;

export const goldenFolder = (version: string): string => join(import.meta.dirname, version);

export const readGolden = (version: string): Golden =>
  JSON.parse(readFileSync(join(import.meta.dirname, `${version}.json`), 'utf8'));
