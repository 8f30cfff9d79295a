import { HoldfastError } from '@holdfast/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Repository } from '../../../core/repository/contract.ts';
import type { CopyOptions } from '../../../core/repository/copy/contract.ts';
import { noise, toMain, Yard } from '../yard.ts';

/** Restore points that cannot be copied, and why. */
const broken = new Map<string, HoldfastError>();
let yard: Yard;

/** The real repository, which fails where a test says so. */
const failing = (repository: Repository): Repository =>
  repository.target === 'main'
    ? repository
    : new Proxy(repository, {
        get(target, name) {
          if (name === 'copyFrom')
            return (
              source: Repository,
              point: string,
              options: CopyOptions,
              call: Parameters<Repository['copyFrom']>[3],
            ) => {
              const problem = broken.get(point);
              return problem === undefined ? target.copyFrom(source, point, options, call) : Promise.reject(problem);
            };
          const value = Reflect.get(target, name, target);
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });

beforeAll(async () => {
  yard = await Yard.open();
  await yard.addTarget('second');
  const name = yard.next();
  for (const seed of [1, 2, 3]) {
    yard.writeDisk(name, 'vda', noise(300_000, seed));
    const run = await yard.engine.protect({ machine: name, steps: toMain }, yard.call());
    expect(run.error).toBeNull();
  }
}, 60_000);
afterAll(() => yard[Symbol.asyncDispose]());

const wish = { from: 'main', to: 'second', machine: null, since: null };

test('one restore point that cannot be read leaves the others to be copied, and the next sync goes on from there', async () => {
  const { repositories } = yard.openEngine({ wrapRepository: failing });
  const plain = yard.engine.repositories;
  const plan = await plain.planSync(wish, yard.call());
  expect(plan.points.map(({ seemsThere }) => seemsThere)).toEqual([false, false, false]);
  const points = plan.points.map(({ point }) => point);
  expect(points.map(({ takenAt }) => takenAt)).toEqual(points.map(({ takenAt }) => takenAt).toSorted((a, b) => a - b));
  expect(plan.relation).toBe('unrelated');
  broken.set(points[1]?.point ?? '', new HoldfastError('REPOSITORY_DAMAGED', 'a chunk is lost'));
  const told: string[] = [];
  const { done } = await repositories.sync(wish, points, {}, yard.call(), ({ point }) => told.push(point.point));
  expect(done.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'REPOSITORY_DAMAGED', null]);
  expect(told).toEqual(points.map(({ point }) => point));
  expect((await yard.catalog.points({ target: 'second' })).length).toBe(2);
  broken.clear();
  const again = await plain.planSync(wish, yard.call());
  expect(again.points.map(({ seemsThere }) => seemsThere)).toEqual([true, false, true]);
});

test('what the destination cannot give back, or a writer that was silent for too long, leaves the others to be copied too', async () => {
  const { repositories } = yard.openEngine({ wrapRepository: failing });
  const points = (await yard.engine.repositories.planSync(wish, yard.call())).points.map(({ point }) => point);
  broken.set(points[0]?.point ?? '', new HoldfastError('VERIFY_FAILED', 'a chunk cannot be read back'));
  broken.set(points[1]?.point ?? '', new HoldfastError('LEASE_LOST', 'a collector was first'));
  const { done } = await repositories.sync(wish, points, {}, yard.call());
  expect(done.map(({ problem }) => problem?.code ?? null)).toEqual(['VERIFY_FAILED', 'LEASE_LOST', null]);
  broken.clear();
});

test('a destination that is full ends a sync at once: what comes after would fail too', async () => {
  const { repositories } = yard.openEngine({ wrapRepository: failing });
  const points = (await yard.engine.repositories.planSync(wish, yard.call())).points.map(({ point }) => point);
  for (const { point } of points) broken.set(point, new HoldfastError('TARGET_FULL', 'no room'));
  const told: string[] = [];
  const syncing = repositories.sync(wish, points, {}, yard.call(), ({ point }) => told.push(point.point));
  await expect(syncing).rejects.toMatchObject({ code: 'TARGET_FULL' });
  expect(told).toEqual([]);
  broken.clear();
});

test('a restore point that is there is not copied twice, and the catalog knows where the copy is', async () => {
  const [newest] = (await yard.engine.listPoints('main', yard.call())).slice(0, 1);
  const first = await yard.engine.repositories.copy('main', newest?.point ?? '', 'second', {}, yard.call());
  const second = await yard.engine.repositories.copy('main', newest?.point ?? '', 'second', {}, yard.call());
  expect(second).toMatchObject({ wasThere: true, point: first.point });
  const known = await yard.catalog.points({ target: 'second' });
  expect(known.filter(({ point }) => point === first.point)).toHaveLength(1);
});

test('what was forgotten there stays away until somebody wants it again', async () => {
  const { repositories } = yard.engine;
  const plan = await repositories.planSync(wish, yard.call());
  await repositories.sync(
    wish,
    plan.points.map(({ point }) => point),
    {},
    yard.call(),
  );
  const there = await yard.engine.listPoints('second', yard.call());
  expect(there).toHaveLength(3);
  const oldest = there.at(-1)?.point ?? '';
  await yard.engine.forgetPoints('second', [oldest], 'a test', yard.call());
  const whys = async (again: boolean) =>
    (await repositories.planSync({ ...wish, again }, yard.call())).points.map(
      ({ seemsThere, leftOut }) => leftOut ?? seemsThere,
    );
  expect(await whys(false)).toEqual(['forgotten', true, true]);
  expect(await whys(true)).toEqual([false, true, true]);
  // Another process, and one that begins with the catalog as it was saved, remember it too.
  expect((await yard.catalog.forgottenPoints('second')).map(({ point }) => point)).toEqual([oldest]);
});

test('what the retention of the destination does not keep is not copied, and what it keeps no longer is forgotten there', async () => {
  await using one = await Yard.open({ config: { keep: { second: { last: 2 } } } });
  await one.addTarget('second');
  const name = one.next();
  const { repositories } = one.engine;
  const protect = async (seed: number): Promise<void> => {
    one.writeDisk(name, 'vda', noise(100_000, seed));
    expect((await one.engine.protect({ machine: name, steps: toMain }, one.call())).error).toBeNull();
  };
  for (const seed of [1, 2, 3]) await protect(seed);
  const sync = async () => {
    const plan = await repositories.planSync(wish, one.call());
    const wanted = plan.points.filter(({ seemsThere, leftOut }) => !seemsThere && leftOut === null);
    const points = wanted.map(({ point }) => point);
    return { plan, ...(await repositories.sync(wish, points, {}, one.call())) };
  };
  const first = await sync();
  expect(first.plan.points.map(({ leftOut }) => leftOut)).toEqual(['retention', null, null]);
  expect({ copied: first.done.length, forgotten: first.forgotten }).toEqual({ copied: 2, forgotten: [] });
  await protect(4);
  const second = await sync();
  expect(second.plan.points.map(({ leftOut }) => leftOut)).toEqual(['retention', null, null, null]);
  expect(second.done).toHaveLength(1);
  const times = (some: readonly { readonly takenAt: number }[]) => some.map(({ takenAt }) => takenAt);
  expect(times(second.forgotten)).toEqual(times(second.plan.expires));
  expect(second.forgotten).toHaveLength(1);
  const left = await one.engine.listPoints('second', one.call());
  expect(times(left)).toEqual(times(second.plan.points.slice(2).map(({ point }) => point)).toReversed());
  // And nothing comes back.
  const third = await sync();
  expect({ copied: third.done.length, forgotten: third.forgotten.length }).toEqual({ copied: 0, forgotten: 0 });
  expect(third.plan.points.map(({ leftOut }) => leftOut)).toEqual(['retention', 'forgotten', null, null]);
  expect(await one.engine.listPoints('main', one.call())).toHaveLength(4);
}, 60_000);

test('a repository is not copied to itself, however it is called', async () => {
  const { repositories } = yard.engine;
  Object.assign(yard.config.config.targets, { alias: yard.config.config.targets['main'] });
  const [newest] = await yard.engine.listPoints('main', yard.call());
  const same = { from: 'main', to: 'alias' };
  const refused = { code: 'USAGE', message: expect.stringContaining('one and the same') };
  await expect(repositories.planSync({ ...wish, ...same }, yard.call())).rejects.toMatchObject(refused);
  await expect(repositories.sync(same, [], {}, yard.call())).rejects.toMatchObject(refused);
  await expect(repositories.copy('main', newest?.point ?? '', 'alias', {}, yard.call())).rejects.toMatchObject(refused);
});
