import { afterEach, expect, test } from 'vitest';
import { readPolicies } from '../../core/config/policies/read.ts';
import { runOf } from '../../core/engine/schedules/runs-of.ts';
import { noise, toMain, Yard } from './yard.ts';

let yard: Yard;
let now = 0;
afterEach(() => yard[Symbol.asyncDispose]());

const wish = { machine: 'web01', steps: toMain };
const hour = 3_600_000;

async function open(start: number): Promise<void> {
  now = start;
  yard = await Yard.open({ now: () => now, timing: { leaseMs: 1e12 }, config: { keep: { main: { last: 1 } } } });
  yard.addMachine('web01', { vda: noise(300_000, 1) });
  await yard.engine.listMachines('fleet', yard.call());
}

async function apply(text: string): Promise<void> {
  const wanted = readPolicies(text, '/policies.yaml');
  const { policies } = yard.engine;
  await policies.apply(wanted, await policies.plan(wanted, yard.call()), yard.call());
}

const policy = (keep: string, selector = '{ names: web* }', zone = 'UTC'): string =>
  `zone: ${zone}\npolicies:\n  gold:\n    protect: ${selector}\n    workflows: { b: { steps: [ snapshot, { proxy: { to: main } } ] } }\n    keep: ${keep}\n`;

const left = async (): Promise<number> => (await yard.catalog.points({ target: 'main' })).length;

test('a run keeps what the policies of its machine keep, although the configuration would keep less', async () => {
  await open(Date.UTC(2026, 0, 1, 12));
  await apply(policy('{ main: { last: 3 } }'));
  for (let count = 0; count < 5; count += 1) {
    now += hour;
    const foretold = await yard.engine.planProtect(wish, yard.call());
    const run = await yard.engine.protect(wish, yard.call());
    expect(run.error).toBeNull();
    expect((run.result as { expired: readonly string[] }).expired).toEqual(foretold.expires.map(({ point }) => point));
  }
  expect(await left()).toBe(3);
});

test('a machine that no policy selects is kept by the configuration, and days are those of the policies’ zone', async () => {
  await open(Date.UTC(2026, 0, 1, 8));
  await apply(policy('{ main: { last: 3 } }', '{ names: db* }'));
  for (let count = 0; count < 2; count += 1) {
    now += hour;
    await yard.engine.protect(wish, yard.call());
  }
  expect(await left()).toBe(1);
  // 10:00 UTC and 13:00 UTC are two days in Auckland, and one in UTC.
  await apply(policy('{ main: { daily: 2 } }', undefined, 'Pacific/Auckland'));
  now = Date.UTC(2026, 0, 1, 13);
  await yard.engine.protect(wish, yard.call());
  expect(await left()).toBe(2);
  await apply(policy('{ main: { daily: 2 } }', undefined, 'UTC'));
  now += 60_000;
  await yard.engine.protect(wish, yard.call());
  expect(await left()).toBe(1);
});

test('policies that cannot be read any more expire nothing, and the run says so', async () => {
  await open(Date.UTC(2026, 0, 1, 12));
  await yard.catalog.policies.apply(null, { text: 'from: tomorrow\n', source: '/p.yaml', who: 'x', at: now });
  for (let count = 0; count < 3; count += 1) {
    now += hour;
    const run = await yard.engine.protect(wish, yard.call());
    expect(run).toMatchObject({ state: 'partial', error: { code: 'POLICY_INVALID' } });
  }
  expect(await left()).toBe(3);
});

test('a run of a policy keeps what that policy keeps, although its machine is called otherwise by now', async () => {
  await open(Date.UTC(2026, 0, 1, 12));
  await apply(policy('{ main: { last: 3 } }'));
  for (let count = 0; count < 3; count += 1) {
    now += hour;
    const [record] = await yard.catalog.machines({ endpoint: 'fleet' });
    if (record === undefined) throw new Error('no machine');
    const of = { policy: { policy: 'gold', workflow: 'b', due: now }, steps: toMain, who: 'schedule' };
    const run = await yard.catalog.jobs.add(runOf(record, { ...of, createdAt: now, notBefore: 0 }));
    yard.addMachine('web01', {}, { name: 'db01' });
    await yard.engine.listMachines('fleet', yard.call());
    expect((await yard.engine.execute(run.id, yard.call())).error).toBeNull();
  }
  expect(await left()).toBe(3);
  // Nobody but the configuration speaks for it when a person runs it.
  now += hour;
  const byHand = await yard.engine.protect({ ...wish, machine: 'db01' }, yard.call());
  expect(byHand.error).toBeNull();
  expect(await left()).toBe(1);
});
