import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectInfo } from '@holdfast/api';
import { systemCode } from './failure.ts';
import { isSegment } from './names.ts';
import type { Settled } from './settled.ts';

/** Entries that are looked at together, and made durable by one sync where that is needed. */
const batch = 256;

/**
 * All objects below a folder whose next segment begins with `start`. One folder is read at a time, so that a listing
 * of any length takes little memory. What is no object (links, foreign names, the store's own files) is left out.
 */
export async function* listObjects(
  folder: string,
  segments: readonly string[],
  start: string,
  settled: Settled,
): AsyncGenerator<ObjectInfo> {
  for await (const entries of batchesOf(folder, start)) {
    const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    const found = (await Promise.all(files.map((name) => look(folder, [...segments, name], name)))).filter(
      (one) => one !== null,
    );
    await settled.settle(folder, found);
    for (const { name, stats } of found) yield { name, sizeBytes: stats.size, modifiedAt: Math.floor(stats.mtimeMs) };
    for (const entry of entries) {
      const inner = [...segments, entry.name];
      if (entry.isDirectory() && inner.length < 8) yield* listObjects(join(folder, entry.name), inner, '', settled);
    }
  }
}

async function look(folder: string, segments: readonly string[], entry: string) {
  try {
    return { name: segments.join('/'), stats: await lstat(join(folder, entry)) };
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw thrown;
  }
}

async function* batchesOf(folder: string, start: string): AsyncGenerator<readonly Dirent[]> {
  let entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: batch })) {
      if (!entry.name.startsWith(start) || !isSegment(entry.name)) continue;
      entries.push(entry);
      if (entries.length < batch) continue;
      yield entries;
      entries = [];
    }
  } catch (thrown) {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(thrown))) throw thrown;
  }
  if (entries.length > 0) yield entries;
}
