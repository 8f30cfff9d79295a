import type { Attributes } from 'ssh2';

const folderMode = 0o040550;
const fileMode = 0o100440;
const dayMs = 86_400_000;
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** What is told of a file or folder. `sizeBytes` is absent for a folder. */
export interface Facts {
  readonly sizeBytes?: number;
  /** Epoch milliseconds. */
  readonly at: number;
}

export function attributesOf({ sizeBytes, at }: Facts): Attributes {
  const seconds = Math.min(Math.max(0, Math.floor(at / 1000)) || 0, 0xffff_ffff);
  return {
    mode: sizeBytes === undefined ? folderMode : fileMode,
    size: sizeBytes ?? 0,
    uid: 0,
    gid: 0,
    atime: seconds,
    mtime: seconds,
  };
}

/** A line as `ls -l` has it: `sftp` shows it as it is. Times in UTC. */
export function longName(name: string, facts: Facts, now: number): string {
  const kind = facts.sizeBytes === undefined ? 'dr-xr-x---' : '-r--r-----';
  return `${kind} 1 holdfast holdfast ${String(facts.sizeBytes ?? 0).padStart(14)} ${dateOf(facts.at, now)} ${name}`;
}

function dateOf(at: number, now: number): string {
  const date = new Date(Number.isFinite(at) ? at : 0);
  const two = (value: number): string => String(value).padStart(2, '0');
  const isRecent = Math.abs(now - at) < 180 * dayMs;
  const last = isRecent ? `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}` : ` ${date.getUTCFullYear()}`;
  return `${months[date.getUTCMonth()] ?? ''} ${String(date.getUTCDate()).padStart(2)} ${last}`;
}
