import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Catalog } from '../../../core/catalog/contract.ts';
import { metricsText } from '../../../core/shell/commands/metrics/collect.ts';
import { plainStyle } from '../../../core/shell/render/text-style.ts';
import { renderView } from '../../../core/shell/render/view.ts';
import type { WiredSite } from '../../../core/shell/site/wired-site.ts';
import { machine, point, runToAdd } from '../../catalog/samples.ts';
import { parseExposition } from '../../model/metrics/parse.ts';
import { RealSite } from '../real-site.ts';

const hour = 3_600_000;
const policies = `zone: UTC
policies:
  gold:
    protect: { names: [web*] }
    objective: { rpo: 4h }
    workflows:
      backup: { schedule: hourly, steps: [ snapshot, { proxy: { to: main } } ] }
`;

let at: RealSite;
let site: WiredSite;
let catalog: Catalog;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-notices-'));
  at = new RealSite({
    endpoints: { lab: { use: 'kvm', folder: '/srv/machines' } },
    targets: { main: { use: 'disk', path: '/srv/main', passphrase: 'file:/srv/main.key' } },
    notifiers: {
      ops: { use: 'command', program: '/bin/sh', arguments: ['-c', `cat > '${folder}/told'`] },
      broken: { use: 'command', program: '/nowhere/at/all', tell: ['digest'], digest: 'daily 07:00' },
    },
    slots: { proxy: 2 },
  });
  site = at.open();
  catalog = await site.catalog();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const ask = async (command: string, args: object = {}) => {
  const { data, view, failure } = await at.run(site, command, args as never);
  return {
    data: data as unknown as Record<string, never>,
    text: renderView(view, plainStyle).join('\n'),
    failure,
  };
};

async function pointOf(name: string, ageHours: number, n: number): Promise<void> {
  const about = { target: 'main', endpoint: 'lab', machine: `id-${name}`, machineName: name };
  await catalog.savePoints([point(n.toString(16).padStart(32, '0'), { ...about, takenAt: at.now - ageHours * hour })]);
}

async function machinesOf(...names: readonly string[]): Promise<void> {
  await catalog.seenMachines(
    'lab',
    names.map((name) => machine(`id-${name}`, name)),
  );
}

test('a test notice goes out now, and says who asked for it', async () => {
  const { data } = await ask('notifier.test', { name: 'ops', yes: true });
  expect(data).toMatchObject({ sent: 'ops' });
  expect(JSON.parse(readFileSync(join(folder, 'told'), 'utf8'))).toMatchObject({
    kind: 'test',
    facts: { notifier: 'ops' },
  });
});

test('a dry run of a test sends nothing', async () => {
  expect((await ask('notifier.test', { name: 'ops', dryRun: true })).data).toMatchObject({ dryRun: true });
  expect(existsSync(join(folder, 'told'))).toBe(false);
});

test('what is wrong with a notifier is found without sending anything', async () => {
  const { data, failure } = await ask('notifier.check');
  expect(data.checks).toMatchObject([
    { of: 'ops', state: 'ok' },
    { of: 'broken', state: 'failed' },
  ]);
  expect(failure).toMatchObject({ code: 'NOTIFY_FAILED' });
  expect(existsSync(join(folder, 'told'))).toBe(false);
  await expect(ask('notifier.check', { name: 'opss' })).rejects.toMatchObject({ code: 'NOTIFIER_NOT_FOUND' });
});

test('the list of notifiers tells what waits and what was given up', async () => {
  const queued = (id: string, notifier: string) => ({ id, notifier, notice: { id }, at: at.now });
  await catalog.alarms.queue([queued('a', 'ops'), queued('b', 'ops'), queued('c', 'broken')]);
  await catalog.alarms.failed('a', 'ops', 'no\u001b[2J answer', at.now + 1);
  await catalog.alarms.failed('c', 'broken', 'for ever', null);
  const { data, text } = await ask('notifier.list');
  expect(data.notifiers).toMatchObject([
    { name: 'ops', waiting: 2, givenUp: 0, problem: 'no\u001b[2J answer' },
    { name: 'broken', waiting: 0, givenUp: 1, digest: 'daily 07:00' },
  ]);
  expect(text).not.toContain('\u001b');
});

test('alarms are listed as long as they are up, and with a time those that were', async () => {
  const alarm = {
    kind: 'run-missed',
    severity: 'warning',
    title: 'late',
    text: '',
    remedy: null,
    facts: {},
    notices: [],
  };
  await catalog.alarms.change(
    [
      { ...alarm, key: 'old', since: at.now - 100 * hour },
      { ...alarm, key: 'new', since: at.now },
    ],
    [],
  );
  await catalog.alarms.change([], [{ key: 'old', at: at.now - 50 * hour, notices: [] }]);
  expect((await ask('alarm.list')).data.alarms).toMatchObject([{ key: 'new' }]);
  expect((await ask('alarm.list', { since: '7d' })).data.alarms).toHaveLength(2);
  expect((await ask('alarm.list', { since: '1d' })).data.alarms).toMatchObject([{ key: 'new' }]);
  await expect(ask('alarm.list', { since: 'yesterday' })).rejects.toMatchObject({ code: 'USAGE' });
});

test('the overview judges machines by what their policies promise, and names what nobody protects', async () => {
  await machinesOf('web01', 'web02', 'db01');
  await catalog.policies.apply(null, { text: policies, source: '/p.yaml', who: 'ann', at: at.now - 100 * hour });
  await pointOf('web01', 3, 1);
  await pointOf('web02', 5, 2);
  await pointOf('db01', 5, 3);
  const { data, text } = await ask('overview');
  expect(data).toMatchObject({
    objective: 'policies',
    promises: { promised: 2, met: 1, share: 0.5 },
    machines: { protected: 2, atRisk: 1, uncovered: 1 },
  });
  expect(data.needs).toContainEqual(
    expect.objectContaining({ id: 'lab/web02', why: expect.stringContaining('4 h is the objective') }),
  );
  expect(data.needs).toContainEqual(expect.objectContaining({ id: '@uncovered', why: 'no policy protects' }));
  expect(text).toContain('RPO MET');
  expect((await ask('overview.item', { item: '@uncovered' })).data.machines).toMatchObject([{ name: 'db01' }]);
});

test('alarms that no machine tells, and approvals that wait, need somebody', async () => {
  const alarm = {
    kind: 'schedule',
    severity: 'critical',
    title: 'nobody runs schedules',
    text: '',
    remedy: null,
    facts: {},
    notices: [],
  };
  await catalog.alarms.change([{ ...alarm, key: 'schedule nobody', since: at.now }], []);
  const bob = { name: 'bob', roles: ['operator'], from: 'local', session: 'cli' } as const;
  await (await site.access()).ask('point.forget', {}, bob, 'room');
  const { data } = await ask('overview');
  expect(data.needs).toContainEqual(
    expect.objectContaining({ kind: 'alarm', why: 'nobody runs schedules', tone: 'bad' }),
  );
  expect(data.needs).toContainEqual(expect.objectContaining({ kind: 'approval', what: '1 approval' }));
});

test('the report on promises shows gaps of restore points that are there and of those that have gone', async () => {
  await machinesOf('web01', 'web02', 'db01');
  await catalog.policies.apply(null, { text: policies, source: '/p.yaml', who: 'ann', at: at.now - 10 * hour });
  for (const age of [10, 7, 4, 1]) await pointOf('web01', age, age);
  await pointOf('web02', 1, 99);
  const { data, text } = await ask('report.rpo', { since: '30d' });
  expect(data).toMatchObject({ totals: { machines: 2, met: 1, misses: 1, without: 1 } });
  expect(data.machines).toMatchObject([
    { name: 'web02', rpoMs: 4 * hour, worstMs: 9 * hour, outMs: 5 * hour, misses: 1, met: 0.5 },
    { name: 'web01', worstMs: 3 * hour, outMs: 0, misses: 0, met: 1 },
  ]);
  expect(text).toContain('█');
  expect((await ask('report.show', { report: 'rpo' })).data).toMatchObject({ totals: { machines: 2 } });
});

test('the report looks back no further than it knows which restore points there were', async () => {
  await machinesOf('web01');
  await catalog.policies.apply(null, { text: policies, source: '/p.yaml', who: 'ann', at: at.now - 100 * hour });
  await pointOf('web01', 1, 1);
  const run = await catalog.jobs.add(runToAdd('a', { endpoint: 'lab', machine: 'id-web01' }));
  const { jobs } = catalog;
  const list = jobs.list.bind(jobs);
  // As if so many had run since that what ran before is not known.
  Object.assign(jobs, {
    list: async (filter: Parameters<typeof list>[0]) =>
      filter.states?.includes('done')
        ? Array.from({ length: filter.limit ?? 0 }, () => ({ ...run, state: 'done', createdAt: at.now - 2 * hour }))
        : list(filter),
  });
  expect((await ask('report.rpo', { since: '30d' })).data).toMatchObject({
    from: at.now - 2 * hour,
    totals: { machines: 1, met: 1, misses: 0 },
  });
});

test('figures are what Prometheus reads, whatever machines are called', async (ctx) => {
  await machinesOf('web01', 'we"b\\02\nx', 'db01');
  await catalog.policies.apply(null, { text: policies, source: '/p.yaml', who: 'ann', at: at.now });
  await pointOf('web01', 3, 1);
  await catalog.jobs.add(
    runToAdd('r1', { endpoint: 'lab', machine: 'id-web01', machineName: 'web01', createdAt: at.now }),
  );
  await catalog.leases.takeSlot('proxy', 2, 'me', 60_000);
  const text = await metricsText(site);
  const families = parseExposition(text);
  const value = (name: string, labels: object = {}): number | undefined =>
    families.get(name)?.find((one) => Object.entries(labels).every(([key, wanted]) => one.labels[key] === wanted))
      ?.value;
  expect(value('holdfast_machines', { state: 'protected' })).toBe(1);
  expect(value('holdfast_machines', { state: 'unprotected' })).toBe(2);
  expect(value('holdfast_machines_without_policy')).toBe(2);
  expect(value('holdfast_machine_newest_point_timestamp_seconds', { machine: 'web01' })).toBe(
    (at.now - 3 * hour) / 1000,
  );
  expect(value('holdfast_machine_objective_seconds', { machine: 'web01' })).toBe(4 * 3600);
  expect(value('holdfast_runs', { state: 'waiting' })).toBe(1);
  expect(value('holdfast_slots_held', { slot: 'proxy' })).toBe(1);
  expect(value('holdfast_slots_capacity', { slot: 'proxy' })).toBe(2);
  expect(value('holdfast_notices_waiting', { notifier: 'ops' })).toBe(0);
  for (const name of families.keys()) expect(name).toMatch(/^(holdfast|process)_[a-z_]+$/);
  const printed = await ask('metrics');
  expect(printed.text).toContain('holdfast_machines{state="protected"} 1');
  const judged = await promtool(text);
  if (judged === null) return ctx.skip('no promtool here');
  expect(judged).toBe('');
});

/** What promtool has to say about figures; `null` where there is none. */
function promtool(text: string): Promise<string | null> {
  return new Promise((resolve) => {
    const child = execFile(
      process.env.HOLDFAST_TEST_PROMTOOL ?? 'promtool',
      ['check', 'metrics'],
      (problem, out, errors) =>
        resolve(problem !== null && 'code' in problem && problem.code === 'ENOENT' ? null : `${out}${errors}`),
    );
    child.on('error', () => resolve(null));
    child.stdin?.on('error', () => {});
    child.stdin?.end(text);
  });
}
