import { randomBytes } from 'node:crypto';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckItem } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { type CanaryFate, kindsOf, tryCanary } from './canaries.ts';
import { systemCode } from './failure.ts';
import { incomingFolder, isSegment } from './names.ts';

/** The timer of the administrator runs every few minutes; after an hour it does not. */
const takenOverWithinMs = 60 * 60 * 1000;
/** Entries that are looked at: a sample of a large target is enough to see a timer that does not run. */
const mostEntries = 20_000;

const remedy = 'do it as the user who owns the folder, with a target that is not set to appendOnly';

/** What a target answers to whoever may only add to it. */
export function onlyAdding(root: string, doing: string): HoldfastError {
  return new HoldfastError(
    'TARGET_READ_ONLY',
    `${doing} in ${root} is refused: here this target may only be added to`,
    {
      remedy,
      facts: { path: root, setting: 'appendOnly' },
    },
  );
}

/** Proves by trying it that this user can neither remove nor replace what is kept in the target. */
export async function proveAppendOnly(root: string, now: number): Promise<readonly CheckItem[]> {
  return [await held(root), await takenOver(root, now)];
}

async function held(root: string): Promise<CheckItem> {
  const title = 'refuses to remove and to replace what is kept';
  if (process.geteuid?.() === 0) {
    return { title, state: 'failed', detail: 'root is held by no permission', remedy: 'run backups as another user' };
  }
  const fates = new Map<CanaryFate, string[]>();
  for (const kind of await kindsOf(root)) {
    const spare = join(root, incomingFolder, `${randomBytes(16).toString('hex')}.tmp`);
    const fate = await tryCanary(root, kind, spare);
    fates.set(fate, [...(fates.get(fate) ?? []), kind]);
  }
  const gaveWay = (['overwritten', 'replaced', 'removed'] as const).filter((fate) => fates.has(fate));
  if (gaveWay.length > 0) {
    const detail = gaveWay.map((fate) => `could be ${fate} in ${fates.get(fate)?.join(', ')}`).join('; ');
    const repair =
      'let another user own the folders, make them sticky (mode 3770), and open the target once as that user';
    return { title, state: 'failed', detail: `the canary ${detail}`, remedy: repair };
  }
  const missing = fates.get('missing') ?? [];
  if (missing.length > 0) {
    const detail = `no canary to try it on in ${missing.join(', ')}`;
    return { title, state: 'failed', detail, remedy: 'open the target once as the user who owns its folder' };
  }
  const tried = fates.get('held')?.length ?? 0;
  return { title, state: 'ok', detail: `tried on ${tried} canaries: every attempt was refused` };
}

async function takenOver(root: string, now: number): Promise<CheckItem> {
  const title = 'what was added is taken over by the keeper';
  const own = { entries: 0, late: 0, looked: 0 };
  for (const kind of await kindsOf(root)) {
    if (kind !== '.') await countOwn(join(root, kind), now, own);
  }
  const detail = `${own.entries} of ${own.looked} entries are still this user's own, ${own.late} of them for more than an hour`;
  if (own.late === 0) return { title, state: 'ok', detail };
  return {
    title,
    state: 'warning',
    detail,
    remedy: 'see that the timer runs which gives them to the owner of the folder',
  };
}

interface OwnEntries {
  entries: number;
  late: number;
  looked: number;
}

async function countOwn(folder: string, now: number, own: OwnEntries): Promise<void> {
  try {
    for await (const entry of await opendir(folder)) {
      if (own.looked >= mostEntries) return;
      if (!isSegment(entry.name)) continue;
      const path = join(folder, entry.name);
      const { uid, ctimeMs } = await lstat(path);
      own.looked++;
      if (uid === process.geteuid?.()) {
        own.entries++;
        if (now - ctimeMs > takenOverWithinMs) own.late++;
      }
      if (entry.isDirectory()) await countOwn(path, now, own);
    }
  } catch (thrown) {
    if (!['ENOENT', 'EACCES'].includes(systemCode(thrown))) throw thrown;
  }
}
