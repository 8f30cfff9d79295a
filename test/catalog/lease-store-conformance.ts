import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Lease, LeaseStore } from '../../core/catalog/contract.ts';
import { leaseAct, playLeases } from './lease-model.ts';
import type { MakeBench } from './store-bench.ts';

async function taken(store: LeaseStore, name: string, holder: string, ttlMs: number): Promise<Lease> {
  const lease = await store.take(name, holder, ttlMs);
  if (lease === null) throw new Error(`${name} was held`);
  return lease;
}

/** What every lease store must do, whatever database is under it. */
export function leaseStoreConformance(name: string, make: MakeBench<LeaseStore>): void {
  describe(`leases in ${name}`, () => {
    test('a lease is held by one at a time, until it is given back', async () => {
      await using bench = await make();
      const lease = await taken(bench.store, 'scheduler', 'host-1', 1_000);
      expect(lease).toMatchObject({ name: 'scheduler', holder: 'host-1', expiresAt: bench.clock.now() + 1_000 });
      expect(await bench.peer.take('scheduler', 'host-2', 1_000)).toBeNull();
      expect(await bench.store.take('scheduler', 'host-1', 1_000)).toBeNull();
      expect(await bench.peer.peek('scheduler')).toEqual(lease);
      await bench.store.release(lease);
      await bench.store.release(lease);
      expect(await bench.peer.peek('scheduler')).toBeNull();
      expect((await taken(bench.peer, 'scheduler', 'host-2', 1_000)).token).toBeGreaterThan(lease.token);
    });

    test('an expired lease is taken by the next, and the late holder is told', async () => {
      await using bench = await make();
      const old = await taken(bench.store, 'janitor', 'host-1', 1_000);
      bench.clock.advance(900);
      const renewed = await bench.store.renew(old, 1_000);
      expect(renewed.expiresAt).toBe(bench.clock.now() + 1_000);
      bench.clock.advance(999);
      expect(await bench.peer.take('janitor', 'host-2', 1_000)).toBeNull();
      bench.clock.advance(1);
      expect(await bench.store.peek('janitor')).toBeNull();
      const next = await taken(bench.peer, 'janitor', 'host-2', 1_000);
      expect(next.token).toBeGreaterThan(old.token);
      await expect(bench.store.renew(renewed, 1_000)).rejects.toMatchObject({ code: 'FENCED' });
      await bench.store.release(renewed);
      expect(await bench.store.peek('janitor')).toEqual(next);
    });

    test('a lease from a time when the clock was years ahead ends soon, unless its holder lives', async () => {
      await using bench = await make();
      const years = 3 * 365 * 86_400_000;
      const [dead, alive] = [
        await taken(bench.store, 'scheduler', 'host-1', years),
        await taken(bench.store, 'janitor', 'host-2', years),
      ];
      await bench.store.takeSlot('snapshot:esx-1', 1, 'host-1', years);
      expect(await bench.peer.take('scheduler', 'host-3', 1_000)).toBeNull();
      expect(await bench.peer.takeSlot('snapshot:esx-1', 1, 'host-3', 1_000)).toBeNull();
      bench.clock.advance(9 * 60_000);
      await bench.store.renew(alive, 120_000);
      bench.clock.advance(60_000);
      expect(await bench.peer.take('scheduler', 'host-3', 1_000)).not.toBeNull();
      expect(await bench.peer.takeSlot('snapshot:esx-1', 1, 'host-3', 1_000)).not.toBeNull();
      expect(await bench.peer.take('janitor', 'host-3', 1_000)).toBeNull();
      await expect(bench.store.renew(dead, 1_000)).rejects.toMatchObject({ code: 'FENCED' });
    });

    test('a lease of another catalog is worth nothing here', async () => {
      await using bench = await make();
      const lease = await taken(bench.store, 'janitor', 'host-1', 1_000);
      const foreign = { ...lease, epoch: '0'.repeat(32) };
      await expect(bench.store.renew(foreign, 1_000)).rejects.toMatchObject({ code: 'FENCED' });
      await bench.store.release(foreign);
      expect(await bench.store.peek('janitor')).toEqual(lease);
    });

    test('never more slots are held than there are, and an expired one goes to the next', async () => {
      await using bench = await make();
      const one = await bench.store.takeSlot('snapshot:esx-1', 2, 'host-1', 1_000);
      const two = await bench.peer.takeSlot('snapshot:esx-1', 2, 'host-2', 5_000);
      if (one === null || two === null) throw new Error('a free slot was refused');
      expect(await bench.store.takeSlot('snapshot:esx-1', 2, 'host-1', 1_000)).toBeNull();
      expect(await bench.store.takeSlot('snapshot:esx-2', 2, 'host-1', 500)).not.toBeNull();
      expect((await bench.peer.slots()).map((slot) => slot.name)).toEqual([
        'snapshot:esx-1',
        'snapshot:esx-1',
        'snapshot:esx-2',
      ]);
      bench.clock.advance(1_000);
      expect(await bench.peer.slots()).toEqual([two]);
      const three = await bench.peer.takeSlot('snapshot:esx-1', 2, 'host-2', 1_000);
      expect(three?.token).toBeGreaterThan(two.token);
      await expect(bench.store.renew(one, 1_000)).rejects.toMatchObject({ code: 'FENCED' });
      await bench.peer.release(two);
      expect(await bench.store.takeSlot('snapshot:esx-1', 2, 'host-1', 1_000)).not.toBeNull();
      expect(await bench.store.takeSlot('snapshot:esx-1', 2, 'host-1', 1_000)).toBeNull();
    });

    test('of no slots none is given, and fewer slots than before let nobody in until enough came back', async () => {
      await using bench = await make();
      expect(await bench.store.takeSlot('drive', 0, 'host-1', 1_000)).toBeNull();
      const held = [
        await bench.store.takeSlot('drive', 3, 'host-1', 1_000),
        await bench.store.takeSlot('drive', 3, 'host-1', 1_000),
      ];
      expect(await bench.peer.takeSlot('drive', 1, 'host-2', 1_000)).toBeNull();
      for (const slot of held) if (slot !== null) await bench.store.release(slot);
      expect(await bench.peer.takeSlot('drive', 1, 'host-2', 1_000)).not.toBeNull();
    });

    test('whatever two processes do in whatever order, holders and slots stay within bounds and tokens only grow', async () => {
      await using bench = await make();
      let game = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(leaseAct, { maxLength: 40 }), async (acts) => {
          game += 1;
          await playLeases(bench, `game-${game}`, acts);
        }),
        { numRuns: 60 },
      );
    });
  });
}
