import type { Machine, Plain } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RealSite } from './real-site.ts';

const machine = (name: string): Machine => ({
  id: `id-${name}`,
  name,
  power: 'off',
  place: '/srv',
  tags: ['gold'],
  disks: [],
});

const policies = `zone: UTC
blackouts: [ { from: 2026-11-23 00:00, to: 2026-11-23 05:00 } ]
policies:
  gold:
    protect: { tags: [gold] }
    workflows:
      backup: { schedule: daily 02:00, steps: [ snapshot, { proxy: { to: main } } ] }
      weekly: { steps: [ snapshot, { proxy: { to: main } } ] }
  silver:
    protect: { names: 'none-*' }
    paused: true
    workflows: { backup: { every: 12h, steps: [ snapshot, { proxy: { to: main } } ] } }
`;

let made: RealSite;
beforeEach(async () => {
  made = new RealSite({
    endpoints: { lab: { use: 'kvm', folder: '/nowhere/at/all' } },
    targets: { main: { use: 'disk', path: '/backup', passphrase: 'env:X' } },
  });
});
afterEach(() => made[Symbol.asyncDispose]());

async function siteInForce() {
  const site = made.open();
  const catalog = await site.catalog();
  await catalog.seenMachines('lab', [machine('erp'), machine('mail')]);
  await catalog.policies.apply(null, { text: policies, source: '/p.yaml', who: 'test', at: made.now });
  return site;
}

const run = async (id: string, args: Readonly<Record<string, Plain>> = {}) => {
  const site = await siteInForce();
  return made.run(site, id, args);
};

test('the list of schedules has each workflow, when it runs next, and which of them only run when asked or not at all', async () => {
  const { data, view } = await run('schedule.list');
  expect(data).toMatchObject({
    leader: null,
    workflows: [
      // Hidden by the blackout, and caught up when it ends.
      {
        policy: 'gold',
        workflow: 'backup',
        when: 'daily 02:00',
        machines: 2,
        next: Date.UTC(2026, 10, 23, 5),
        problem: null,
      },
      { policy: 'gold', workflow: 'weekly', when: null, next: null, problem: null },
      { policy: 'silver', when: 'every 12h', machines: 0, next: null, isPaused: true },
    ],
  });
  expect(view).toMatchObject({
    kind: 'table',
    rows: [{ id: 'gold/backup' }, { id: 'gold/weekly' }, { id: 'silver/backup' }],
  });
});

test('the preview shows what begins in the days to come, and what is caught up after a blackout', async () => {
  const { data } = await run('schedule.preview', { days: 3, limit: 200 });
  expect(data).toMatchObject({
    hasMore: false,
    upcoming: [
      { policy: 'gold', at: Date.UTC(2026, 10, 23, 5), isCatchUp: true, machines: 2 },
      { at: Date.UTC(2026, 10, 24, 2), isCatchUp: false },
      { at: Date.UTC(2026, 10, 25, 2), isCatchUp: false },
    ],
  });
});

test('a preview is cut where somebody wants less, and of a policy that is not there it says so', async () => {
  const site = await siteInForce();
  expect((await made.run(site, 'schedule.preview', { days: 30, limit: 2 })).data).toMatchObject({ hasMore: true });
  await expect(made.run(site, 'schedule.preview', { policy: 'gald' })).rejects.toMatchObject({
    code: 'POLICY_NOT_FOUND',
  });
});

test('a dry run begins nothing, and says what would', async () => {
  const site = await siteInForce();
  made.now = Date.UTC(2026, 10, 24, 2, 1);
  expect((await made.run(site, 'schedule.tick', { dryRun: true })).data).toMatchObject({
    dryRun: true,
    due: [{ policy: 'gold', workflow: 'backup' }],
  });
  expect(
    (await made.run(site, 'schedule.run', { policy: 'gold', workflow: 'weekly', dryRun: true })).view,
  ).toMatchObject({
    fields: [{ value: { text: 'This runs weekly of policy gold now for its 2 machines' } }],
  });
  expect(await (await site.catalog()).jobs.list({})).toEqual([]);
});

test('a tick beside an endpoint that does not answer is partly done, and its runs say why', async () => {
  const site = await siteInForce();
  made.now = Date.UTC(2026, 10, 24, 2, 1);
  const { data, partial } = await made.run(site, 'schedule.tick', {});
  expect(partial).toBe(true);
  expect(data).toMatchObject({
    leads: true,
    fired: [{ policy: 'gold', runs: 2 }],
    warnings: [
      expect.stringContaining('endpoint lab does not tell its machines'),
      'gold/backup was missed once before it began now',
    ],
  });
  const { runs } = data as { runs: { machineName: string; state: string; error: { code: string } }[] };
  expect(new Set(runs.map((one) => `${one.machineName} ${one.state} ${one.error.code}`))).toEqual(
    new Set(['erp failed ENDPOINT_UNREACHABLE', 'mail failed ENDPOINT_UNREACHABLE']),
  );
  const listed = await made.run(site, 'run.list', { limit: 10 });
  expect(listed.view).toMatchObject({ rows: [{ cells: { policy: { text: 'gold/backup' } } }, {}] });
});

test('what is to be run now needs somebody who agrees, a policy that is there, and one workflow', async () => {
  const site = await siteInForce();
  await expect(made.run(site, 'schedule.run', { policy: 'gold' })).rejects.toMatchObject({
    code: 'CONFIRMATION_MISSING',
  });
  await expect(made.run(site, 'schedule.run', { policy: 'lead', yes: true })).rejects.toMatchObject({
    code: 'POLICY_NOT_FOUND',
  });
  await expect(made.run(site, 'schedule.run', { policy: 'gold', yes: true })).rejects.toMatchObject({
    code: 'USAGE',
    remedy: 'name one of: backup, weekly',
  });
});
