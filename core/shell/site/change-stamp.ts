import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${path} ${mtimeMs} ${size} ${ino}`;
  } catch {
    return `${path} -`;
  }
}

/** Entries of a folder whose own stamps are looked at. */
const mostEntries = 1_000;

/**
 * Tells whether files are still what they were, at the cost of a few calls: names, times and sizes, of folders also those one level below.
 * @param files Files that may be there or not.
 * @param folders Folders whose entries matter, each with its `package.json`.
 */
export async function changeStamp(files: readonly string[], folders: readonly string[]): Promise<string> {
  const paths = [...files];
  for (const folder of folders) {
    const names = await readdir(folder).catch((): string[] => []);
    for (const name of names.toSorted().slice(0, mostEntries)) {
      paths.push(join(folder, name), join(folder, name, 'package.json'));
    }
  }
  return (await Promise.all(paths.map(stampOf))).join('\n');
}
