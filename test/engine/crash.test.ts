import process from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Ended, mortalLeaseMs, spawnMortal } from './children.ts';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
afterEach(() => yard[Symbol.asyncDispose]());

const leaseMs = mortalLeaseMs;

async function live(kind: 'protect' | 'restore', killAt: number): Promise<Ended> {
  const ended = await spawnMortal(yard.folder, kind, killAt).ended;
  if (!ended.wasKilled) expect(ended.last).toBe('done null');
  return ended;
}

/** Acts to die at: all of them when HOLDFAST_EVERY_ACT is set, else those next to which the world changes. */
function deaths(acts: readonly string[], interesting: readonly string[]): number[] {
  const all = acts.map((name, index) => ({ name, at: index + 1 }));
  const chosen = process.env.HOLDFAST_EVERY_ACT ? all : all.filter(({ name }) => interesting.includes(name));
  return chosen.map(({ at }) => at);
}

async function cleanUp(): Promise<void> {
  await wait(leaseMs + 50);
  await yard.engine.clean(yard.call());
  expect(yard.left()).toEqual([]);
  expect(await yard.catalog.jobs.openIntents()).toEqual([]);
  expect(await yard.catalog.jobs.orphans()).toEqual([]);
  const again = await yard.engine.clean(yard.call());
  expect(again).toEqual([]);
}

test('wherever a process is killed that protects a machine, a clean-up leaves nothing behind and the next run succeeds', async () => {
  yard = await Yard.open({ timing: { leaseMs } });
  const disk = noise(200_000, 1);
  yard.addMachine('web01', { vda: disk });
  const { acts } = await live('protect', 0);
  const at = deaths(acts, ['snapshot', 'snapshot-made', 'openDisk', 'savePoints', 'release', 'finish']);
  expect(at.length).toBeGreaterThanOrEqual(6);
  for (const killAt of at) {
    expect((await live('protect', killAt)).wasKilled, `killed at ${acts[killAt - 1]}`).toBe(true);
    await cleanUp();
  }
  const lost = await yard.catalog.jobs.list({ states: ['failed'] });
  const claimed = at.filter((killAt) => killAt > acts.indexOf('claim') + 1);
  expect(lost.map(({ error }) => error?.code)).toEqual(claimed.map(() => 'RUN_LOST'));
  for (const { id } of lost.slice(0, 2)) {
    expect((await yard.engine.retry(id, yard.call())).state).toBe('done');
  }
  // Whatever was acknowledged or not: what is listed is whole.
  const repository = await yard.repository();
  const points = await repository.points({}, yard.call());
  expect(points.length).toBeGreaterThanOrEqual(3);
  for (const { point } of points) expect((await repository.verify(point, yard.call())).damage).toEqual([]);
  expect((await yard.engine.listPoints('main', yard.call())).length).toBe(points.length);
});

test('wherever a process is killed that restores a machine, no half-made machine stays and no whole one goes', async () => {
  yard = await Yard.open({ timing: { leaseMs } });
  const disk = noise(200_000, 1);
  yard.addMachine('web01', { vda: disk });
  await yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call());
  const { acts } = await live('restore', 0);
  yard.removeMachine('web01-r');
  for (const killAt of deaths(acts, ['create', 'create-made', 'closeSink', 'adopt', 'settleIntent', 'finish'])) {
    const { wasKilled } = await live('restore', killAt);
    expect(wasKilled, `killed at ${acts[killAt - 1]}`).toBe(true);
    const isAdopted = acts.slice(0, killAt - 1).includes('adopt');
    await cleanUp();
    const id = yard.idOf('web01-r');
    expect(id !== undefined, `killed at ${acts[killAt - 1]}`).toBe(isAdopted);
    if (id === undefined) continue;
    expect(disk.equals(yard.readDisk(id, 'vda'))).toBe(true);
    yard.removeMachine('web01-r');
  }
  expect((await live('restore', 0)).wasKilled).toBe(false);
  expect(disk.equals(yard.readDisk(yard.idOf('web01-r') ?? '', 'vda'))).toBe(true);
});
