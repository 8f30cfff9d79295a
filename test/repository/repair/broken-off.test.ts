import { HoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import type { CheckReport, Repository } from '../../../core/repository/contract.ts';
import { bytesOf, call, flip, isWhole, openRepairLab } from './repair-lab.ts';

/** More operations on the store than a repair does: beyond this something goes round in circles. */
const MOST = 400;
const BLOCK = 4096;

const killed = (): HoldfastError => new HoldfastError('TARGET_IO', 'the process was killed here');

/** Blocks of the disk that are lost, whatever is to blame. */
function lostBlocks({ damage }: Pick<CheckReport, 'damage'>): Set<number> {
  const blocks = new Set<number>();
  for (const { offset, length } of damage.flatMap(({ concerns }) => concerns)) {
    for (let at = offset; at < offset + length; at += BLOCK) blocks.add(at / BLOCK);
  }
  return blocks;
}

/** Repairs until there is nothing left that can be done. */
async function repairAll(repository: Repository): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const plan = await repository.planRepair('fast', call);
    if (plan.acts.every(({ act }) => act === 'none')) return;
    await repository.repair(plan, call);
  }
  throw new Error('a repair leaves something to repair again and again');
}

test.each(['before', 'after'] as const)(
  'a repair that is broken off %s any change to the store has lost nothing, and the next one goes on from there',
  async (moment) => {
    let changes = 0;
    let isClean = false;
    for (let n = 1; !isClean; n++) {
      expect(n).toBeLessThan(MOST);
      await using broken = await openRepairLab();
      const { store, repository, lab, disk, point, packs, again } = broken;
      flip(store, packs[1] ?? '', 48 + 44 + 100);
      const cut = bytesOf(store, packs[2] ?? '');
      store.objects.set(packs[2] ?? '', cut.subarray(0, cut.length >> 1));
      for (const name of store.names('index/')) store.objects.delete(name);
      store.objects.set('leases/0123456789abcdef0123456789abcdef', Buffer.alloc(0));
      const plan = await repository.planRepair('fast', call);
      const losses = lostBlocks(plan);
      let count = 0;
      let isDead = false;
      const done: string[] = [];
      const strike = (): void => {
        // Whoever is dead does nothing more.
        if (isDead || ++count === n) {
          isDead = true;
          throw killed();
        }
      };
      store.before = (operation, name) => {
        if (operation === 'put' || operation === 'remove') done.push(`${operation} ${name}${isDead ? ' dead' : ''}`);
        if (isDead || (operation === 'remove' && count + 1 === n) || (operation === 'put' && moment === 'before'))
          strike();
        else if (operation === 'remove') count++;
      };
      store.after = () => {
        if (moment === 'after') strike();
      };
      const outcome = await repository.repair(plan, call).catch((failure: unknown) => failure);
      isClean = !isDead;
      changes = count;
      store.before = () => {};
      store.after = () => {};
      if (isDead && !(outcome instanceof Error)) expect(store.names('leases/').length).toBeGreaterThan(0);

      // Another process, with another cache, finds all that was whole before still whole.
      const next = await lab.reopen(undefined, 'another cache');
      const found = await next.check('fast', call);
      for (const block of lostBlocks(found)) expect(losses).toContain(block);
      await repairAll(next);
      await again(2);
      const rest = await next.check('full', call);
      const about = { damage: rest.damage, planned: plan.acts, packs, done, there: store.names() };
      expect(rest.damage, `broken off at change ${n}: ${JSON.stringify(about)}`).toEqual([]);
      expect(await isWhole({ lab, repository: next }, point, disk)).toBe(true);
    }
    expect(changes).toBeGreaterThan(5);
    console.log(`a repair broken off ${moment} each of ${changes} changes to the store: 0 bytes lost`);
  },
  120_000,
);
