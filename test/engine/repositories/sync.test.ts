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
  const done = await repositories.sync(wish, points, {}, yard.call(), ({ point }) => told.push(point.point));
  expect(done.map(({ problem }) => problem?.code ?? null)).toEqual([null, 'REPOSITORY_DAMAGED', null]);
  expect(told).toEqual(points.map(({ point }) => point));
  expect((await yard.catalog.points({ target: 'second' })).length).toBe(2);
  broken.clear();
  const again = await plain.planSync(wish, yard.call());
  expect(again.points.map(({ seemsThere }) => seemsThere)).toEqual([true, false, true]);
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
