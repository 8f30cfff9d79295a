import type { PointSummary } from '@holdfast/api';
import { afterEach, expect, test } from 'vitest';
import { readPolicies } from '../../../core/config/policies/read.ts';
import type { PolicyPlan } from '../../../core/engine/policies/contract.ts';
import { noise, toMain, Yard, type YardOptions } from '../yard.ts';

const MiB = 1024 * 1024;
const hour = 3_600_000;
const day = 24 * hour;
/** A Thursday. */
const start = Date.UTC(2026, 0, 1, 12);

let yard: Yard;
let now = start;
afterEach(() => yard[Symbol.asyncDispose]());

async function open(options: YardOptions = {}): Promise<void> {
  now = start;
  yard = await Yard.open({ now: () => now, timing: { leaseMs: 1e12 }, ...options });
  yard.addMachine('web01', { vda: noise(MiB, 1) });
  yard.addMachine('db01', { vda: noise(2 * MiB, 2) });
  await yard.engine.listMachines('fleet', yard.call());
}

const text = (policy: string, top = ''): string => `zone: UTC\n${top}policies:\n${policy}`;
const gold = (more = 'keep: { main: { last: 3 } }', when = 'every: 4h'): string => `  gold:
    protect: { names: 'web*' }
    workflows: { backup: { ${when}, steps: [ snapshot, { proxy: { to: main } } ] } }
    ${more}
`;
const read = (policies: string) => readPolicies(policies, '/policies.yaml');
const plan = (policies: string): Promise<PolicyPlan> => yard.engine.policies.plan(read(policies), yard.call());
async function apply(policies: string): Promise<PolicyPlan> {
  const made = await plan(policies);
  await yard.engine.policies.apply(read(policies), made, yard.call());
  return made;
}
const refusalOf = async (policies: string) => {
  const { refusals } = await plan(policies);
  expect(refusals).toHaveLength(1);
  return refusals[0];
};

test('a plan tells what is added, changed and removed, and which machines gain and lose protection', async () => {
  await open();
  const first = await apply(text(gold()));
  expect(first).toMatchObject({
    against: null,
    changes: [{ policy: 'gold', kind: 'add', gains: ['web01'], loses: [] }],
    refusals: [],
    uncovered: ['fleet/db01'],
    expires: [],
  });
  expect(first.changes[0]?.details).toContain('workflow backup: every 4h');
  expect((await plan(text(gold()))).changes).toEqual([
    { policy: 'gold', kind: 'same', details: [], gains: [], loses: [] },
  ]);
  const second = await plan(
    text(
      gold(undefined, 'every: 2h').replace("'web*'", "'db*'").replace('gold:', 'gold:') +
        gold().replace('gold:', 'tin:'),
    ),
  );
  expect(second.changes).toMatchObject([
    {
      policy: 'gold',
      kind: 'change',
      gains: ['db01'],
      loses: ['web01'],
      details: ['names: web* → db*', 'workflow backup: every 4h → every 2h'],
    },
    { policy: 'tin', kind: 'add', gains: ['web01'] },
  ]);
  expect((await plan('zone: UTC\n')).changes).toMatchObject([{ policy: 'gold', kind: 'remove', loses: ['web01'] }]);
});

test('policies that were applied are in force as they were written, and a plan made before others were applied is refused', async () => {
  await open();
  expect(await yard.engine.policies.applied()).toBeNull();
  const early = await plan(text(gold()));
  const written = `# by hand\n${text(gold())}`;
  await apply(written);
  expect(await yard.engine.policies.applied()).toMatchObject({
    text: written,
    source: '/policies.yaml',
    who: 'tester',
    at: start,
  });
  await expect(yard.engine.policies.apply(read(text(gold())), early, yard.call())).rejects.toMatchObject({
    code: 'POLICY_CHANGED',
  });
  expect((await yard.engine.policies.applied())?.text).toBe(written);
});

test('all steps, targets and endpoints that are not there are told at once, at their lines', async () => {
  await open();
  const wrong = text(`  gold:
    protect: { endpoint: fleat, names: '*' }
    workflows:
      a: { steps: [ snapshot, { proxy: { to: mian } } ] }
      b: { steps: [ { proxy: { to: main } } ] }
      c: { steps: [ snapshott ] }
      d: { steps: [ snapshot ] }
    keep: { mein: { daily: 1 } }
`);
  const problem = await plan(wrong).then(
    () => null,
    (thrown) => thrown,
  );
  expect(problem).toMatchObject({ code: 'POLICY_INVALID' });
  expect(problem.problems.map(({ line, message }: { line: number; message: string }) => `${line} ${message}`)).toEqual([
    expect.stringMatching(/^4 no endpoint is called fleat: did you mean fleet\?/),
    expect.stringMatching(/^10 no target is called mein/),
    expect.stringMatching(/^6 step 2 \(proxy\) names target mian/),
    expect.stringMatching(/^7 step 1 \(proxy\) needs a snapshot/),
    expect.stringMatching(/^8 step 1 uses snapshott/),
    expect.stringMatching(/^9 no step of this workflow keeps data/),
  ]);
});

test('a schedule that cannot keep the objective is refused with the arithmetic and what would do, and what would do does', async () => {
  await open();
  const often = (every: string): string => text(gold('objective: { rpo: 4h }', `every: ${every}`));
  const refusal = await refusalOf(often('6h'));
  expect(refusal).toMatchObject({ policy: 'gold', workflow: 'backup', remedy: 'run it every 3h59m or more often' });
  expect(refusal?.what).toContain('rpo 4 h cannot be kept: at worst 6 h of work of web01 is lost');
  expect(refusal?.arithmetic.join('\n')).toContain('the longest time between two in a year is 6 h');
  const made = await plan(often('6h'));
  await expect(yard.engine.policies.apply(read(often('6h')), made, yard.call())).rejects.toMatchObject({
    code: 'POLICY_REFUSED',
    message: expect.stringContaining('6 h'),
  });
  expect(await yard.engine.policies.applied()).toBeNull();
  expect((await plan(often('3h59m'))).refusals).toEqual([]);
});

test('the longest time between two runs counts, also over the weekend and outside of windows', async () => {
  await open();
  const weekdays = await refusalOf(text(gold('objective: { rpo: 26h }', 'schedule: weekdays 22:00')));
  expect(weekdays?.arithmetic.join('\n')).toContain('the longest time between two in a year is 3 d');
  const nightly = await refusalOf(text(gold("objective: { rpo: 4h }\n    window: '22:00-06:00'", 'every: 1h')));
  expect(nightly?.what).toContain('rpo 4 h cannot be kept');
  expect(nightly?.remedy).toContain('widen it');
  const blackout = await refusalOf(
    text(gold('objective: { rpo: 4h }', 'every: 1h'), "blackouts: [ 'Sun 00:00-06:00' ]\n"),
  );
  expect(blackout?.what).toContain('rpo 4 h cannot be kept');
});

test('several workflows keep an objective together that none of them keeps alone', async () => {
  await open();
  const both = (weekend: string): string =>
    text(`  gold:
    protect: { names: 'web*' }
    objective: { rpo: 26h }
    workflows:
      week: { schedule: weekdays 22:00, steps: [ snapshot, { proxy: { to: main } } ] }
      end: { schedule: '${weekend}', steps: [ snapshot, { proxy: { to: main } } ] }
    keep: { main: { last: 3 } }
`);
  expect((await plan(both('Sat,Sun 22:00'))).refusals).toEqual([]);
  expect((await plan(both('Sun 22:00'))).refusals).toHaveLength(1);
});

test('several workflows that come rarely, or that a weekly blackout swallows, keep no objective together', async () => {
  await open();
  const two = (one: string, other: string, top = '', more = ''): string =>
    text(
      `  gold:
    protect: { names: 'web*' }
    objective: { rpo: 26h }${more}
    workflows:
      one: { schedule: ${one}, steps: [ snapshot, { proxy: { to: main } } ] }
      other: { schedule: ${other}, steps: [ snapshot, { proxy: { to: main } } ] }
    keep: { main: { last: 3 } }
`,
      top,
    );
  // Of these only one comes in the five weeks to come.
  const rare = await refusalOf(two("'15 6 20 1,7 *'", "'0 6 20 4,10 *'"));
  expect(rare?.arithmetic.join('\n')).toContain('all 2 workflows together leave at most 92 d between two');
  const days = ['weekdays 22:00', 'weekends 22:00'] as const;
  expect((await plan(two(...days))).refusals).toEqual([]);
  const closed = "blackouts: [ 'Sun 21:00-23:00' ]\n";
  expect((await plan(two(...days, closed))).refusals).toEqual([]);
  expect(await refusalOf(two(...days, closed, '\n    catchUp: false'))).toMatchObject({
    arithmetic: expect.arrayContaining([expect.stringContaining('leave at most 2 d between two')]),
  });
  // What comes often is not cut off where it was looked at.
  const halves = [`'* 0-11 * * *'`, `'* 12-23 * * *'`] as const;
  expect((await plan(two(...halves).replace('26h', '5m'))).refusals).toEqual([]);
});

test('an objective without any schedule, a schedule outside of its window, and a restore that takes too long are refused', async () => {
  await open();
  const asked = gold('objective: { rpo: 4h }').replace('every: 4h, ', '');
  expect(await refusalOf(text(asked))).toMatchObject({
    workflow: null,
    what: expect.stringContaining('no workflow runs again and again'),
  });
  const never = gold("window: '22:00-06:00'", 'schedule: daily 12:00');
  expect(await refusalOf(text(never))).toMatchObject({
    what: expect.stringContaining('backup never runs'),
    remedy: expect.stringContaining('window'),
  });
  const slow = await refusalOf(text(gold('objective: { rto: 1m }')));
  expect(slow).toMatchObject({
    policy: 'gold',
    workflow: null,
    remedy: expect.stringContaining('ask for rto 3m or more'),
  });
  expect(slow?.arithmetic[0]).toContain('guess until a restore was measured');
});

test('guests that cannot be held as still as a policy asks are refused by the capability sheet', async () => {
  await open();
  Object.assign(yard.config.config.endpoints, { lab: { use: 'kvm', folder: yard.folder } });
  const machine = (name: string) => ({ id: name, name, power: 'on' as const, place: '/', tags: [], disks: [] });
  await yard.catalog.seenMachines('lab', [machine('web21'), machine('web22')]);
  const still = gold().replace('snapshot,', '{ snapshot: { quiesce: filesystem } },').replace("'web*'", "'web2*'");
  expect(await refusalOf(text(still))).toMatchObject({
    policy: 'gold',
    workflow: 'backup',
    what: 'lab cannot quiesce guests as far as filesystem',
    arithmetic: ['it concerns 2 machines: web21, web22'],
    remedy: expect.stringContaining('quiesce: none'),
  });
  expect((await plan(text(still.replace('filesystem', 'none')))).refusals).toEqual([]);
});

/** A restore point that is only known, for retention that is only planned. */
const point = (machine: string, takenAt: number, target = 'main'): PointSummary => ({
  target,
  point: `${machine}-${takenAt}`.padEnd(32, '0'),
  machine,
  machineName: machine,
  endpoint: 'fleet',
  takenAt,
  committedAt: takenAt,
  consistency: 'crash',
  disks: [],
  sizeBytes: MiB,
  storedBytes: 1,
});
const agesOf = ({ expires }: PolicyPlan): readonly number[] => expires.map(({ takenAt }) => (start - takenAt) / day);

test('a plan names the restore points that would expire, and the next run expires exactly those', async () => {
  await open();
  await apply(text(gold('keep: { main: { last: 9 } }', 'every: 4h')));
  const wish = { machine: 'web01', steps: toMain };
  for (let count = 0; count < 4; count += 1) {
    now += day;
    expect((await yard.engine.protect(wish, yard.call())).error).toBeNull();
  }
  const less = text(gold('keep: { main: { last: 2 } }', 'every: 4h'));
  const made = await apply(less);
  expect(made.expires).toHaveLength(3);
  now += 4 * hour;
  const run = await yard.engine.protect(wish, yard.call());
  expect([...((run.result as { expired: readonly string[] }).expired ?? [])].sort()).toEqual(
    made.expires.map((one) => one.point).sort(),
  );
  const why = (await yard.catalog.jobs.reasons(run.id)).map(({ because }) => because);
  expect(why.at(-1)).toBe('no rule of retention last 2 (policy gold) of main keeps it');
  // What the rules keep now would expire by nothing.
  expect((await plan(less)).expires).toEqual([]);
});

test('points are foretold by when each machine begins within the jitter, on the next day where that is so', async () => {
  await open();
  await yard.catalog.savePoints([0, 1, 2, 3].map((age) => point('web01', start - age * day)));
  const keep = (days: number, more = ''): string =>
    text(gold(`keep: { main: { daily: ${days} } }${more}`, 'schedule: daily 23:59'));
  await apply(keep(9));
  // Of the day before midnight the run takes the place of what is there, whatever the rule; on the next day it pushes one out.
  expect(agesOf(await plan(keep(4)))).toEqual([]);
  expect(agesOf(await plan(keep(4, '\n    jitter: 6h')))).toEqual([3]);
});

test('what any policy keeps stays, a paused one too; without one the configuration decides, and without that all stays', async () => {
  await open({ config: { keep: { main: { last: 2 } } } });
  const ages = [1, 2, 3, 4, 5];
  await yard.catalog.savePoints(ages.map((age) => point('web01', start - age * day)));
  await apply(text(gold('keep: { main: { last: 5 } }')));
  // Removed: the configuration's two, the newest of which is the next one.
  expect(agesOf(await plan('zone: UTC\n'))).toEqual([2, 3, 4]);
  expect(agesOf(await plan(text(gold('keep: { main: { last: 5 } }\n    paused: true'))))).toEqual([]);
  expect(
    agesOf(await plan(text(gold('keep: { vault: { last: 1 } }').replace(/vault/g, 'main').replace("'web*'", "'db*'")))),
  ).toEqual([2, 3, 4]);
  const two = gold('keep: { main: { last: 2 } }') + gold('keep: { main: { daily: 4 } }').replace('gold:', 'tin:');
  expect(agesOf(await plan(text(two)))).toEqual([4]);
  expect(agesOf(await plan(text(gold('keep: { main: {} }'))))).toEqual([]);
});

test('a forecast goes by what earlier runs have measured, and says where it guesses', async () => {
  await open();
  const before = await plan(text(gold()));
  expect(before.forecasts).toMatchObject([
    { policy: 'gold', workflow: 'backup', machines: 1, readBytes: MiB, critical: expect.any(String) },
  ]);
  expect(before.forecasts[0]?.arithmetic.join('\n')).toContain('143 MiB/s (guess)');
  expect(before.forecasts[0]?.next.map((at) => at - start)).toHaveLength(3);
  await yard.engine.protect({ machine: 'web01', steps: toMain }, yard.call());
  const after = await plan(text(gold()));
  expect(after.forecasts[0]?.arithmetic.join('\n')).not.toContain('MiB/s (guess)');
});

test('more than fits between two runs is refused, and the slot that holds it up is named', async () => {
  await open({ config: { slots: { stream: 1 } } });
  await yard.catalog.seenMachines('fleet', [
    ...Array.from({ length: 40 }, (_, index) => ({
      id: `m${index}`,
      name: `web${index}`,
      power: 'on' as const,
      place: '/',
      tags: [],
      disks: [{ key: 'vda', sizeBytes: 1e12, format: 'raw' as const, kind: 'virtual' as const, location: '/x' }],
    })),
  ]);
  const refusal = await refusalOf(text(gold(undefined, 'schedule: daily 02:00')));
  expect(refusal?.what).toContain('it does not fit');
  expect(refusal?.remedy).toContain('stream:main');
});

test('policies that do not say their time zone are remarked: another process may read them in another', async () => {
  await open();
  const said = async (policies: string) => (await plan(policies)).warnings.join('\n');
  expect(await said(text(gold()))).not.toContain('no time zone');
  expect(await said(`policies:\n${gold()}`)).toContain('no time zone is written');
});

test('what looks like a mistake is remarked: nobody selected, nothing kept, two that do the same', async () => {
  await open();
  const { warnings } = await plan(
    text(
      gold('jitter: 1m') +
        gold().replace('gold:', 'tin:') +
        gold().replace('gold:', 'lead:').replace("'web*'", "'nobody'"),
    ),
  );
  expect(warnings).toEqual(
    expect.arrayContaining([
      'lead protects no machine: nothing that is there is selected',
      'gold says not how long restore points on main stay, and the configuration does not either: all stay',
      'gold, tin protect the same machines to main: 1 machine (web01)',
    ]),
  );
});

test('every machine that is there is told with the policies that protect it and the strictest of their objectives', async () => {
  await open();
  await apply(
    text(
      gold('objective: { rpo: 1d, rto: 2h }') +
        gold('objective: { rpo: 8h }').replace('gold:', 'tin:').replace("'web*'", "'*'") +
        gold('paused: true').replace('gold:', 'lead:'),
    ),
  );
  expect(await yard.engine.policies.coverage()).toMatchObject([
    { name: 'db01', policies: ['tin'], rpoMs: 8 * hour, rtoMs: null },
    { name: 'web01', policies: ['gold', 'tin'], rpoMs: 8 * hour, rtoMs: 2 * hour },
  ]);
});
