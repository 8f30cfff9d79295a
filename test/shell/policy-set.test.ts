import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, makeCall, type Plain } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { readPolicies } from '../../core/config/policies/read.ts';
import { RealSite } from './real-site.ts';

const file = `# Ours.
zone: Europe/London   # where we are
policies:
  gold:
    title: Databases   # the shop
    protect: { endpoint: lab, tags: [gold] }
    objective: { rpo: 4h }
    workflows:
      backup:
        schedule: 0 */2 * * *   # even hours
        steps:
          - snapshot: { quiesce: none }   # by hand
          - proxy: { to: main }
    keep:
      main: { daily: 14 }
  # Never mind.
  silver:
    protect: { names: ['mail-*'] }
    workflows: { backup: { every: 12h, steps: [ snapshot, { proxy: { to: main } } ] } }
`;

const machine = (name: string, tags: readonly string[]): Machine => ({
  id: `id-${name}`,
  name,
  power: 'off',
  place: '/srv',
  tags,
  disks: [],
});

async function open(text: string | null = file) {
  const made = new RealSite({
    endpoints: { lab: { use: 'kvm', folder: '/nowhere' } },
    targets: {
      main: { use: 'disk', path: '/backup', passphrase: 'env:X' },
      vault: { use: 'disk', path: '/vault', passphrase: 'env:X' },
    },
  });
  const place = join(made.home, 'policies.yaml');
  if (text !== null) made.write('policies.yaml', text);
  const site = made.open();
  const catalog = await site.catalog();
  await catalog.seenMachines('lab', [machine('erp-db', ['gold']), machine('web-07', ['prod']), machine('mail-01', [])]);
  return {
    made,
    site,
    place,
    text: () => readFileSync(place, 'utf8'),
    set: async (args: Readonly<Record<string, Plain>>, id = 'policy.set') => {
      const result = await made.run(site, id, { file: place, yes: true, ...args });
      return result.data as Readonly<Record<string, Plain>>;
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

const at = (value: Plain, ...keys: readonly (string | number)[]): Plain =>
  keys.reduce<Plain>((inner, key) => (inner as Readonly<Record<string, Plain>>)?.[key], value);

describe('policy set', () => {
  it('changes in a policy what is given only, and leaves comments where they are', async () => {
    await using on = await open();
    await on.set({ policy: 'gold', rpo: '6h', keep: ['main:daily=7,weekly=4'] });
    expect(on.text()).toBe(
      file.replace('{ rpo: 4h }', '{ rpo: 6h }').replace('{ daily: 14 }', '{ daily: 7, weekly: 4 }'),
    );
  });

  it('makes a file that says its time zone where there is none, and a policy from a template', async () => {
    await using on = await open(null);
    await on.set({ policy: 'shop', template: 'silver', tag: ['prod'], to: 'vault', rto: '2h' });
    const { set } = readPolicies(on.text(), on.place);
    expect(on.text()).toMatch(/^zone: /);
    const [shop] = set.policies;
    expect(shop).toMatchObject({ name: 'shop', protect: { tags: ['prod'], names: [] } });
    expect(shop?.objective).toMatchObject({ rpoMs: 86_400_000, rtoMs: 7_200_000 });
    expect(shop?.keep).toEqual({ vault: { daily: 14, weekly: 8, monthly: 6 } });
    expect(shop?.workflows[0]?.steps.at(-1)).toEqual({ use: 'proxy', settings: { to: 'vault' } });
  });

  it('a template of which nobody says which machines takes those with its tag', async () => {
    await using on = await open(null);
    await on.set({ policy: 'shop', template: 'gold', to: 'main' });
    expect(readPolicies(on.text(), '').set.policies[0]?.protect).toMatchObject({ tags: ['gold'], names: [] });
  });

  it('leaves what is written as nothing: no windows of a workflow are another thing than those of its policy', async () => {
    const anyTime = file
      .replace(
        '    workflows:\n      backup:\n',
        '    window: 20:00-06:00\n    workflows:\n      backup:\n        windows: []   # at any time\n',
      )
      .replace('main: { daily: 14 }', 'main: {}   # all');
    await using on = await open(anyTime);
    await on.set({ policy: 'gold', schedule: '0 */3 * * *', rpo: '6h' });
    expect(on.text()).toBe(anyTime.replace('*/2', '*/3').replace('rpo: 4h', 'rpo: 6h'));
    await on.set({ policy: 'gold', clear: ['workflow-window'] });
    expect(readPolicies(on.text(), '').set.policies[0]?.workflows[0]?.windows).toBeNull();
  });

  it('begins no file of one policy where others are in force that were piped in', async () => {
    await using on = await open();
    const { policies } = await on.site.engine();
    const call = makeCall();
    const piped = readPolicies(file, 'stdin');
    await policies.apply(piped, await policies.plan(piped, call), call);
    await expect(on.set({ policy: 'shop', name: ['web-*'], file: null })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('applied from stdin'),
    });
    expect(existsSync('stdin')).toBe(false);
  });

  it('with --dry-run tells the lines that would change and the plan, and changes nothing', async () => {
    await using on = await open();
    const data = await on.set({ policy: 'silver', name: ['web-*'], dryRun: true });
    expect(on.text()).toBe(file);
    const lines = at(data, 'diff') as readonly { kind: string; text: string }[];
    expect(lines.filter(({ kind }) => kind !== 'same')).toEqual([
      { kind: 'removed', text: "    protect: { names: ['mail-*'] }" },
      { kind: 'added', text: expect.stringContaining('web-*') },
    ]);
    const changes = at(data, 'plan', 'changes') as readonly { policy: string; gains: readonly string[] }[];
    expect(changes.find(({ policy }) => policy === 'silver')?.gains.join()).toContain('web-07');
  });

  it('machines that were pointed at become names on their endpoint', async () => {
    await using on = await open(null);
    await on.set({ policy: 'two', machine: ['lab/web-07', 'lab/mail-01'], every: '6h', to: 'main' });
    const [two] = readPolicies(on.text(), '').set.policies;
    expect(two?.protect).toMatchObject({ endpoints: ['lab'], names: ['web-07', 'mail-01'] });
    expect(two?.workflows).toMatchObject([{ name: 'backup', when: { kind: 'every', text: '6h' } }]);
    expect(two?.workflows[0]?.steps.map(({ use }) => use)).toEqual(['snapshot', 'proxy']);
  });

  it('one of --every and --schedule takes the place of the other, and --clear takes things away', async () => {
    await using on = await open();
    await on.set({ policy: 'gold', every: '3h', clear: ['tag', 'title', 'keep'], name: ['erp-*'] });
    const [gold] = readPolicies(on.text(), '').set.policies;
    expect(gold).toMatchObject({ title: null, keep: {}, protect: { tags: [], names: ['erp-*'], endpoints: ['lab'] } });
    expect(gold?.workflows[0]?.when).toMatchObject({ kind: 'every', text: '3h' });
    await on.set({ policy: 'gold', clear: ['schedule'] });
    expect(readPolicies(on.text(), '').set.policies[0]?.workflows[0]?.when).toEqual({ kind: 'asked' });
  });

  it('a second workflow goes elsewhere; which one is meant has to be said where none is called backup', async () => {
    await using on = await open();
    await on.set({ policy: 'gold', workflow: 'weekly', schedule: 'Sun 02:00', to: 'vault' });
    const [gold] = readPolicies(on.text(), '').set.policies;
    expect(gold?.workflows.map(({ name }) => name)).toEqual(['backup', 'weekly']);
    expect(gold?.workflows[1]?.steps.at(-1)).toEqual({ use: 'proxy', settings: { to: 'vault' } });
    await on.set({ policy: 'gold', workflow: 'daily', schedule: 'daily 03:00', to: 'main' });
    await on.set({ policy: 'gold', workflow: 'backup', clear: ['workflow'] });
    await expect(on.set({ policy: 'gold', to: 'main' })).rejects.toMatchObject({
      code: 'USAGE',
      message: expect.stringContaining('weekly, daily'),
    });
  });

  it('settings of steps change one by one, and the target only where the workflow goes', async () => {
    await using on = await open();
    await on.set({ policy: 'gold', to: 'vault', set: ['snapshot.quiesce='] });
    const steps = readPolicies(on.text(), '').set.policies[0]?.workflows[0]?.steps;
    expect(steps).toEqual([
      { use: 'snapshot', settings: {} },
      { use: 'proxy', settings: { to: 'vault' } },
    ]);
    await expect(on.set({ policy: 'gold', set: ['archive.pool=x'] })).rejects.toMatchObject({ code: 'USAGE' });
  });

  it('writes nothing that is not valid, and says what is wrong by its key', async () => {
    await using on = await open();
    for (const wrong of [
      { schedule: 'some day' },
      { rpo: 'soon' },
      { window: ['Mon 25:00-26:00'] },
      { keep: ['main:often=3'] },
      { to: 'nowhere' },
      { endpoint: ['nowhere'] },
      { every: '4h', schedule: 'Sun 02:00' },
    ]) {
      await expect(on.set({ policy: 'gold', ...wrong }), JSON.stringify(wrong)).rejects.toMatchObject({
        code: expect.stringMatching(/^(POLICY_INVALID|USAGE)$/),
      });
      expect(on.text()).toBe(file);
    }
    await expect(on.set({ policy: 'gold', rpo: 'soon' })).rejects.toThrow(/objective\.rpo/);
  });

  it('a whole policy in YAML takes the place of what is there, and nothing can be said beside it', async () => {
    await using on = await open();
    const yaml = 'protect: { names: [x-*] }\nworkflows: { backup: { every: 2h, steps: [ { proxy: { to: main } } ] } }';
    await expect(on.set({ policy: 'gold', yaml, rpo: '4h' })).rejects.toMatchObject({ code: 'USAGE' });
    await expect(on.set({ policy: 'gold', yaml: 'protect: {' })).rejects.toMatchObject({ code: 'POLICY_INVALID' });
    expect(on.text()).toBe(file);
  });

  it('does not touch a file that is not valid as it is', async () => {
    await using on = await open('policies: { gold: { protect: {} } }\n');
    await expect(on.set({ policy: 'new', every: '4h', name: ['*'], to: 'main' })).rejects.toMatchObject({
      code: 'POLICY_INVALID',
    });
    expect(on.text()).toBe('policies: { gold: { protect: {} } }\n');
  });

  it('names the command that takes the change back, and that one does', async () => {
    await using on = await open();
    const changed = await on.set({ policy: 'gold', rpo: '8h', name: ['erp-*'], schedule: 'daily 03:00' });
    const undo = at(changed, 'undo') as { command: string; args: Readonly<Record<string, Plain>> };
    await on.set(undo.args, undo.command);
    expect(readPolicies(on.text(), '').set).toEqual(readPolicies(file, '').set);
    expect(on.text()).toContain('# by hand');
    const made = await on.set({ policy: 'fresh', every: '4h', name: ['web-*'], to: 'main' });
    const away = at(made, 'undo') as { command: string; args: Readonly<Record<string, Plain>> };
    expect(away.command).toBe('policy.remove');
    await on.set(away.args, away.command);
    expect(readPolicies(on.text(), '').set).toEqual(readPolicies(file, '').set);
  });

  it('with --apply puts the file in force, byte for byte; after that nothing is left to change', async () => {
    await using on = await open();
    const data = await on.set({ policy: 'gold', keep: ['main:daily=21'], apply: true });
    expect(data).toMatchObject({ applied: true });
    const { policies } = await on.site.engine();
    const applied = await policies.applied();
    expect(applied?.text).toBe(on.text());
    expect(applied?.source).toBe(on.place);
    const again = await on.set({ policy: 'gold', dryRun: true });
    expect(at(again, 'changed')).toBe(false);
    const changes = at(again, 'plan', 'changes') as readonly { kind: string }[];
    expect(changes.every(({ kind }) => kind === 'same')).toBe(true);
  });

  it('a promise that cannot be kept is not put in force, and written only when that is all that is wanted', async () => {
    await using on = await open();
    await expect(on.set({ policy: 'gold', rpo: '30m', apply: true })).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
    expect(on.text()).toBe(file);
    await on.set({ policy: 'gold', rpo: '30m' });
    expect(on.text()).toContain('rpo: 30m');
    expect(await (await on.site.engine()).policies.applied()).toBeNull();
  });

  it('several at once lose nothing: each is written or told that the file was changed', async () => {
    await using on = await open();
    const wanted = ['a', 'b', 'c', 'd', 'e'];
    const outcomes = await Promise.allSettled(
      wanted.map((policy) => on.set({ policy, every: '4h', name: [`${policy}-*`], to: 'main' })),
    );
    const written = wanted.filter((_, index) => outcomes[index]?.status === 'fulfilled');
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'CONFIG_CHANGED' });
    }
    expect(written.length).toBeGreaterThan(0);
    const names = readPolicies(on.text(), '').set.policies.map(({ name }) => name);
    expect(names.toSorted()).toEqual(['gold', 'silver', ...written].toSorted());
  });
});

describe('policy pause and resume', () => {
  it('take effect at once, in the file and in force', async () => {
    await using on = await open();
    await on.set({ policy: 'gold', rpo: '6h', apply: true });
    const inForce = async () =>
      (await (await on.site.engine()).policies.applied())?.set.policies.find(({ name }) => name === 'gold')?.isPaused;
    await on.set({ policy: 'gold' }, 'policy.pause');
    expect(on.text()).toContain('paused: true');
    expect(await inForce()).toBe(true);
    await on.set({ policy: 'gold' }, 'policy.resume');
    expect(on.text()).not.toContain('paused');
    expect(await inForce()).toBe(false);
    await expect(on.set({ policy: 'copper' }, 'policy.pause')).rejects.toMatchObject({ code: 'POLICY_NOT_FOUND' });
  });
});

describe('policy remove', () => {
  it('takes a policy out and leaves the others as they are, byte for byte', async () => {
    await using on = await open();
    await on.set({ policy: 'gold' }, 'policy.remove');
    expect(on.text()).not.toContain('gold');
    expect(on.text()).toContain(file.slice(file.indexOf('  silver:')));
    await expect(on.set({ policy: 'gold' }, 'policy.remove')).rejects.toMatchObject({
      code: 'POLICY_NOT_FOUND',
      remedy: expect.stringContaining('silver'),
    });
  });

  it('is taken back by the command that it names', async () => {
    await using on = await open();
    const removed = await on.set({ policy: 'gold' }, 'policy.remove');
    const undo = at(removed, 'undo') as { command: string; args: Readonly<Record<string, Plain>> };
    await on.set(undo.args, undo.command);
    const byName = (text: string) =>
      new Map(readPolicies(text, '').set.policies.map((policy) => [policy.name, policy]));
    expect(byName(on.text())).toEqual(byName(file));
  });
});

describe('policies in words', () => {
  it('the machines that a selector takes are counted from what is known', async () => {
    await using on = await open();
    const { data } = await on.made.run(on.site, 'policy.match', { tag: ['gold', 'prod'], except: ['web-*'] });
    expect(data).toMatchObject({ machines: [{ endpoint: 'lab', name: 'erp-db', tags: ['gold'] }], of: 3 });
  });

  it('the command line that is told of a policy makes the same policy', async () => {
    await using on = await open();
    await on.set({ policy: 'gold', window: ['Mon-Fri 20:00-06:00'], jitter: '10m', catchUp: 'no', paused: true });
    const { data } = await on.made.run(on.site, 'policy.words', { policy: 'gold', file: on.place });
    const words = at(data, 'words') as Readonly<Record<string, Plain>>;
    const said = Object.fromEntries(Object.entries(words).filter(([, value]) => value !== '' && value !== false));
    await on.set({ policy: 'copy', ...said });
    const [gold, , copy] = readPolicies(on.text(), '').set.policies;
    expect({ ...copy, name: 'gold' }).toEqual(gold);
    expect(String(at(data, 'line'))).toContain('policy set gold --title Databases --endpoint lab --tag gold');
  });
});
