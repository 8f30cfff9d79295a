import type { ObjectStore } from '../../target.ts';
import { sameBytes, sampleBytes } from '../bytes.ts';
import type { Check } from '../check.ts';
import { collect, demand, demandFailure } from '../expect.ts';
import type { ProbeStore } from './probe-store.ts';

/** What the store says of itself, and whether it is so. */
export function factChecks(probe: ProbeStore, reopen: (() => Promise<ObjectStore>) | null): readonly Check[] {
  const checks: Check[] = [
    {
      name: 'a probe finds out what the store can do and leaves nothing behind',
      async run() {
        const { store, call } = probe;
        const facts = await store.probe(call);
        const again = await store.probe(call);
        const left = await collect(store.list('probe/', call));
        demand(left.length === 0, `the probe left ${left.length} objects, ${left[0]?.name} among them`);
        for (const key of ['conditionalPut', 'lockUntil', 'rangedGet', 'consistentList'] as const) {
          demand(typeof facts[key] === 'boolean', `${key} is ${typeof facts[key]}`);
          demand(facts[key] === again[key], `${key} was ${facts[key]} once and ${again[key]} the next time`);
        }
        for (const key of ['freeBytes', 'totalBytes'] as const) {
          const bytes = facts[key];
          demand(bytes === null || (Number.isSafeInteger(bytes) && bytes >= 0), `${key} is ${bytes}`);
        }
        demand(facts.conditionalPut, 'the store has no conditional put: two hosts could not share a repository on it');
        return {
          lockUntil: facts.lockUntil,
          rangedGet: facts.rangedGet,
          items: facts.items.map(({ title, state }) => ({ title, state })),
        };
      },
    },
    {
      name: 'a lock holds as long as it says, or is refused as unavailable',
      async run() {
        const { lockUntil } = await probe.store.probe(probe.call);
        const until = Date.now() + 60_000;
        const put = () => probe.put('locked', sampleBytes(10, 1), { ifAbsent: true, lockUntil: until });
        if (!lockUntil) return await demandFailure(put, ['LOCK_UNAVAILABLE'], 'a put with a lock');
        await put();
        return await demandFailure(() => probe.remove('locked'), ['OBJECT_LOCKED'], 'a remove of a locked object');
      },
    },
    {
      name: 'a store that says where an object lies names an absolute path',
      async run() {
        const { store, call } = probe;
        if (store.locate === undefined) return 'does not say';
        const location = await store.locate(probe.name('taken'), call);
        if (location === null) return 'does not say';
        demand(location.kind === 'file', `it lies in a ${String(location.kind)}`);
        demand(location.path.startsWith('/'), 'its path is not absolute');
        return location.kind;
      },
    },
  ];
  if (reopen === null) return checks;
  return [
    ...checks,
    {
      name: 'what was put is there when the store is opened again',
      async run() {
        const body = sampleBytes(70_000, 21);
        await probe.put('kept', body, { ifAbsent: true });
        const before = (await probe.list()).length;
        probe.store = await reopen();
        demand(sameBytes(await probe.get('kept'), body), 'it came back changed');
        demand((await probe.list()).length === before, 'another number of objects is listed');
        return null;
      },
    },
  ];
}
