import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Catalog, JobStore, Lease, LeaseStore, PolicyStore, ScheduleRow } from '../../core/catalog/contract.ts';
import { claimed, runToAdd } from './samples.ts';
import type { MakeBench } from './store-bench.ts';

/** A store of policies, with the leases and the runs that belong to it. */
export type PolicyStores = Pick<Catalog, 'policies'> & { readonly jobs: JobStore; readonly leases: LeaseStore };

const set = (text: string, at = 1) => ({ text, source: '/etc/holdfast/policies.yaml', who: 'ann', at });

const row = (handledUntil: number, more: Partial<ScheduleRow> = {}): ScheduleRow => ({
  policy: 'gold',
  workflow: 'backup',
  handledUntil,
  lastDue: handledUntil,
  lastFiredAt: handledUntil + 5,
  lastWasCatchUp: false,
  missed: 0,
  ...more,
});

const runOf = (id: string, due: number, notBefore = due) =>
  runToAdd(id, { policy: { policy: 'gold', workflow: 'backup', due }, notBefore, createdAt: due });

async function leading(leases: LeaseStore, holder: string, ttlMs = 60_000): Promise<Lease> {
  const lease = await leases.take('scheduler', holder, ttlMs);
  if (lease === null) throw new Error('somebody leads already');
  return lease;
}

/** What every store of policies must do, whatever database is under it. */
export function policyStoreConformance(name: string, make: MakeBench<PolicyStores>): void {
  describe(`policies in ${name}`, () => {
    test('what is applied is in force byte for byte, and what was in force before can be looked up', async () => {
      await using bench = await make();
      const [ours, theirs] = [bench.store.policies, bench.peer.policies];
      expect(await ours.applied()).toBeNull();
      const odd = 'a: \u0000 \ud800 \u0001\r\n# end';
      const first = await ours.apply(null, set(odd, 7));
      expect(first).toMatchObject({ text: odd, who: 'ann', at: 7 });
      const second = await theirs.apply(first?.id ?? 0, set('two'));
      expect(second?.id).toBeGreaterThan(first?.id ?? 0);
      expect(await ours.applied()).toEqual(second);
      expect((await ours.history()).map(({ id }) => id)).toEqual([second?.id, first?.id]);
      expect(await ours.set(first?.id ?? 0)).toEqual(first);
      expect(await ours.set(99)).toBeNull();
    });

    test('who planned against older policies applies nothing', async () => {
      await using bench = await make();
      const { policies } = bench.store;
      expect(await policies.apply(1, set('x'))).toBeNull();
      const first = await policies.apply(null, set('one'));
      expect(await bench.peer.policies.apply(null, set('late'))).toBeNull();
      await bench.peer.policies.apply(first?.id ?? 0, set('two'));
      expect(await policies.apply(first?.id ?? 0, set('late'))).toBeNull();
      expect((await policies.applied())?.text).toBe('two');
    });

    test('of sets that were replaced the newest hundred are kept, and identities are never given again', async () => {
      await using bench = await make();
      let against: number | null = null;
      for (let n = 0; n < 103; n += 1) against = (await bench.store.policies.apply(against, set(`${n}`)))?.id ?? null;
      const history = await bench.store.policies.history();
      expect(history).toHaveLength(100);
      expect(history[0]?.id).toBe(against);
      expect((await bench.store.policies.set(history.at(-1)?.id ?? 0))?.text).toBe('3');
    });

    test('an occurrence that begins is remembered together with its runs', async () => {
      await using bench = await make();
      const { policies, leases, jobs } = bench.store;
      const lease = await leading(leases, 'host-1');
      expect(await policies.fire(lease, null, row(100), [runOf('r1', 100), runOf('r2', 100)])).toBe(true);
      expect(await bench.peer.policies.schedules()).toEqual([row(100)]);
      expect(await jobs.get('r2')).toMatchObject({ state: 'waiting', policy: { workflow: 'backup', due: 100 } });
      const later = row(300, { lastDue: 300, lastWasCatchUp: true, missed: 2 });
      expect(await policies.fire(lease, 100, later, [runOf('r3', 300)])).toBe(true);
      expect(await policies.schedules()).toEqual([later]);
    });

    test('an occurrence that somebody else has dealt with begins nothing', async () => {
      await using bench = await make();
      const { policies, leases, jobs } = bench.store;
      const lease = await leading(leases, 'host-1');
      await policies.fire(lease, null, row(100), [runOf('r1', 100)]);
      expect(await policies.fire(lease, null, row(100), [runOf('again', 100)])).toBe(false);
      expect(await policies.fire(lease, 50, row(200), [runOf('again', 200)])).toBe(false);
      expect(await jobs.get('again')).toBeNull();
      expect(await policies.schedules()).toEqual([row(100)]);
      await expect(policies.fire(lease, 100, row(99), [runOf('back', 99)])).rejects.toThrow('go back');
      expect(await jobs.get('back')).toBeNull();
    });

    test('a run that is there already stays as it is', async () => {
      await using bench = await make();
      const { policies, leases, jobs } = bench.store;
      const lease = await leading(leases, 'host-1');
      await policies.fire(lease, null, row(100), [runOf('r1', 100)]);
      const claim = await claimed(jobs, 'host-1', 1_000, 'r1');
      expect(await policies.fire(lease, 100, row(200), [runOf('r1', 200), runOf('r2', 200)])).toBe(true);
      expect(await jobs.get('r1')).toEqual(claim.run);
      expect(await jobs.get('r2')).toMatchObject({ state: 'waiting' });
    });

    test('who leads no longer begins and forgets nothing', async () => {
      await using bench = await make();
      const old = await leading(bench.store.leases, 'host-1', 1_000);
      await bench.store.policies.fire(old, null, row(100), []);
      bench.clock.advance(1_000);
      const next = await leading(bench.peer.leases, 'host-2');
      const fenced = { code: 'FENCED' };
      await expect(bench.store.policies.fire(old, 100, row(200), [runOf('r1', 200)])).rejects.toMatchObject(fenced);
      await expect(bench.store.policies.keepSchedules(old, [])).rejects.toMatchObject(fenced);
      expect(await bench.store.jobs.get('r1')).toBeNull();
      expect(await bench.peer.policies.fire(next, 100, row(200), [])).toBe(true);
      expect(await bench.store.policies.schedules()).toEqual([row(200)]);
    });

    test('schedules of workflows that are no longer there are forgotten, whatever their names are', async () => {
      await using bench = await make();
      const { policies, leases } = bench.store;
      const lease = await leading(leases, 'host-1');
      const names = [
        ['a', 'b/c'],
        ['a/b', 'c'],
        ['a"', ',"b'],
      ] as const;
      for (const [policy, workflow] of names) await policies.fire(lease, null, row(1, { policy, workflow }), []);
      await policies.keepSchedules(lease, [
        { policy: 'a/b', workflow: 'c' },
        { policy: 'a', workflow: 'b' },
      ]);
      expect((await policies.schedules()).map(({ policy, workflow }) => [policy, workflow])).toEqual([['a/b', 'c']]);
      await policies.keepSchedules(lease, []);
      expect(await policies.schedules()).toEqual([]);
    });

    test('only runs of policies that wait and may begin are offered, what may begin first at first', async () => {
      await using bench = await make();
      const { policies, leases, jobs } = bench.store;
      const lease = await leading(leases, 'host-1');
      await jobs.add(runToAdd('by-hand'));
      const runs = [runOf('late', 100, 300), runOf('second', 100, 200), runOf('first', 100, 100), runOf('taken', 100)];
      await policies.fire(lease, null, row(100), runs);
      await claimed(jobs, 'host-1', 60_000, 'taken');
      const idsAt = async (now: number, limit = 10) => (await policies.waiting(now, limit)).map(({ id }) => id);
      expect(await idsAt(200)).toEqual(['first', 'second']);
      expect(await idsAt(99)).toEqual([]);
      expect(await idsAt(1_000)).toEqual(['first', 'second', 'late']);
      expect(await idsAt(1_000, 1)).toEqual(['first']);
      expect(await idsAt(1_000, -1)).toEqual([]);
    });

    test('runs of policies are found by when they were due, newest first', async () => {
      await using bench = await make();
      const { policies, leases, jobs } = bench.store;
      const lease = await leading(leases, 'host-1');
      await jobs.add(runToAdd('by-hand', { createdAt: 500 }));
      await policies.fire(lease, null, row(100), [runOf('r1', 100)]);
      await policies.fire(lease, 100, row(200), [runOf('r2', 200), { ...runOf('r0', 50), createdAt: 250 }]);
      const since = async (at: number, limit = 10) => (await policies.runsSince(at, limit)).map(({ id }) => id);
      expect(await since(0)).toEqual(['r2', 'r1', 'r0']);
      expect(await since(100)).toEqual(['r2', 'r1']);
      expect(await since(101)).toEqual(['r2']);
      expect(await since(0, 1)).toEqual(['r2']);
    });

    test('two that play leader at random never begin one occurrence twice', async () => {
      await using bench = await make();
      let game = 0;
      const act = fc.tuple(fc.constantFrom('store', 'peer'), fc.constantFrom('lead', 'fire', 'fire', 'wait'));
      await fc.assert(
        fc.asyncProperty(fc.array(act, { maxLength: 30 }), async (acts) => {
          game += 1;
          await playLeaders(bench, `game-${game}`, acts as readonly ['store' | 'peer', string][]);
        }),
        { numRuns: 40 },
      );
    });
  });
}

type Bench = Awaited<ReturnType<MakeBench<PolicyStores>>>;

/** Each of two leads when it can, and begins the next occurrence as it last saw the schedule: at times behind the other's back. */
async function playLeaders(bench: Bench, policy: string, acts: readonly ['store' | 'peer', string][]): Promise<void> {
  const held: Record<string, { lease: Lease | null; seen: number | null }> = {
    store: { lease: null, seen: null },
    peer: { lease: null, seen: null },
  };
  const begun: number[] = [];
  const seenBy = async (store: PolicyStore) =>
    (await store.schedules()).find((known) => known.policy === policy)?.handledUntil ?? null;
  for (const [who, what] of acts) {
    const { policies, leases } = bench[who];
    const mine = held[who];
    if (mine === undefined) continue;
    if (what === 'wait') bench.clock.advance(600);
    if (what === 'lead') {
      mine.lease = (await leases.take(`scheduler ${policy}`, who, 1_000)) ?? mine.lease;
      mine.seen = await seenBy(policies);
    }
    if (what !== 'fire' || mine.lease === null) continue;
    const due = (mine.seen ?? 0) + 1;
    const isDone = await policies.fire(mine.lease, mine.seen, row(due, { policy }), []).catch((thrown: unknown) => {
      expect(thrown).toMatchObject({ code: 'FENCED' });
      return false;
    });
    if (isDone) begun.push(due);
    mine.seen = isDone ? due : await seenBy(policies);
  }
  expect(begun).toEqual(begun.map((_, index) => index + 1));
}
