import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '@holdfast/api';
import { systemCode } from '../system-code.ts';

const mostBytes = 4096;

/** A new place for the note of a watchdog, in a folder of notes. */
export async function noteFile(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return join(folder, `${randomUUID()}.note`);
}

/** What a note says, or `null` for what is none: the machine, and for how long it was frozen. */
export function readNote(text: string): { readonly isOver: boolean; readonly says: string } | null {
  const found = /^([^\n]*)\n(acting|thawed|gone) (\d{1,12}) (\d{1,12}) (holder|limit)\n?$/.exec(text);
  if (found === null) return null;
  const [, title, state, began, ended, why] = found;
  const seconds = Number(ended) - Number(began);
  const cause = why === 'holder' ? 'what had frozen it ended before it could thaw it' : 'its limit had passed';
  if (state === 'acting')
    return { isOver: false, says: `${title} is still frozen: a watchdog tries to thaw it (${cause})` };
  if (state === 'gone') return { isOver: true, says: `${title} ended while it was frozen (${cause})` };
  return { isOver: true, says: `${title} was frozen for ${seconds} s until a watchdog thawed it: ${cause}` };
}

/** Logs what watchdogs had to do since somebody looked last, and clears notes that are over. */
export async function tellNotes(folder: string, call: Call): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.note'))) {
    const path = join(folder, name);
    const note = readNote(await readStart(path));
    if (note === null) continue;
    call.log('warn', note.says);
    if (note.isOver) await rm(path, { force: true });
  }
}

async function readStart(path: string): Promise<string> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const bytes = Buffer.alloc(mostBytes);
    const { bytesRead } = await handle.read(bytes, 0, mostBytes, 0);
    return bytes.toString('utf8', 0, bytesRead);
  } catch (thrown) {
    if (systemCode(thrown) === '') throw thrown;
    return '';
  }
}
