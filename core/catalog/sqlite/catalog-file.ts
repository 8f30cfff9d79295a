import { chmodSync, closeSync, fsyncSync, mkdirSync, openSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { damaged, unreadable } from './failures.ts';

/** File systems on which locks and shared memory do not reach every process: NFS, SMB, CIFS, SMB2. See statfs(2). */
const networkFileSystems: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xff534d42, 0xfe534d42]);

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function makeFolder(folder: string): void {
  const first = mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  // Each new folder is an entry of the one above it.
  for (let made = folder; made.length >= first.length; made = dirname(made)) syncFolder(dirname(made));
}

const sizeOf = (file: string): number | null => statSync(file, { throwIfNoEntry: false })?.size ?? null;

/** Refuses a type of file system, as statfs(2) numbers them, that cannot hold a catalog. */
export function requireLocal(folder: string, fileSystemType: number): void {
  if (!networkFileSystems.has(fileSystemType >>> 0)) return;
  throw new HoldfastError('UNSUPPORTED', `${folder} is on a network file system, where a catalog would be damaged`, {
    remedy: 'set XDG_DATA_HOME to a folder on a local disk',
    facts: { folder },
  });
}

/**
 * Makes sure that SQLite will find either a catalog or an empty file that only this user may read.
 *
 * An existing file is never opened here: closing any handle of it would drop the locks that SQLite holds in this process (fcntl(2)).
 * @throws {HoldfastError} `CATALOG_DAMAGED` when the file is gone or empty while its log is still there, because SQLite would then
 *   delete the log and with it what it holds.
 */
export function prepareFile(file: string): void {
  try {
    makeFolder(dirname(file));
    requireLocal(dirname(file), statfsSync(dirname(file)).type);
    // The log is looked at first: a catalog that another process is making has its log after its first page.
    const logBytes = sizeOf(`${file}-wal`) ?? 0;
    const bytes = sizeOf(file);
    if (logBytes > 0 && (bytes ?? 0) === 0)
      throw damaged(file, `it is ${bytes === null ? 'missing' : 'empty'}, but its log ${file}-wal is there`);
    if (bytes === null) createEmpty(file);
    else if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600);
  } catch (thrown) {
    if (thrown instanceof HoldfastError) throw thrown;
    throw unreadable(file, thrown instanceof Error ? thrown.message : String(thrown), thrown);
  }
}

function createEmpty(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (thrown) {
    // Another process was first.
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
  }
}
