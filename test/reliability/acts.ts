import { rm } from 'node:fs/promises';
import { isHoldfastError, makeCall } from '@holdfast/api';
import type { CollectReport } from '../../core/repository/collect/contract.ts';
import type { Repository } from '../../core/repository/contract.ts';
import { machine } from '../repository/paper.ts';
import { rawImage } from '../repository/sample-disks.ts';
import { type ChildWish, diskOf, protectRound, withRepository } from './backup.ts';

type Say = (word: string) => void;

/** Packs of which less than this is reachable are written anew: high, so that collections in tests have something to do. */
const REPACK_BELOW = 0.8;

/** Does what a wish says; see `ChildWish`. */
export async function act(wish: ChildWish, say: Say): Promise<void> {
  await withRepository(wish, async (repository) => {
    const times = wish.times ?? 1;
    switch (wish.act ?? 'backup') {
      case 'backup':
        say('begun');
        say(`committed ${await protectRound(repository, wish)}`);
        return;
      case 'backups':
        say('begun');
        for (let i = 0; i < times; i++) {
          say(`committed ${await protectRound(repository, { ...wish, round: wish.round + i })}`);
        }
        return;
      case 'collect':
        say('begun');
        await collectOnce(repository);
        return;
      case 'collections':
        say('begun');
        for (let i = 0; i < times; i++) {
          const { sweptPacks, repackedPacks } = await collectOnce(repository);
          say(`collected ${sweptPacks} ${repackedPacks}`);
        }
        return;
      case 'copy':
        return await copy(repository, wish, say);
      case 'stopped backup':
      case 'stopped written':
        return await stoppedBackup(repository, wish, say);
    }
  });
}

/** One collection; waits for what was silent, and for another collection that died. */
export async function collectOnce(repository: Repository, waitMs = 10_000): Promise<CollectReport> {
  for (let tries = 0; ; tries++) {
    try {
      return await repository.collect({ repackBelow: REPACK_BELOW, waitMs }, makeCall());
    } catch (failure) {
      if (!isHoldfastError(failure, 'COLLECTION_BUSY') || tries >= 200) throw failure;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function copy(repository: Repository, { from }: ChildWish, say: Say): Promise<void> {
  if (from === undefined) throw new TypeError('a copy needs a place to copy from');
  await withRepository(from, async (source) => {
    say('begun');
    const { point } = await repository.copyFrom(source, from.point, {}, makeCall());
    say(`committed ${point}`);
  });
}

/** A backup whose process stops itself where it hurts most: with a lease, before its packs or before its commit. */
async function stoppedBackup(repository: Repository, wish: ChildWish, say: Say): Promise<void> {
  const call = makeCall();
  const { round, work, sizeBytes, machine: id = 'm1' } = wish;
  const bytes = diskOf(round, sizeBytes);
  const writer = await repository.begin({ endpoint: 'lab', id }, call);
  const stop = () => {
    say(`lease ${writer.id}`);
    process.kill(process.pid, 'SIGSTOP');
  };
  if (wish.act === 'stopped backup') stop();
  const source = await rawImage(work, `${writer.id}.raw`, bytes);
  await writer.write('vda', source, {}, call);
  await rm(source.path);
  if (wish.act === 'stopped written') stop();
  const disks = [{ key: 'vda', sizeBytes, format: 'raw' as const, changeToken: null }];
  const about = { endpoint: 'lab', takenAt: round, consistency: 'crash', frozenMs: 0, run: 'test' } as const;
  const { point } = await writer.commit({ machine: machine(id), ...about, disks }, call);
  say(`committed ${point}`);
}
