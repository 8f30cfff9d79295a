import { constants } from 'node:fs';
import { chmod, open, opendir, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './failure.ts';
import { canaryFile, incomingFolder, isSegment, markerFile } from './names.ts';
import type { Rights } from './rights.ts';

const text =
  'Holdfast tries on this file that whoever may only add to this folder can neither remove nor replace what is in it.\n';

/** The folder of the target and those of its kinds of objects, as paths below it; `.` is the folder itself. */
export async function kindsOf(root: string): Promise<readonly string[]> {
  const found = ['.'];
  for await (const entry of await opendir(root)) {
    if (entry.isDirectory() && isSegment(entry.name) && entry.name !== 'probe') found.push(entry.name);
  }
  return found.sort();
}

/** Done by the keeper of a shared target when it is opened: a canary in each of its folders, and room for writers to begin objects in. */
export async function keepShared(root: string, rights: Rights): Promise<void> {
  if (!rights.isShared || process.geteuid?.() !== rights.keeper) return;
  await chmod(join(root, incomingFolder), rights.folder);
  for (const kind of await kindsOf(root)) {
    const path = join(root, kind, canaryFile);
    // One that is there stays. A folder that the keeper has not got yet is a matter of the timer.
    await writeFile(path, text, { flag: 'wx', mode: 0o644 }).catch((thrown: unknown) => {
      if (!['EEXIST', 'EACCES', 'EPERM', 'ENOSPC', 'EDQUOT'].includes(systemCode(thrown))) throw thrown;
    });
  }
  // So that a writer can tell this target from another one that is put in its place.
  await chmod(join(root, markerFile), rights.file);
}

/** What became of the canary of a folder. */
export type CanaryFate = 'held' | 'missing' | 'overwritten' | 'replaced' | 'removed';

/** Tries the forbidden acts on the canary of a folder, the mildest first. One that gives way is the finding. */
export async function tryCanary(root: string, kind: string, spare: string): Promise<CanaryFate> {
  const path = join(root, kind, canaryFile);
  try {
    await using _handle = await open(path, constants.O_WRONLY | constants.O_NOFOLLOW);
    return 'overwritten';
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return 'missing';
    refused(thrown);
  }
  try {
    await writeFile(spare, text, { flag: 'wx' });
    await rename(spare, path);
    return 'replaced';
  } catch (thrown) {
    refused(thrown);
  } finally {
    await unlink(spare).catch(() => {});
  }
  try {
    await unlink(path);
    return 'removed';
  } catch (thrown) {
    refused(thrown);
  }
  return 'held';
}

/** Only a refusal proves something: an input/output error does not. */
function refused(thrown: unknown): void {
  if (!['EACCES', 'EPERM', 'EROFS', 'ETXTBSY'].includes(systemCode(thrown))) throw thrown;
}
