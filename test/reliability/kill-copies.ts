import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { makeRepository, protectRound, prove, withRepository } from './backup.ts';
import { bytesOf, giveBack } from './kill-collections.ts';
import { dice, emptyRepository } from './kill-rounds.ts';
import { runChild } from './run-child.ts';

/** What some rounds of killing copies came to. */
export interface CopyFigures {
  readonly rounds: number;
  readonly killed: number;
  readonly copied: number;
  readonly restores: number;
  /** Bytes of packs in the copy and in the source, in the end. */
  readonly packBytes: number;
  readonly sourceBytes: number;
}

const NEWEST = 2;
const SILENT_AFTER_MS = 600;

/**
 * Kills copies from one repository to another. After each round what was copied comes back byte for byte from the copy, a check
 * of it is clean, and the same copy succeeds when it is tried again.
 */
export async function killCopies(rounds: number, sizeBytes: number): Promise<CopyFigures> {
  await using made = await emptyRepository(sizeBytes);
  const source = made.places;
  const away = {
    target: join(made.folder, 'away'),
    work: join(made.folder, 'work away'),
    sizeBytes,
    silentAfterMs: SILENT_AFTER_MS,
  };
  await mkdir(away.target);
  await mkdir(away.work);
  await makeRepository(away);
  const moments = dice('kill copies', rounds);
  const copied = new Set<string>();
  let killed = 0;
  let restores = 0;
  let fullMs = 0;
  for (let round = 0; round <= rounds; round++) {
    const point = await withRepository(source, (repository) => protectRound(repository, { ...source, round }));
    // The first one is left alone, to see how long it takes.
    const delayMs = round === 0 ? 60_000 : (moments[round - 1] ?? 0) * fullMs * 1.1;
    let timer: NodeJS.Timeout | undefined;
    const wish = { ...away, act: 'copy', round, from: { ...source, point } } as const;
    const outcome = await runChild(wish, [], (child) => {
      timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    clearTimeout(timer);
    if (outcome.signal === 'SIGKILL') killed++;
    else if (outcome.committed === null) throw new Error(`copy ${round} failed by itself: ${outcome.errors}`);
    if (outcome.signal !== 'SIGKILL') fullMs = outcome.tookMs;
    if (outcome.committed !== null) copied.add(outcome.committed);
    await withRepository(away, async (repository) => {
      if (copied.size > 0) restores += (await prove(repository, away, copied, 1)).restores;
      copied.add(await withRepository(source, (from) => again(repository, from, point)));
      const found = await prove(repository, away, copied, round === rounds ? undefined : NEWEST);
      restores += found.restores;
      if (found.points.length !== round + 1) throw new Error(`${found.points.length} copies of ${round + 1} points`);
    });
  }
  const sourceBytes = await withRepository(source, (_, store) => bytesOf(store, 'packs/'));
  const packBytes = await withRepository(away, async (repository, store) => {
    await giveBack(repository);
    await prove(repository, away, copied, 1);
    return await bytesOf(store, 'packs/');
  });
  return { rounds, killed, copied: copied.size, restores, packBytes, sourceBytes };
}

type Opened = Parameters<Parameters<typeof withRepository>[1]>[0];

/** The same copy once more: goes on where the other was broken off, or finds it done. */
async function again(to: Opened, from: Opened, point: string): Promise<string> {
  return (await to.copyFrom(from, point, {}, makeCall())).point;
}
