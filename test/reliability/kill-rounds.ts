import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '../repository/paper.ts';
import { noise } from '../repository/sample-disks.ts';
import { makeRepository, type Places, protectRound, prove, withRepository } from './backup.ts';
import { runChild } from './run-child.ts';

/** What some rounds of killing came to. */
export interface KillFigures {
  readonly rounds: number;
  readonly killed: number;
  /** Restore points that were acknowledged, and those that are there: a commit may be done when the kill comes before its acknowledgement. */
  readonly acknowledged: number;
  readonly committed: number;
  readonly restores: number;
}

/** How many of the newest restore points are restored after each round; after the last one it is all of them. */
const NEWEST = 4;

/** Numbers from 0 to 1 that look random and are the same for the same seed. */
export function dice(seed: string, count: number): readonly number[] {
  const bytes = noise(seed, count * 4);
  return Array.from({ length: count }, (_, i) => bytes.readUInt32LE(i * 4) / 2 ** 32);
}

/** A repository in a folder that is gone at the end. */
export async function emptyRepository(
  sizeBytes: number,
  more: Partial<Places> = {},
): Promise<AsyncDisposable & { readonly places: Places; readonly folder: string }> {
  const folder = await temporaryFolder();
  const places = { target: join(folder.path, 'target'), work: join(folder.path, 'work'), sizeBytes, ...more };
  await mkdir(places.target);
  await mkdir(places.work);
  await makeRepository(places);
  return { places, folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/**
 * Kills backups at moments that look random, spread evenly over the time that one takes. After each round the next backup must
 * succeed, none that was acknowledged may be missing, a full check must find every chunk of every restore point, and they come back byte for byte.
 */
export async function killRounds(rounds: number, sizeBytes: number): Promise<KillFigures> {
  await using made = await emptyRepository(sizeBytes);
  const { places } = made;
  const acknowledged = new Set<string>();
  const moments = dice('kill rounds', rounds);
  let killed = 0;
  let restores = 0;
  let committed = 0;
  const first = await runChild({ ...places, round: 0 });
  if (first.committed === null) throw new Error(`the first backup failed: ${first.errors}`);
  acknowledged.add(first.committed);
  let fullMs = first.tookMs;
  for (let round = 1; round <= rounds; round++) {
    const delayMs = (moments[round - 1] ?? 0) * fullMs * 1.1;
    const outcome = await runChild({ ...places, round: round * 2 }, [], (child) => {
      setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    if (outcome.signal === 'SIGKILL') killed++;
    else if (outcome.committed === null) throw new Error(`round ${round} failed by itself: ${outcome.errors}`);
    // Later backups find most of the disk stored already.
    if (outcome.signal !== 'SIGKILL') fullMs = outcome.tookMs;
    if (outcome.committed !== null) acknowledged.add(outcome.committed);
    await withRepository(places, async (repository) => {
      acknowledged.add(await protectRound(repository, { ...places, round: round * 2 + 1 }));
      const found = await prove(repository, places, acknowledged, round === rounds ? undefined : NEWEST);
      restores += found.restores;
      committed = found.points.length;
    });
  }
  return { rounds, killed, acknowledged: acknowledged.size, committed, restores };
}
