import { makeCall, type ObjectStore } from '@holdfast/api';
import type { Repository } from '../../core/repository/contract.ts';
import { collectOnce } from './acts.ts';
import { type Places, protectRound, prove, withRepository } from './backup.ts';
import { dice, emptyRepository } from './kill-rounds.ts';
import { runChild } from './run-child.ts';

/** What some rounds of killing collections came to. */
export interface CollectionFigures {
  readonly rounds: number;
  readonly killed: number;
  readonly sweptPacks: number;
  readonly repackedPacks: number;
  readonly restores: number;
  /** Bytes of packs in the end, and what the same restore point takes in a repository of its own. */
  readonly packBytes: number;
  readonly freshBytes: number;
}

/** Restore points that are kept; each round makes a new one and forgets the oldest. */
const KEPT = 3;
/** Short, so that what died is passed over soon. */
const SILENT_AFTER_MS = 600;

/**
 * Kills collections at moments that look random. After each round every restore point that was not forgotten comes back byte for byte,
 * a full check is clean, and the next collection succeeds. In the end all room is given back.
 */
export async function killCollections(rounds: number, sizeBytes: number): Promise<CollectionFigures> {
  await using made = await emptyRepository(sizeBytes, { silentAfterMs: SILENT_AFTER_MS });
  const { places } = made;
  const moments = dice('kill collections', rounds);
  const kept: string[] = [];
  const sums = { killed: 0, sweptPacks: 0, repackedPacks: 0, restores: 0 };
  const turnOver = async (repository: Repository, round: number) => {
    kept.push(await protectRound(repository, { ...places, round }));
    if (kept.length > KEPT) await repository.forget([kept.shift() ?? ''], 'retention', makeCall());
  };
  await withRepository(places, async (repository) => {
    for (let round = 0; round <= KEPT; round++) await turnOver(repository, round);
  });
  let fullMs = 0;
  for (let round = 0; round <= rounds; round++) {
    // The first one is left alone, to see how long it takes.
    const delayMs = round === 0 ? 60_000 : (moments[round - 1] ?? 0) * fullMs * 1.1;
    let timer: NodeJS.Timeout | undefined;
    const outcome = await runChild({ ...places, act: 'collect', round }, [], (child) => {
      timer = setTimeout(() => child.kill('SIGKILL'), delayMs);
    });
    clearTimeout(timer);
    if (outcome.signal === 'SIGKILL') sums.killed++;
    else if (outcome.exitCode !== 0) throw new Error(`collection ${round} failed by itself: ${outcome.errors}`);
    if (outcome.signal !== 'SIGKILL') fullMs = outcome.tookMs;
    await withRepository(places, async (repository) => {
      sums.restores += (await prove(repository, places, new Set(kept))).restores;
      const report = await collectOnce(repository);
      sums.sweptPacks += report.sweptPacks;
      sums.repackedPacks += report.repackedPacks;
      await turnOver(repository, KEPT + 1 + round);
      sums.restores += (await prove(repository, places, new Set(kept), round === rounds ? undefined : 1)).restores;
    });
  }
  const packBytes = await withRepository(places, async (repository, store) => {
    await repository.forget(kept.splice(0, kept.length - 1), 'retention', makeCall());
    await giveBack(repository);
    sums.restores += (await prove(repository, places, new Set(kept))).restores;
    return await bytesOf(store, 'packs/');
  });
  return { rounds, ...sums, packBytes, freshBytes: await freshBytes(places, KEPT + 1 + rounds) };
}

/** Collects until nothing is left to be done. */
export async function giveBack(repository: Repository): Promise<void> {
  for (let tries = 0; tries < 10; tries++) {
    const { sweptPacks, condemnedPacks, repackedPacks } = await collectOnce(repository);
    if (sweptPacks + condemnedPacks + repackedPacks === 0) return;
  }
  throw new Error('ten collections did not come to an end');
}

export async function bytesOf(store: ObjectStore, prefix: string): Promise<number> {
  let sum = 0;
  for await (const { sizeBytes } of store.list(prefix, makeCall())) sum += sizeBytes;
  return sum;
}

async function freshBytes({ sizeBytes }: Pick<Places, 'sizeBytes'>, round: number): Promise<number> {
  await using made = await emptyRepository(sizeBytes);
  return await withRepository(made.places, async (repository, store) => {
    await protectRound(repository, { ...made.places, round });
    return await bytesOf(store, 'packs/');
  });
}
