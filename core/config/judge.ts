import { extname } from 'node:path';
import type { Folders } from './contract.ts';
import type { Place } from './discover.ts';
import type { JudgedPlace } from './read-layers.ts';
import { type FileText, readText, unreadable } from './read-text.ts';
import { isTrusted, readTrust, type TrustedFile, textHash } from './trust.ts';

/**
 * Reads the files and decides how far each may be in effect. What the administrator put into the system's or the user's folder or named
 * with `--config` is in effect wholly. What was found by searching upward may be a stranger's: until it is trusted, it is data
 * only, and nothing at all where another user could have written it.
 */
export async function judge(places: readonly Place[], folders: Folders): Promise<JudgedPlace[]> {
  let trusted: readonly TrustedFile[] | null = null;
  const judged: JudgedPlace[] = [];
  for (const place of places) {
    const read = await readText(place.file);
    if (read === null) throw unreadable(place.file, 'it went away while it was read');
    const sha256 = textHash(read.text);
    if (place.layer !== 'project') judged.push({ ...place, effect: 'all', sha256 });
    else {
      trusted ??= await readTrust(folders);
      const all = isTrusted(trusted, place.file, read.text);
      judged.push({ ...place, effect: all ? 'all' : withoutTrust(place, read), sha256 });
    }
  }
  return judged;
}

function withoutTrust(place: Place, read: FileText): 'data' | 'nothing' {
  const stranger = process.getuid !== undefined && read.owner !== process.getuid() && read.owner !== 0;
  const open = (read.mode & 0o002) !== 0;
  return extname(place.file) === '.ts' || stranger || open ? 'nothing' : 'data';
}
