import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
let web: string;
beforeAll(async () => {
  yard = await Yard.open({ timing: { graceMs: 500 } });
});
afterAll(() => yard[Symbol.asyncDispose]());
beforeEach(() => {
  web = yard.next();
});

const MiB = 1024 * 1024;
const wish = () => ({ machine: web, steps: toMain });

async function expectClean(): Promise<void> {
  expect(yard.left()).toEqual([]);
  expect(await yard.catalog.jobs.openIntents()).toEqual([]);
  expect(await yard.catalog.leases.slots()).toEqual([]);
  expect(await yard.catalog.points({ machine: web })).toEqual([]);
  expect(await (await yard.repository()).points({ machine: web }, yard.call())).toEqual([]);
}

test('a run that is cancelled while a disk is read stops, releases its snapshot and says what was cleaned', async () => {
  web = yard.next({ vda: noise(96 * MiB, 1) });
  const stop = new AbortController();
  const run = await yard.engine.protect(
    wish(),
    yard.call({
      signal: stop.signal,
      progress: ({ doneBytes = 0 }) => {
        if (doneBytes > 0) stop.abort();
      },
    }),
  );
  expect(run.state).toBe('cancelled');
  expect(run.error).toMatchObject({ code: 'CANCELLED' });
  expect(run.error?.message).toBe(
    `cancelled by tester; cleaned up: gave up the restore point that was being written to main, released the snapshot of ${web}`,
  );
  await expectClean();
  const steps = await yard.catalog.jobs.steps(run.id);
  expect(steps.map(({ state }) => state)).toEqual(['done', 'cancelled']);
});

test('a run can be cancelled from another process through the catalog, and protects the machine when it is retried', async () => {
  yard.fail({ openDisk: { delayMs: 20_000, times: 1 } });
  const ended = yard.engine.protect(wish(), yard.call(), (run) => {
    void (async () => {
      while (yard.left().length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await yard.catalog.jobs.askCancel(run.id, 'alice');
    })();
  });
  const run = await ended;
  expect(run).toMatchObject({ state: 'cancelled', cancelAskedBy: 'alice' });
  expect(run.error?.message).toContain('cancelled by alice; cleaned up: ');
  await expectClean();
  yard.fail({});
  expect((await yard.engine.retry(run.id, yard.call())).state).toBe('done');
});

test('a run that is cancelled while it pauses before its next attempt does not wait for that', async () => {
  yard.fail({ snapshot: { code: 'ENDPOINT_UNREACHABLE' } });
  const stop = new AbortController();
  const log = (_level: string, message: string) => {
    if (message.includes('told to fail')) setTimeout(() => stop.abort(), 50);
  };
  const engine = yard.openEngine({ timing: { backoffMs: [60_000] } });
  const run = await engine.protect(wish(), yard.call({ signal: stop.signal, log }));
  expect(run.state).toBe('cancelled');
  await expectClean();
});

test('a step that does not listen is left behind, and the rest is cleaned without it', async () => {
  const steps = [...toMain, { use: 'stumble', settings: { folder: yard.folder, how: 'deaf' } }];
  const stop = new AbortController();
  const log = (_level: string, message: string) => {
    if (message.startsWith('restore point')) setTimeout(() => stop.abort(), 100);
  };
  const run = await yard.engine.protect({ machine: web, steps }, yard.call({ signal: stop.signal, log }));
  expect(run.state).toBe('cancelled');
  expect(yard.left()).toEqual([]);
  // The restore point had been completed before: it is not taken back.
  expect(await yard.catalog.points({ machine: web })).toHaveLength(1);
});

test('a run that does not end before its caller gives up is stopped and cleaned up too', async () => {
  yard.fail({ openDisk: { delayMs: 60_000 } });
  const run = await yard.engine.protect(wish(), yard.call({ deadline: Date.now() + 700 }));
  expect(run).toMatchObject({ state: 'failed', error: { code: 'TIMEOUT' } });
  expect(run.error?.message).toContain('did not end in time; cleaned up: ');
  await expectClean();
});

test('a call that is cancelled before it begins leaves no run', async () => {
  const run = await yard.engine
    .protect(wish(), yard.call({ signal: AbortSignal.abort() }))
    .catch((problem) => problem.code);
  expect(run).toBe('CANCELLED');
  expect(await yard.catalog.jobs.list({ machine: web })).toEqual([]);
});
