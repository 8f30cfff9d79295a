import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { Lease, LeaseStore } from '../../core/catalog/contract.ts';
import type { StoreBench } from './store-bench.ts';

/** One thing that one of two processes does. `which` picks among the leases that were ever given. */
type Act =
  | { readonly do: 'take'; readonly by: 0 | 1; readonly name: string; readonly ttlMs: number }
  | { readonly do: 'takeSlot'; readonly by: 0 | 1; readonly name: string; readonly ttlMs: number }
  | { readonly do: 'renew'; readonly by: 0 | 1; readonly which: number; readonly ttlMs: number }
  | { readonly do: 'release'; readonly by: 0 | 1; readonly which: number }
  | { readonly do: 'wait'; readonly ms: number };

const by = fc.constantFrom(0 as const, 1 as const);
const name = fc.constantFrom('a', 'b');
const ttlMs = fc.constantFrom(10, 20, 40);
const which = fc.nat(20);

export const leaseAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant('take' as const), by, name, ttlMs }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('takeSlot' as const), by, name, ttlMs }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('renew' as const), by, which, ttlMs }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), by, which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(5, 10, 25) }) },
);

const capacity = 2;

interface Given {
  lease: Lease;
  readonly isSlot: boolean;
  /** It was given back, or somebody was let in although it had not been renewed in time. */
  isOver: boolean;
}

/** Plays a game on the store and on a model of it, and compares after each act. */
export async function playLeases(bench: StoreBench<LeaseStore>, game: string, acts: readonly Act[]): Promise<void> {
  const given: Given[] = [];
  const isHeld = (one: Given) => !one.isOver && one.lease.expiresAt > bench.clock.now();
  const held = (isSlot: boolean, named: string) =>
    given.filter((one) => one.isSlot === isSlot && one.lease.name === named && isHeld(one));

  for (const act of acts) {
    if (act.do === 'wait') bench.clock.advance(act.ms);
    else if (act.do === 'take' || act.do === 'takeSlot') {
      const store = act.by === 0 ? bench.store : bench.peer;
      const isSlot = act.do === 'takeSlot';
      const full = `${game}/${act.name}`;
      const lease = isSlot
        ? await store.takeSlot(full, capacity, `host-${act.by}`, act.ttlMs)
        : await store.take(full, `host-${act.by}`, act.ttlMs);
      expect(lease === null).toBe(held(isSlot, full).length >= (isSlot ? capacity : 1));
      if (lease === null) continue;
      for (const one of given) expect(lease.token).toBeGreaterThan(one.lease.token);
      // A thing has one holder: whoever had it before is out. Of slots it depends on the store which late holder had to go.
      if (!isSlot) for (const one of given) if (!one.isSlot && one.lease.name === full) one.isOver = true;
      given.push({ lease, isSlot, isOver: false });
    } else {
      const one = given[act.which % Math.max(given.length, 1)];
      if (one === undefined) continue;
      const store = act.by === 0 ? bench.store : bench.peer;
      if (act.do === 'release') {
        await store.release(one.lease);
        one.isOver = true;
        continue;
      }
      const wasHeld = isHeld(one);
      const renewed = await store.renew(one.lease, act.ttlMs).catch((thrown: unknown) => {
        if (isHoldfastError(thrown, 'FENCED')) return null;
        throw thrown;
      });
      if (wasHeld) expect(renewed).not.toBeNull();
      if (one.isOver) expect(renewed).toBeNull();
      if (renewed === null) one.isOver = true;
      else one.lease = renewed;
    }
    for (const named of ['a', 'b']) {
      expect(held(false, `${game}/${named}`).length).toBeLessThanOrEqual(1);
      expect(held(true, `${game}/${named}`).length).toBeLessThanOrEqual(capacity);
    }
  }
  const tokens = given.filter((one) => one.isSlot && isHeld(one)).map((one) => one.lease.token);
  const listed = (await bench.peer.slots()).filter((slot) => slot.name.startsWith(`${game}/`));
  expect(listed.map((slot) => slot.token).sort((a, b) => a - b)).toEqual(tokens.sort((a, b) => a - b));
}
