import { HoldfastError } from '@holdfast/api';
import type { PickedFile } from '../pick-files.ts';

/** A folder of the image to be, with room for its entries. */
export interface FatFolder {
  readonly name: string;
  readonly parent: FatFolder | null;
  readonly folders: Map<string, FatFolder>;
  readonly files: Map<string, FatFile>;
  cluster: number;
  clusters: number;
}

export interface FatFile {
  readonly name: string;
  readonly source: PickedFile;
  cluster: number;
  clusters: number;
}

/** Where everything goes. */
export interface FatPlan {
  readonly sizeBytes: number;
  readonly clusterBytes: number;
  readonly fatBytes: number;
  /** Offset of cluster 2, the first one. */
  readonly dataOffset: number;
  readonly clusterCount: number;
  readonly root: FatFolder;
}

export const sectorBytes = 512;
const reservedBytes = 32 * sectorBytes;
/** Fewer clusters than this make a FAT16 of it; see Microsoft's FAT specification 1.03, page 14. */
const leastClusters = 65525;
const leastBytes = 48 * 1024 * 1024;

/** Decides where each file and folder goes: everything in one piece, in order. */
export function planFat32(files: readonly PickedFile[], wantedBytes: number): FatPlan {
  const sizeBytes = Math.ceil(Math.max(wantedBytes, leastBytes) / 4096) * 4096;
  const clusterBytes = sizeBytes / 4096 > leastClusters + 4096 ? 4096 : sectorBytes;
  const fatBytes = roundUp(((sizeBytes - reservedBytes) / clusterBytes + 2) * 4, sectorBytes);
  const dataOffset = roundUp(reservedBytes + 2 * fatBytes, 4096);
  const clusterCount = Math.floor((sizeBytes - dataOffset) / clusterBytes);
  const root = newFolder('', null);
  for (const file of files) addFile(root, file);
  let next = 2;
  const place = (thing: FatFolder | FatFile, bytes: number): void => {
    thing.clusters = Math.ceil(bytes / clusterBytes);
    thing.cluster = thing.clusters === 0 ? 0 : next;
    next += thing.clusters;
  };
  const placeFolder = (folder: FatFolder): void => {
    place(folder, Math.max(entryBytes(folder), 1));
    for (const file of folder.files.values()) place(file, file.source.sizeBytes);
    for (const inner of folder.folders.values()) placeFolder(inner);
  };
  placeFolder(root);
  if (next - 2 > clusterCount) {
    throw new HoldfastError('DISK_SPACE', `the files do not fit onto a disk of ${sizeBytes} bytes`);
  }
  return { sizeBytes, clusterBytes, fatBytes, dataOffset, clusterCount, root };
}

const newFolder = (name: string, parent: FatFolder | null): FatFolder => ({
  name,
  parent,
  folders: new Map(),
  files: new Map(),
  cluster: 0,
  clusters: 0,
});

/** Adds a file unless FAT cannot hold its name, or has one already that differs in case only. */
function addFile(root: FatFolder, source: PickedFile): void {
  const names = source.path.split('/');
  const name = names.pop() ?? '';
  if (![...names, name].every(isFatName)) return;
  let folder = root;
  for (const part of names) {
    const key = part.toUpperCase();
    if (folder.files.has(key)) return;
    const inner: FatFolder = folder.folders.get(key) ?? newFolder(part, folder);
    folder.folders.set(key, inner);
    folder = inner;
  }
  const key = name.toUpperCase();
  if (folder.files.has(key) || folder.folders.has(key) || source.sizeBytes >= 2 ** 32) return;
  folder.files.set(key, { name, source, cluster: 0, clusters: 0 });
}

/** Bytes of a folder's entries: for each name one short entry and one long one for each 13 characters. */
function entryBytes(folder: FatFolder): number {
  const named = [...folder.files.values(), ...folder.folders.values()];
  const own = folder.parent === null ? 1 : 2;
  return 32 * named.reduce((sum, { name }) => sum + 1 + Math.ceil(name.length / 13), own);
}

function isFatName(name: string): boolean {
  return name.length >= 1 && name.length <= 255 && !/[\x00-\x1f"*/:<>?\\|\x7f]|[. ]$/.test(name);
}

function roundUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
