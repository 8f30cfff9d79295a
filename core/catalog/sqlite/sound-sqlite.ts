import { HoldfastError } from '@holdfast/api';

/** Older ones can corrupt a database when a write-ahead log is reset while others read: https://sqlite.org/wal.html#walresetbug */
const oldestSound = [3, 51, 3] as const;

/** Throws `UNSUPPORTED` when this SQLite may not be trusted with a catalog. */
export function requireSoundSqlite(version: string): void {
  const parts = version.split('.').map(Number);
  for (const [index, least] of oldestSound.entries()) {
    const part = parts[index] ?? 0;
    if (part > least) return;
    if (!(part >= least))
      throw new HoldfastError('UNSUPPORTED', `this Node has SQLite ${version}, which can damage a catalog`, {
        remedy: `use a Node with SQLite ${oldestSound.join('.')} or newer, for example the newest Node 24`,
        facts: { sqlite: version },
      });
  }
}
