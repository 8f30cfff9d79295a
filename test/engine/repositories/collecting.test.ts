import { HoldfastError, makeCall } from '@holdfast/api';
import { afterEach, expect, test } from 'vitest';
import type { Engine } from '../../../core/engine/contract.ts';
import type { CollectionBook, CollectionTimes } from '../../../core/engine/repositories/contract.ts';
import type { CollectOptions, CollectReport } from '../../../core/repository/collect/contract.ts';
import type { Repository } from '../../../core/repository/contract.ts';
import { toMain, Yard, type YardOptions } from '../yard.ts';

const begin = Date.parse('2026-11-22T12:00:00Z');
const hourMs = 3_600_000;

const nothing: CollectReport = {
  isDryRun: false,
  packs: 0,
  storedBytes: 0,
  decided: [],
  sweptPacks: 0,
  sweptBytes: 0,
  condemnedPacks: 0,
  condemnedBytes: 0,
  repackedPacks: 0,
  movedBytes: 0,
  forgotten: [],
  sweptObjects: 0,
  fenced: [],
  awaited: [],
  durationMs: 1,
};

let yard: Yard;
let clock = begin;
let asked: CollectOptions[] = [];
/** What the next collections come to. */
let collect: (call: { readonly signal: AbortSignal }) => Promise<CollectReport> = async () => nothing;
let kept: Record<string, CollectionTimes> = {};
afterEach(() => yard[Symbol.asyncDispose]());

async function open(more: YardOptions = {}): Promise<Engine> {
  clock = begin;
  asked = [];
  kept = {};
  collect = async () => nothing;
  const book: CollectionBook = {
    read: async () => ({ ...kept }),
    write: async (target, times) => {
      kept[target] = times;
    },
  };
  const wrapRepository = (repository: Repository): Repository =>
    new Proxy(repository, {
      get(target, name) {
        if (name === 'collect')
          return (options: CollectOptions, call: { readonly signal: AbortSignal }) => {
            asked.push(options);
            return collect(call);
          };
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const options = { now: () => clock, wrapRepository, collections: book, ...more };
  yard = await Yard.open(options);
  return yard.engine;
}

const alarms = async () => (await yard.engine.alarms.open()).map(({ key, severity }) => [key, severity]);

test('a tick collects each repository once a day, and waits for nobody who began earlier', async () => {
  const engine = await open();
  const first = await engine.schedules.tick(yard.call());
  expect(first.collected).toEqual([{ target: 'main', report: nothing, problem: null }]);
  expect(asked).toEqual([{ waitMs: 0 }]);
  clock += hourMs;
  expect((await engine.schedules.tick(yard.call())).collected).toEqual([]);
  clock += 23 * hourMs;
  expect((await engine.schedules.tick(yard.call())).collected).toHaveLength(1);
});

test('who does not lead collects nothing', async () => {
  const engine = await open();
  await yard.catalog.leases.take('scheduler', 'somebody else', 600_000);
  expect((await engine.schedules.tick(yard.call())).collected).toEqual([]);
  expect(asked).toEqual([]);
});

test('a target that is left to another installation is not collected here by itself', async () => {
  const engine = await open();
  Object.assign(yard.config.config.targets.main ?? {}, { collect: false });
  expect((await engine.schedules.tick(yard.call())).collected).toEqual([]);
});

test('forgetting restore points by hand has their repository collected soon', async () => {
  const engine = await open();
  const name = yard.next();
  const first = await engine.protect({ machine: name, steps: toMain }, yard.call());
  expect(first.error).toBeNull();
  clock += 1_000;
  await engine.protect({ machine: name, steps: toMain }, yard.call());
  await engine.schedules.tick(yard.call());
  clock += 2 * hourMs;
  expect((await engine.schedules.tick(yard.call())).collected).toEqual([]);
  const points = await engine.listPoints('main', yard.call());
  const oldest = points.at(-1)?.point ?? '';
  await engine.forgetPoints('main', [oldest], 'a test', yard.call());
  expect((await engine.schedules.tick(yard.call())).collected).toHaveLength(1);
});

test('a collection that fails is an alarm until one succeeds, and is tried again within the hour', async () => {
  const engine = await open();
  collect = () =>
    Promise.reject(new HoldfastError('REPOSITORY_DAMAGED', 'a restore point cannot be read', { remedy: 'look at it' }));
  const failed = await engine.schedules.tick(yard.call());
  expect(failed.collected).toMatchObject([{ problem: { code: 'REPOSITORY_DAMAGED' }, report: null }]);
  expect(await alarms()).toEqual([['collection main', 'critical']]);
  await engine.alarms.look(makeCall());
  expect(await alarms()).toHaveLength(1);
  clock += 60_000;
  expect((await engine.schedules.tick(yard.call())).collected).toEqual([]);
  collect = async () => nothing;
  clock += hourMs;
  expect((await engine.schedules.tick(yard.call())).collected).toMatchObject([{ problem: null }]);
  expect(await alarms()).toEqual([]);
});

test('that somebody else collects is no alarm, and is looked at again soon', async () => {
  const engine = await open();
  collect = () => Promise.reject(new HoldfastError('COLLECTION_BUSY', 'another collection is alive'));
  expect((await engine.schedules.tick(yard.call())).collected).toMatchObject([
    { problem: { code: 'COLLECTION_BUSY' } },
  ]);
  expect(await alarms()).toEqual([]);
  clock += 20 * 60_000;
  expect((await engine.schedules.tick(yard.call())).collected).toHaveLength(1);
});

test('where nothing may be removed that is said once, is no alarm and no hourly attempt, and an older alarm of it is over', async () => {
  const engine = await open();
  collect = () => Promise.reject(new HoldfastError('TARGET_IO', 'the disk does not answer'));
  await engine.schedules.tick(yard.call());
  expect(await alarms()).toEqual([['collection main', 'warning']]);
  clock += hourMs;
  collect = () => Promise.reject(new HoldfastError('TARGET_READ_ONLY', 'nothing can be collected from here'));
  expect((await engine.schedules.tick(yard.call())).collected).toMatchObject([
    { problem: { code: 'TARGET_READ_ONLY' } },
  ]);
  expect(await alarms()).toEqual([]);
  asked = [];
  for (let hour = 0; hour < 50; hour++) {
    clock += hourMs;
    expect((await engine.schedules.tick(yard.call())).collected).toEqual([]);
  }
  expect(asked).toHaveLength(2);
  expect(await alarms()).toEqual([]);
  // Rights may be given later.
  collect = async () => nothing;
  clock += 24 * hourMs;
  expect((await engine.schedules.tick(yard.call())).collected).toMatchObject([{ problem: null }]);
  expect(kept.main?.isRefused).toBeUndefined();
});

test('the alarm of a target that is left to others from now on is over', async () => {
  const engine = await open();
  collect = () => Promise.reject(new HoldfastError('TARGET_IO', 'the disk does not answer'));
  await engine.schedules.tick(yard.call());
  Object.assign(yard.config.config.targets.main ?? {}, { collect: false });
  await engine.alarms.look(makeCall());
  expect(await alarms()).toEqual([]);
});

test('the alarm of a target that is not configured any more is over', async () => {
  const engine = await open();
  collect = () => Promise.reject(new HoldfastError('TARGET_IO', 'the disk does not answer'));
  await engine.schedules.tick(yard.call());
  expect(await alarms()).toEqual([['collection main', 'warning']]);
  Reflect.deleteProperty(yard.config.config.targets, 'main');
  await engine.alarms.look(makeCall());
  expect(await alarms()).toEqual([]);
});

test('stopping the process stops the collection, which is then as due as before and no alarm', async () => {
  const engine = await open();
  const stop = new AbortController();
  collect = ({ signal }) =>
    new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new HoldfastError('CANCELLED', 'stopped')), { once: true });
      stop.abort();
    });
  const serving = engine.schedules.serve(yard.call({ signal: stop.signal }));
  await serving;
  expect(asked).toHaveLength(1);
  expect(kept).toEqual({});
  expect(await alarms()).toEqual([]);
});

test('nothing is collected from a repository that has gone back in time', async () => {
  const engine = await open();
  const name = yard.next();
  await engine.protect({ machine: name, steps: toMain }, yard.call());
  const [point] = await yard.catalog.points({ target: 'main' });
  if (point === undefined) throw new Error('there is no restore point');
  // One that the catalog has seen there, and that the older state which was put in its place does not know of.
  await yard.catalog.savePoints([
    { ...point, point: 'f'.repeat(32), takenAt: clock, committedAt: point.committedAt + 1 },
  ]);
  await expect(engine.repositories.collect('main', {}, yard.call())).rejects.toMatchObject({
    code: 'REPOSITORY_ROLLED_BACK',
  });
  expect(asked).toEqual([]);
  await engine.acceptRollback('main', yard.call());
  await engine.repositories.collect('main', {}, yard.call());
  expect(asked).toEqual([{}]);
});
