import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
let web: string;
beforeEach(async () => {
  yard = await Yard.open();
  web = yard.next({ vda: noise(512 * 1024, 1) });
  yard.addMachine(web, {}, {});
  yard.openFleet({});
});
afterEach(() => yard[Symbol.asyncDispose]());

const protect = () => yard.engine.protect({ machine: web, steps: toMain }, yard.call());
const disk = () => join(yard.folder, 'disk');
const kept = () => join(yard.folder, 'yesterday');

/** Puts the repository as it was into the place of what it has become. */
function rollBack(): void {
  rmSync(disk(), { recursive: true });
  cpSync(kept(), disk(), { recursive: true });
}

test('a repository that was put back to yesterday is not written to, and says which restore point it lacks', async () => {
  await protect();
  cpSync(disk(), kept(), { recursive: true });
  const lost = await protect();
  rollBack();
  for (const _again of [1, 2]) {
    const run = await protect();
    expect(run).toMatchObject({ state: 'failed', error: { code: 'REPOSITORY_ROLLED_BACK' } });
    const { point } = lost.result as { point: { point: string } };
    expect(run.error?.message).toContain(point.point);
  }
});

test('once someone accepts the older state, the machine is protected again and the lost point is noted as missing', async () => {
  await protect();
  cpSync(disk(), kept(), { recursive: true });
  const lost = await protect();
  rollBack();
  const { point } = lost.result as { point: { point: string } };
  expect((await yard.engine.acceptRollback('main', yard.call())).map((gone) => gone.point)).toEqual([point.point]);
  expect(await yard.catalog.copies(point.point)).toMatchObject([{ state: 'missing' }]);
  expect(await protect()).toMatchObject({ state: 'done', error: null });
});

test('points that another installation forgot, all but the newest, are no sign of an older state', async () => {
  const first = await protect();
  await protect();
  const { point } = first.result as { point: { point: string } };
  await (await yard.repository()).forget([point.point], 'elsewhere', yard.call());
  expect(await protect()).toMatchObject({ state: 'done', error: null });
  expect(await yard.catalog.copies(point.point)).toMatchObject([{ state: 'missing' }]);
});
