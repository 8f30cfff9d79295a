import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { makeOwnFolder } from '../../setup/own-folder.ts';

const markName = '.holdfast-quickstart';
const markText =
  'Made by `holdfast quickstart`. `holdfast quickstart --fresh` begins anew: it removes all that a quickstart makes here.\n';
/** All that a quickstart makes in its folder, and all that it ever removes. */
const parts = ['machines', 'backup', 'config', 'data', 'cache', 'recovery-words.txt'];

/** Where a quickstart keeps its parts. Configuration, data and cache lie in the same folder. */
export interface QuickstartFolder {
  readonly folder: string;
  readonly machines: string;
  readonly backup: string;
  readonly words: string;
  /** Whether an earlier quickstart was here. */
  readonly isKnown: boolean;
}

const errno = (problem: unknown): string =>
  problem instanceof Error && 'code' in problem ? String(problem.code) : 'failed';

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (problem) {
    if (errno(problem) === 'ENOENT') return [];
    throw new HoldfastError('USAGE', `${folder} cannot be used: ${errno(problem)}`, {
      remedy: 'name another folder with `--folder`',
      cause: problem,
    });
  }
}

async function isMarked(folder: string): Promise<boolean> {
  try {
    return (await readFile(join(folder, markName), 'utf8')) === markText;
  } catch {
    return false;
  }
}

/**
 * Makes the folder, or takes the one of an earlier quickstart.
 * @param fresh Removes what an earlier quickstart left, in a folder that carries the mark of one; what somebody else put there stays.
 * @throws `NAME_TAKEN` when the folder holds something else.
 */
export async function takeFolder(folder: string, fresh: boolean): Promise<QuickstartFolder> {
  const entries = await entriesOf(folder);
  const marked = await isMarked(folder);
  if (entries.length > 0 && !marked) {
    throw new HoldfastError('NAME_TAKEN', `${folder} holds other things`, {
      remedy: 'name an empty folder, or one that does not exist yet, with `--folder`',
      facts: { folder },
    });
  }
  if (marked && fresh) for (const part of parts) await rm(join(folder, part), { recursive: true, force: true });
  const isKnown = marked && !fresh;
  if (!marked) {
    await makeOwnFolder(folder);
    await using mark = await open(join(folder, markName), 'wx', 0o600);
    await mark.writeFile(markText);
  }
  return {
    folder,
    machines: join(folder, 'machines'),
    backup: join(folder, 'backup'),
    words: join(folder, 'recovery-words.txt'),
    isKnown,
  };
}
