import { describe, expect, test } from 'vitest';
import type { AlarmStore } from '../../core/catalog/contract.ts';
import type { MakeBench } from './store-bench.ts';

const alarm = (key: string, since: number, notices: Parameters<AlarmStore['queue']>[0] = []) => ({
  key,
  kind: 'rpo-missed',
  severity: 'warning',
  title: `${key} is late`,
  text: 'the newest restore point\nis 3 h old',
  remedy: 'holdfast protect lab/web-07',
  facts: { machine: 'web-07', ageMs: 3 },
  since,
  notices,
});

const notice = (id: string, notifier: string, at: number, body: unknown = { title: id }) => ({
  id,
  notifier,
  notice: body as never,
  at,
});

/** What every store of alarms must do, whatever database is under it. */
export function alarmStoreConformance(name: string, make: MakeBench<AlarmStore>): void {
  describe(`alarms in ${name}`, () => {
    test('an alarm that is up is raised and told once, whoever raises it again', async () => {
      await using bench = await make();
      const { store, peer } = bench;
      const first = await store.change([alarm('rpo a', 10, [notice('n1', 'mail', 10)])], []);
      expect(first).toEqual(['rpo a']);
      const again = { ...alarm('rpo a', 99, [notice('n2', 'mail', 99)]), title: 'still late' };
      expect(await peer.change([again], [])).toEqual([]);
      expect(await store.open()).toMatchObject([{ key: 'rpo a', since: 10, clearedAt: null, title: 'still late' }]);
      expect((await store.due(1000, 10)).map(({ id }) => id)).toEqual(['n1']);
    });

    test('an alarm is cleared and told once, and can be raised anew', async () => {
      await using bench = await make();
      const { store, peer } = bench;
      await store.change([alarm('a', 10), alarm('b', 5)], []);
      expect((await store.open()).map(({ key }) => key)).toEqual(['b', 'a']);
      const clear = { key: 'a', at: 50, notices: [notice('cleared', 'mail', 50)] };
      expect(await store.change([], [clear])).toEqual(['a']);
      expect(await peer.change([], [{ ...clear, notices: [notice('twice', 'mail', 50)] }])).toEqual([]);
      expect((await peer.due(100, 10)).map(({ id }) => id)).toEqual(['cleared']);
      expect(await store.change([alarm('a', 60)], [])).toEqual(['a']);
      expect((await store.since(55, 10)).map(({ key, since }) => [key, since])).toEqual([
        ['a', 60],
        ['b', 5],
      ]);
      expect(await store.since(50, 10)).toHaveLength(3);
      expect(await store.since(0, 2)).toHaveLength(2);
    });

    test('alarms and what is told of them change together or not at all', async () => {
      await using bench = await make();
      const { store } = bench;
      await store.change([alarm('old', 1)], []);
      const broken = alarm('new', 2, [notice('x', 'mail', 2, { bad: () => 1 })]);
      const thrown = await store
        .change([alarm('fine', 2, [notice('y', 'mail', 2)]), broken], [{ key: 'old', at: 2, notices: [] }])
        .then(
          () => null,
          (error: unknown) => error,
        );
      expect(thrown).not.toBeNull();
      expect((await store.open()).map(({ key }) => key)).toEqual(['old']);
      expect(await store.due(1000, 10)).toEqual([]);
    });

    test('a notice is due until it is sent or given up, each notifier by itself', async () => {
      await using bench = await make();
      const { store, peer } = bench;
      await store.queue([notice('n', 'mail', 10), notice('n', 'hook', 10), notice('later', 'mail', 500)]);
      await peer.queue([notice('n', 'mail', 700)]);
      expect((await store.due(9, 10)).length).toBe(0);
      expect((await store.due(10, 10)).map(({ notifier }) => notifier)).toEqual(['mail', 'hook']);
      await store.sent('n', 'mail', 20);
      await store.failed('n', 'hook', 'no answer', 90);
      expect(await store.due(80, 10)).toEqual([]);
      expect(await peer.due(90, 10)).toMatchObject([
        { id: 'n', notifier: 'hook', attempts: 1, error: 'no answer', nextAt: 90, queuedAt: 10 },
      ]);
      bench.clock.advance(5);
      await store.failed('n', 'hook', 'for ever', null);
      expect(await store.due(10_000, 10)).toMatchObject([{ id: 'later' }]);
      const all = await store.notices(10);
      expect(all.map(({ id }) => id)).toEqual(['later', 'n', 'n']);
      expect(all[1]).toMatchObject({ givenUpAt: bench.clock.now(), attempts: 2, error: 'for ever', sentAt: null });
      expect(all[2]).toMatchObject({ sentAt: 20, givenUpAt: null, error: null });
    });

    test('texts and facts come back as they were given', async () => {
      await using bench = await make();
      const odd = { title: '\ud800 \u0000 \u0001"[]"', nested: [null, 1, { a: 'ü' }] };
      await bench.store.queue([notice('odd', 'mail', 1, odd)]);
      await bench.store.change([{ ...alarm('\u0001 key', 1), facts: odd as never, remedy: null }], []);
      expect((await bench.peer.due(1, 1))[0]?.notice).toEqual(odd);
      expect((await bench.peer.open())[0]).toMatchObject({ key: '\u0001 key', facts: odd, remedy: null });
    });
  });
}
