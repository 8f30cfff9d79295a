import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectInfo } from '@holdfast/api';
import { systemCode } from './failure.ts';
import { isSegment } from './names.ts';

/**
 * All objects below a folder whose next segment begins with `start`. One folder is read at a time, so that a listing
 * of any length takes little memory. What is no object (links, foreign names, the store's own files) is left out.
 */
export async function* listObjects(
  folder: string,
  segments: readonly string[],
  start: string,
): AsyncGenerator<ObjectInfo> {
  for await (const entry of entriesOf(folder)) {
    if (!entry.name.startsWith(start) || !isSegment(entry.name)) continue;
    const path = join(folder, entry.name);
    const inner = [...segments, entry.name];
    if (entry.isDirectory() && inner.length < 8) yield* listObjects(path, inner, '');
    if (!entry.isFile()) continue;
    const stats = await lstat(path).catch((thrown: unknown) => {
      if (systemCode(thrown) === 'ENOENT') return null;
      throw thrown;
    });
    if (stats !== null) yield { name: inner.join('/'), sizeBytes: stats.size, modifiedAt: Math.floor(stats.mtimeMs) };
  }
}

async function* entriesOf(folder: string) {
  try {
    yield* await opendir(folder, { bufferSize: 256 });
  } catch (thrown) {
    if (!['ENOENT', 'ENOTDIR'].includes(systemCode(thrown))) throw thrown;
  }
}
