import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Ended, mortalLeaseMs, spawnMortal } from './children.ts';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
afterEach(() => yard[Symbol.asyncDispose]());

/** Waits until a process has made its snapshot; a process that ends before is a failure. */
async function untilSnapshot(ended: Promise<Ended>): Promise<void> {
  let over: Ended | null = null;
  void ended.then((how) => {
    over = how;
  });
  while (yard.left().length === 0) {
    if (over !== null) throw new Error(`it ended before: ${JSON.stringify(over)}`);
    await Promise.race([wait(20), ended]);
  }
}

/** A process that is stopped while it writes holds the lock of the database, and then nobody gets to do anything: not what is tested here. */
async function stopOutsideOfTransactions(child: ChildProcess): Promise<void> {
  using database = new DatabaseSync(join(yard.folder, 'data', 'catalog.db'), { timeout: 0 });
  for (;;) {
    child.kill('SIGSTOP');
    await wait(20);
    try {
      database.exec('BEGIN IMMEDIATE; ROLLBACK');
      return;
    } catch {
      child.kill('SIGCONT');
      await wait(20);
    }
  }
}

test('of two processes that protect a machine at the same moment one does it and the other is refused, naming the run', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(100_000, 1) });
  yard.fail({ openDisk: { delayMs: 3_000 } });
  const first = spawnMortal(yard.folder, 'protect', 0, 60_000);
  await untilSnapshot(first.ended);
  const [running] = await yard.catalog.jobs.list({ states: ['running'] });
  await expect(yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call())).rejects.toMatchObject({
    code: 'MACHINE_BUSY',
    message: `run ${running?.id} is working on web01 already`,
    remedy: expect.stringContaining(`holdfast run watch ${running?.id}`),
  });
  expect((await first.ended).last).toBe('done null');
  expect(await yard.catalog.jobs.list({})).toHaveLength(1);
  expect((await yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call())).state).toBe('done');
});

test('a process that was stopped for longer than its lease is fenced when it goes on: it commits nothing and touches nothing', async () => {
  yard = await Yard.open({ timing: { leaseMs: mortalLeaseMs } });
  yard.addMachine('web01', { vda: noise(100_000, 1) });
  yard.fail({ openDisk: { delayMs: 700, times: 1 } });
  const { child, ended } = spawnMortal(yard.folder, 'protect', 0);
  await untilSnapshot(ended);
  await stopOutsideOfTransactions(child);
  await wait(mortalLeaseMs + 100);
  const cleaned = await yard.engine.clean(yard.call());
  expect(cleaned[0]).toContain('was left by a process that died: marked as failed');
  expect(yard.left()).toEqual([]);
  const next = await yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call());
  expect(next.state).toBe('done');
  child.kill('SIGCONT');
  expect((await ended).last).toContain('refused FENCED');
  const runs = await yard.catalog.jobs.list({});
  expect(runs.map(({ state, error }) => `${state} ${error?.code}`)).toEqual(['done undefined', 'failed RUN_LOST']);
  expect(await (await yard.repository()).points({}, yard.call())).toHaveLength(1);
});

test('after the death of a process its machine can be protected at once: the newcomer waits for the lease instead of refusing, and takes back what was left', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(100_000, 1) });
  expect((await spawnMortal(yard.folder, 'protect', 8, 2_000).ended).wasKilled).toBe(true);
  const run = await yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call());
  expect(run.state).toBe('done');
  const lost = (await yard.catalog.jobs.list({})).find(({ id }) => id !== run.id);
  expect(lost).toMatchObject({ state: 'failed', error: { code: 'RUN_LOST' } });
  expect(await yard.catalog.jobs.openIntents()).toEqual([]);
});

test('a retry that finds its machine busy leaves the run as it was, to be retried later', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(100_000, 1) });
  yard.fail({ openDisk: { code: 'DISK_UNREADABLE', times: 1 } });
  const failed = await yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call());
  const busy = await yard.catalog.leases.take('machine:fleet/web01', 'elsewhere:1:1', 60_000);
  if (busy === null) throw new Error('the lease was not given back');
  await expect(yard.engine.retry(failed.id, yard.call())).rejects.toMatchObject({ code: 'MACHINE_BUSY' });
  expect((await yard.catalog.jobs.get(failed.id))?.state).toBe('failed');
  await yard.catalog.leases.release(busy);
  expect((await yard.engine.retry(failed.id, yard.call())).state).toBe('done');
});

test('a run whose process died before it began can be executed by another', async () => {
  yard = await Yard.open({ timing: { leaseMs: mortalLeaseMs } });
  yard.addMachine('web01', { vda: noise(100_000, 1) });
  // Its second act would have been to claim the run that it has added.
  expect((await spawnMortal(yard.folder, 'protect', 2).ended).wasKilled).toBe(true);
  const [waiting] = await yard.catalog.jobs.list({ states: ['waiting'] });
  expect((await yard.engine.retry(waiting?.id ?? '', yard.call())).state).toBe('done');
});

test('slots are never exceeded, whatever number of processes want one; there are two where nothing else is said', async () => {
  yard = await Yard.open();
  const others = await Promise.all([1, 2].map(() => Yard.open({}, yard.folder)));
  const settings = { folder: yard.folder, slot: 'tape:library', holdMs: 60 };
  const steps = [...toMain, { use: 'stumble', settings }];
  const runs = [yard, ...others].flatMap((place, index) =>
    ['a', 'b'].map((letter) => {
      const name = `${letter}${index}`;
      yard.addMachine(name, { vda: noise(20_000, 1) });
      return place.engine.protect({ machine: name, steps }, yard.call());
    }),
  );
  const ended = await Promise.all(runs);
  for (const other of others) await other[Symbol.asyncDispose]();
  expect(ended.map(({ state }) => state)).toEqual(Array.from({ length: 6 }, () => 'done'));
  const signs = readFileSync(join(yard.folder, 'slots.log'), 'utf8');
  let held = 0;
  const most = Math.max(...[...signs].map((sign) => (held += sign === '+' ? 1 : -1)));
  expect(signs).toHaveLength(12);
  expect(most).toBeLessThanOrEqual(2);
  expect(await yard.catalog.leases.slots()).toEqual([]);
});

test('a step that gets no slot in time fails with a clear error instead of waiting for ever', async () => {
  yard = await Yard.open({ config: { slots: { tape: 1 } }, timing: { slotWaitMs: 100 } });
  yard.addMachine('web01', { vda: noise(20_000, 1) });
  const held = await yard.catalog.leases.takeSlot('tape:library', 1, 'someone', 60_000);
  expect(held).not.toBeNull();
  const steps = [...toMain, { use: 'stumble', settings: { folder: yard.folder, slot: 'tape:library' } }];
  const run = await yard.engine.protect({ machine: 'web01', steps }, yard.call());
  expect(run).toMatchObject({
    state: 'failed',
    error: { code: 'SLOT_UNAVAILABLE', message: 'all 1 slots of tape:library stayed taken' },
  });
});

test('hypervisor and technique in worker threads do exactly what they do in process', async () => {
  const figures = async (place: 'in-process' | 'worker') => {
    yard = await Yard.open({ place });
    yard.openFleet({ tracks: true });
    yard.addMachine('web01', { vda: noise(500_000, 1) });
    const steps = [...toMain, { use: 'stumble', settings: { folder: yard.folder, slot: 'tape:x' } }];
    await yard.engine.protect({ machine: 'web01', steps }, yard.call());
    const run = await yard.engine.protect({ machine: 'web01', steps }, yard.call());
    const reasons = await yard.catalog.jobs.reasons(run.id);
    const [newest] = (await yard.catalog.points({})).toSorted((a, b) => b.takenAt - a.takenAt);
    if (newest === undefined) throw new Error('nothing was protected');
    const back = await yard.engine.restore({ point: newest, to: 'fleet', as: 'back' }, yard.call());
    const isEqual = noise(500_000, 1).equals(yard.readDisk(yard.idOf('back') ?? '', 'vda'));
    const left = [yard.left(), await yard.catalog.jobs.openIntents(), await yard.catalog.leases.slots()];
    const answer = {
      state: run.state,
      error: run.error,
      decisions: reasons.map(({ decision }) => decision),
      back: back.state,
      isEqual,
      left,
    };
    if (place === 'in-process') await yard[Symbol.asyncDispose]();
    return answer;
  };
  const inProcess = await figures('in-process');
  expect(inProcess).toMatchObject({ state: 'done', back: 'done', isEqual: true, left: [[], [], []] });
  expect(await figures('worker')).toEqual(inProcess);
});

test('whoever watches a run in another process sees its lines once and in order, then how it ended', async () => {
  yard = await Yard.open();
  yard.addMachine('web01', { vda: noise(100_000, 1) });
  yard.fail({ openDisk: { delayMs: 200, times: 1 } });
  const { promise, resolve } = Promise.withResolvers<string>();
  const running = yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call(), ({ id }) => resolve(id));
  const other = await Yard.open({}, yard.folder);
  const lines: string[] = [];
  const states: string[] = [];
  for await (const event of other.engine.watch(await promise, yard.call())) {
    if (event.kind === 'log') lines.push(event.text);
    else states.push(event.run.state);
  }
  await running;
  await other[Symbol.asyncDispose]();
  const kept = (await yard.catalog.jobs.logLines(await promise, 100)).map(({ text }) => text);
  expect(lines).toEqual(kept);
  expect(states.at(-1)).toBe('done');
  await expect(yard.engine.watch('nonesuch', yard.call())[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'RUN_NOT_FOUND',
  });
});
