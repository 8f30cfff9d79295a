import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, openSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Database } from '../database.ts';

/**
 * Copies a catalog to `FILE.schema-VERSION` before it is brought to a newer schema. It is written under another name first, so that what has that
 * name is whole, whenever the process dies. The first one is the one to keep: a later one may be of a catalog that another process migrated meanwhile.
 */
export function keepCopy(database: Database, version: number): void {
  const copy = `${database.file}.schema-${version}`;
  if (existsSync(copy)) return;
  const making = `${copy}.making-${randomBytes(8).toString('hex')}`;
  try {
    closeSync(openSync(making, 'wx', 0o600));
    database.exec(`vacuum into '${making.replaceAll("'", "''")}'`);
    sync(making);
    publish(making, copy);
  } catch (thrown) {
    // Another process was first, and has tidied up.
    if (!is(thrown, ['EEXIST', 'ENOENT']) || !existsSync(copy)) throw thrown;
  } finally {
    rmSync(making, { force: true });
  }
  removeUnfinished(copy);
}

function publish(making: string, copy: string): void {
  try {
    linkSync(making, copy);
  } catch (thrown) {
    if (!is(thrown, ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])) throw thrown;
    // No hard links here. Another process that is at the same moment copies the same.
    if (!existsSync(copy)) renameSync(making, copy);
  }
}

/** What processes left that were killed. One that is alive finds its own gone, and the copy there. */
function removeUnfinished(copy: string): void {
  const begins = `${basename(copy)}.making-`;
  for (const name of readdirSync(dirname(copy))) {
    if (name.startsWith(begins)) rmSync(join(dirname(copy), name), { force: true });
  }
}

function sync(path: string): void {
  const handle = openSync(path, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function is(thrown: unknown, codes: readonly string[]): boolean {
  return thrown instanceof Error && 'code' in thrown && codes.includes(String(thrown.code));
}
