import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, type MoveOptions, makeCall, type ObjectStore } from '@holdfast/api';
import { expect } from 'vitest';
import { openDataPlane } from '../../../core/repository/data/open.ts';
import type { DataPlane, DataPlaneOptions } from '../../../core/repository/data-plane.ts';
import type { DiskContents } from '../../../core/repository/disk-contents.ts';
import type { RepositorySecrets, Suite } from '../../../core/repository/suite.ts';
import { emptyImage, rawImage } from '../sample-disks.ts';

export const suite: Suite = {
  repositoryId: '00112233445566778899aabbccddeeff',
  hash: 'blake3',
  chunker: {
    kind: 'aligned',
    blockBytes: 4096,
    minimumBytes: 16_384,
    averageBytes: 65_536,
    maximumBytes: 262_144,
    windowBytes: 4 * 1024 * 1024,
  },
  segmentBytes: 64 * 1024 * 1024,
};

/** Small windows and segments, so that a disk of a few megabytes has many. */
export const smallSuite: Suite = {
  ...suite,
  chunker: { ...suite.chunker, windowBytes: 512 * 1024 },
  segmentBytes: 1024 * 1024,
};

export const secrets: RepositorySecrets = {
  family: Buffer.alloc(32, 1),
  generations: { 1: Buffer.alloc(32, 2) },
  current: 1,
};

/** A data plane that is open, with a folder for disks. */
export interface PlaneLab extends AsyncDisposable {
  readonly store: ObjectStore;
  readonly folder: string;
  readonly plane: DataPlane;
  /** Another data plane over the same store; `cache` names its cache folder. */
  open(more?: Partial<DataPlaneOptions>, cache?: string): Promise<DataPlane>;
}

export async function openPlaneLab(store: ObjectStore, more: Partial<DataPlaneOptions> = {}): Promise<PlaneLab> {
  const stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-plane-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const open = async (other: Partial<DataPlaneOptions> = {}, cache = 'cache'): Promise<DataPlane> => {
    const options: DataPlaneOptions = {
      store,
      suite,
      secrets,
      cacheFolder: join(folder, cache),
      workers: 1,
      level: 1,
      packBytes: 512 * 1024,
      ...more,
      ...other,
    };
    const plane = await openDataPlane(options);
    stack.defer(() => plane.close());
    return plane;
  };
  const plane = await open();
  return { store, folder, plane, open, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

let images = 0;

export const newLease = (): string => randomBytes(16).toString('hex');

/** Writes disks under one lease and makes them durable. */
export async function writeDisks(
  lab: Pick<PlaneLab, 'folder'>,
  plane: DataPlane,
  disks: readonly Buffer[],
  how: MoveOptions = {},
  base: DiskContents | null = null,
  call: Call = makeCall(),
) {
  await plane.refresh(call);
  const lease = newLease();
  const writer = plane.openWriter(lease);
  try {
    const written = [];
    for (const disk of disks) {
      const source = await rawImage(lab.folder, `source-${images++}.raw`, disk);
      written.push(await writer.writeDisk(source, base, how, call));
    }
    return { lease, written, ...(await writer.flush(call)) };
  } finally {
    await writer.abandon();
  }
}

/** Writes one disk and answers what it consists of. */
export async function writeDisk(
  lab: Pick<PlaneLab, 'folder'>,
  plane: DataPlane,
  disk: Buffer,
  how: MoveOptions = {},
  base: DiskContents | null = null,
) {
  const { written, ...rest } = await writeDisks(lab, plane, [disk], how, base);
  const [first] = written;
  if (first === undefined) throw new Error('nothing was written');
  return { ...first, ...rest };
}

/** Restores a disk into an empty image; `failure` is what was thrown. */
export async function restoreDisk(lab: Pick<PlaneLab, 'folder'>, plane: DataPlane, contents: DiskContents) {
  const image = await emptyImage(lab.folder, `restored-${images++}.raw`, contents.sizeBytes);
  let failure: unknown = null;
  await plane.restoreDisk(contents, image.sink, makeCall()).catch((thrown: unknown) => {
    failure = thrown;
  });
  const bytes = await image.bytes();
  await rm(image.sink.path);
  return { bytes, failure };
}

/** Restores a disk and compares it byte for byte. */
export async function expectRestored(
  lab: Pick<PlaneLab, 'folder'>,
  plane: DataPlane,
  contents: DiskContents,
  disk: Buffer,
): Promise<void> {
  const { bytes, failure } = await restoreDisk(lab, plane, contents);
  expect(failure).toBeNull();
  // Without `toEqual`, which takes seconds for megabytes.
  expect(bytes.equals(disk)).toBe(true);
}
