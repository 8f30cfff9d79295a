import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Above this the file is put aside as `.1`, in bytes: a log never fills the disk. */
const mostBytes = 4 * 1024 * 1024;

/** Writes lines to a log file. What cannot be written is lost: a log must not stop the work. */
export function logFile(path: string, now: () => number): (level: string, text: string) => void {
  return (level, text) => {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > mostBytes) renameSync(path, `${path}.1`);
      const line = `${new Date(now()).toISOString()} ${level} ${text.replaceAll('\n', '\n  ')}\n`;
      appendFileSync(path, line, { mode: 0o600 });
    } catch {
      // Nobody can be told.
    }
  };
}
