import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, rmSync, statSync } from 'node:fs';

/**
 * Looks at a catalog through SQLite, which removes the log of a file that it does not take for a database: the log may be all that is left, so then it is put
 * back. By a second name of it, for the file itself may not be opened otherwise: closing it would drop the locks that this process has on it (fcntl(2)).
 */
export function keepingLog<T>(file: string, look: () => T, isWhole: (found: T) => boolean): T {
  const log = `${file}-wal`;
  const second = `${log}.${randomBytes(4).toString('hex')}`;
  try {
    linkSync(log, second);
  } catch {
    // There is none, or no second name for it here.
    return look();
  }
  let whole = false;
  try {
    const found = look();
    whole = isWhole(found);
    return found;
  } finally {
    const isGone = statSync(log, { throwIfNoEntry: false }) === undefined;
    if (isGone && !whole) renameSync(second, log);
    else rmSync(second, { force: true });
  }
}
