import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { RunRecord } from '../../core/catalog/contract.ts';
import { toMain, Yard } from './yard.ts';

let yard: Yard;
let web: string;
beforeAll(async () => {
  yard = await Yard.open();
});
afterAll(() => yard[Symbol.asyncDispose]());
beforeEach(() => {
  web = yard.next();
});

const protect = () => yard.engine.protect({ machine: web, steps: toMain }, yard.call());
const points = () => yard.catalog.points({ machine: web });
const reasons = async (run: RunRecord) => (await yard.catalog.jobs.reasons(run.id)).map(({ decision }) => decision);
const calls = (method: string) =>
  readFileSync(join(yard.folder, 'fleet', 'calls.log'), 'utf8')
    .split('\n')
    .filter((line) => line === method).length;
const stumble = (settings: Readonly<Record<string, unknown>>) => ({
  machine: web,
  steps: [...toMain, { use: 'stumble', settings: { folder: yard.folder, ...settings } as Record<string, string> }],
});
const attempts = () => readFileSync(join(yard.folder, 'attempts.log'), 'utf8').trim().split('\n');

/** No snapshot, no half-made machine, no slot, no intent is left. */
async function expectClean(): Promise<void> {
  expect(yard.left()).toEqual([]);
  expect(await yard.catalog.jobs.openIntents()).toEqual([]);
  expect(await yard.catalog.leases.slots()).toEqual([]);
}

test('an endpoint that does not answer twice is asked a third time, and the reasons say why', async () => {
  yard.fail({ snapshot: { code: 'ENDPOINT_UNREACHABLE', times: 2 } });
  const run = await protect();
  expect(run.state).toBe('done');
  expect(run.result).toMatchObject({
    failedAttempts: [
      { use: 'snapshot', attempt: 1, code: 'ENDPOINT_UNREACHABLE' },
      { use: 'snapshot', attempt: 2, code: 'ENDPOINT_UNREACHABLE' },
    ],
  });
  expect((await reasons(run)).filter((line) => line.includes('again'))).toEqual([
    'do step snapshot again, attempt 2, after 10 ms',
    'do step snapshot again, attempt 3, after 20 ms',
  ]);
  await expectClean();
});

test('an endpoint that never answers ends the run as failed after three attempts, with code and remedy', async () => {
  yard.fail({ snapshot: { code: 'ENDPOINT_UNREACHABLE' } });
  const run = await protect();
  expect(run).toMatchObject({
    state: 'failed',
    error: { code: 'ENDPOINT_UNREACHABLE', message: 'snapshot was told to fail' },
  });
  expect(run.error?.remedy).toContain('holdfast endpoint check');
  expect(calls('snapshot')).toBe(3);
  await expectClean();
});

test.each(['QUIESCE_UNAVAILABLE', 'PERMISSION_DENIED', 'TARGET_FULL', 'DISK_UNREADABLE'])(
  '%s is not tried again: it would only fail again',
  async (code) => {
    yard.fail({ openDisk: { code } });
    const run = await protect();
    expect(run).toMatchObject({ state: 'failed', error: { code } });
    expect(calls('openDisk')).toBe(1);
    await expectClean();
  },
);

test('a disk that changed under the reader is read again from a new snapshot, not from the spoilt one', async () => {
  yard.fail({ openDisk: { code: 'DISK_CHANGED', times: 1 } });
  const run = await protect();
  expect(run.state).toBe('done');
  expect(calls('snapshot')).toBe(2);
  expect(calls('release')).toBe(2);
  expect((await reasons(run)).some((line) => line.startsWith('do step proxy and what it needs again'))).toBe(true);
  expect(await points()).toHaveLength(1);
  await expectClean();
});

test('a disk of which it turns out after the last byte that it had changed meanwhile makes no restore point', async () => {
  yard.fail({ closeDisk: { code: 'DISK_CHANGED' } });
  const run = await protect();
  expect(run).toMatchObject({ state: 'failed', error: { code: 'DISK_CHANGED' } });
  expect(calls('snapshot')).toBe(3);
  expect(await points()).toEqual([]);
  await expectClean();
});

test('a hypervisor that throws what nobody foresaw ends the run, not the process, and names the plugin', async () => {
  yard.fail({ openDisk: { bug: true } });
  const run = await protect();
  expect(run).toMatchObject({ state: 'failed', error: { code: 'PLUGIN_FAILED' } });
  expect(run.error?.message).toContain('fleet-under-test failed in endpoint fleet openDisk');
  await expectClean();
  yard.fail({});
  expect((await protect()).state).toBe('done');
});

test('a step plugin that throws what nobody foresaw fails its run, and what came before it stays', async () => {
  const run = await yard.engine.protect(stumble({ how: 'bug' }), yard.call());
  expect(run).toMatchObject({ state: 'failed', error: { code: 'PLUGIN_FAILED' } });
  expect(await points()).toHaveLength(1);
  await expectClean();
});

test('a step that does not give what it promised is told apart from one that works', async () => {
  const run = await yard.engine.protect(stumble({ how: 'nothing' }), yard.call());
  expect(run).toMatchObject({ state: 'failed', error: { code: 'PLUGIN_FAILED' } });
  expect(run.error?.message).toBe('step stumble promised a copy and did not give it');
});

test('a step that wants to move a file which nobody handed to it is refused', async () => {
  const run = await yard.engine.protect(stumble({ how: 'steal' }), yard.call());
  expect(run).toMatchObject({ state: 'failed', error: { code: 'PERMISSION_DENIED' } });
  expect(existsSync(join(yard.folder, 'stolen'))).toBe(false);
});

test('retry of a run whose copy failed picks up after the restore point: no new snapshot, no new reading', async () => {
  const failed = await yard.engine.protect(stumble({ how: 'error', code: 'TARGET_FULL', times: 1 }), yard.call());
  expect(failed).toMatchObject({ state: 'failed', error: { code: 'TARGET_FULL' } });
  const run = await yard.engine.retry(failed.id, yard.call());
  expect(run).toMatchObject({ state: 'done', attempts: 2, error: null });
  expect(calls('snapshot')).toBe(1);
  expect(await points()).toHaveLength(1);
  // The second attempt found what the first had stored as its checkpoint.
  expect(attempts()).toEqual(['1 null', '1 {"tried":0}']);
  expect(run.result).toMatchObject({ point: { target: 'main' } });
});

test('retry of a run whose reading failed takes a new snapshot and succeeds once the cause is gone', async () => {
  yard.fail({ openDisk: { code: 'DISK_UNREADABLE', times: 1 } });
  const failed = await protect();
  expect(failed.state).toBe('failed');
  const run = await yard.engine.retry(failed.id, yard.call());
  expect(run.state).toBe('done');
  expect(calls('snapshot')).toBe(2);
  await expect(yard.engine.execute(run.id, yard.call())).rejects.toMatchObject({ code: 'RUN_ENDED' });
  await expect(yard.engine.retry(run.id, yard.call())).rejects.toMatchObject({ code: 'RUN_NOT_RETRYABLE' });
  await expect(yard.engine.execute('nonesuch', yard.call())).rejects.toMatchObject({ code: 'RUN_NOT_FOUND' });
});

test('a machine that vanishes while it is being protected fails its run with a clear error and leaves nothing', async () => {
  const vanish = yard.call({
    log: (_level, message) => {
      if (message.startsWith(`froze ${web}`)) {
        rmSync(join(yard.folder, 'fleet', 'machines', web), { recursive: true });
        rmSync(join(yard.folder, 'fleet', 'snapshots'), { recursive: true });
      }
    },
  });
  const run = await yard.engine.protect({ machine: web, steps: toMain }, vanish);
  expect(run).toMatchObject({ state: 'failed', error: { code: 'DISK_UNREADABLE' } });
  expect(await points()).toEqual([]);
  await expect(protect()).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
});

test('a snapshot that cannot be released makes the run partial; the next clean-up releases it', async () => {
  yard.fail({ release: { code: 'ENDPOINT_UNREACHABLE' }, removeOwned: { code: 'ENDPOINT_UNREACHABLE' } });
  const run = await protect();
  expect(run).toMatchObject({ state: 'partial', error: { code: 'ENDPOINT_UNREACHABLE' } });
  expect(run.error?.message).toContain('the work is done, but not all of it could be cleaned up');
  expect(await points()).toHaveLength(1);
  expect(yard.left()).toHaveLength(1);
  expect(await yard.engine.leftovers(yard.call())).toEqual([
    `run ${run.id} (protect ${web}) ended, but its snapshot is not taken back yet`,
  ]);
  yard.fail({});
  expect(await yard.engine.clean(yard.call())).toEqual([
    `run ${run.id} (protect ${web}): released the snapshot of ${web}`,
  ]);
  expect(await yard.engine.leftovers(yard.call())).toEqual([]);
  await expectClean();
});
