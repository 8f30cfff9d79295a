import { join } from 'node:path';
import type { CommandResult, Machine, Plain, PointSummary } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { RealSite } from './real-site.ts';

const file = (rule: string, every = '4h'): string => `zone: UTC
policies:
  gold:
    title: Databases
    protect: { names: 'web-*' }
    objective: { rpo: 5h }
    workflows: { backup: { every: ${every}, steps: [ snapshot, { proxy: { to: main } } ] } }
    keep: { main: { ${rule} } }
`;

const machine = (name: string): Machine => ({
  id: `id-${name}`,
  name,
  power: 'off',
  place: '/srv',
  tags: [],
  disks: [],
});
const day = 86_400_000;
/** Where the clock of the site stands. */
const now = Date.parse('2026-11-22T12:00:00Z');
const point = (age: number): PointSummary => ({
  target: 'main',
  point: String(age).repeat(32).slice(0, 32),
  machine: 'id-web-07',
  machineName: 'web-07',
  endpoint: 'lab',
  takenAt: now - age * day,
  committedAt: now - age * day,
  consistency: 'crash',
  disks: [],
  sizeBytes: 1,
  storedBytes: 1,
});

async function open() {
  const made = new RealSite({
    endpoints: { lab: { use: 'kvm', folder: '/nowhere' } },
    targets: { main: { use: 'disk', path: '/backup', passphrase: 'env:X' } },
  });
  const site = made.open();
  const catalog = await site.catalog();
  await catalog.seenMachines('lab', [machine('erp-db'), machine('web-07')]);
  await catalog.savePoints([1, 2, 3, 4, 5, 6, 7].map(point));
  const run = (id: string, args: Readonly<Record<string, Plain>> = {}): Promise<CommandResult> =>
    made.run(site, id, args);
  const dataOf = async (id: string, args: Readonly<Record<string, Plain>> = {}) =>
    (await run(id, args)).data as Readonly<Record<string, Plain>>;
  return {
    run,
    dataOf,
    place: (text: string): string => {
      made.write('protection.yaml', text);
      return join(made.home, 'protection.yaml');
    },
    [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
  };
}

describe('plan and apply', () => {
  it('show what would change and expire, put it in force, and can be taken back', async () => {
    await using desk = await open();
    const seven = desk.place(file('last: 8'));
    expect(await desk.dataOf('plan', { file: seven })).toMatchObject({
      applicable: true,
      plan: { changes: [{ policy: 'gold', kind: 'add', gains: ['web-07'] }], expires: [], uncovered: ['lab/erp-db'] },
    });
    expect(await desk.dataOf('policy.list')).toEqual({ applied: null, policies: [] });
    expect(await desk.dataOf('apply', { file: seven, yes: true })).toMatchObject({ changed: true, undo: null });
    const three = desk.place(file('last: 3'));
    expect(await desk.dataOf('apply', { file: three, dryRun: true })).toMatchObject({
      dryRun: true,
      applicable: true,
      plan: { expires: { length: 5 } },
    });
    expect(await desk.dataOf('apply', { file: three, yes: true })).toMatchObject({
      changed: true,
      undo: { command: 'apply', args: { id: 1, yes: true } },
    });
    expect(await desk.dataOf('apply', { id: 1, yes: true })).toMatchObject({ changed: true, applied: 3 });
    expect(await desk.dataOf('policy.history')).toMatchObject({ history: [{ id: 3 }, { id: 2 }, { id: 1 }] });
    await expect(desk.run('apply', { id: 9, yes: true })).rejects.toMatchObject({ code: 'POLICY_NOT_FOUND' });
  });

  it('ask before anything is applied, naming the restore points that would expire', async () => {
    await using desk = await open();
    await desk.run('apply', { file: desk.place(file('last: 8')), yes: true });
    await expect(desk.run('apply', { file: desk.place(file('last: 6')) })).rejects.toMatchObject({
      code: 'CONFIRMATION_MISSING',
      message: expect.stringMatching(/changes gold; 2 restore points would expire.*web-07 of \d{4}-/),
    });
    expect(await desk.dataOf('policy.history')).toMatchObject({ history: { length: 1 } });
  });

  it('change nothing when the same file is applied again', async () => {
    await using desk = await open();
    const place = desk.place(file('last: 8'));
    await desk.run('apply', { file: place, yes: true });
    expect(await desk.dataOf('apply', { file: place, yes: true })).toMatchObject({ applied: 1, changed: false });
    // Without a name the file that is in force is meant.
    expect(await desk.dataOf('plan')).toMatchObject({ file: place, plan: { changes: [{ kind: 'same' }] } });
  });

  it('show what cannot be kept with the arithmetic, and say so in the exit code', async () => {
    await using desk = await open();
    const place = desk.place(file('last: 8', '6h'));
    const planned = await desk.run('plan', { file: place });
    expect(planned.failure).toMatchObject({
      code: 'POLICY_REFUSED',
      remedy: expect.stringContaining('run it every 4h'),
    });
    expect(JSON.stringify(planned.view)).toContain('the longest time between two in a year is 6 h');
    await expect(desk.run('apply', { file: place, yes: true })).rejects.toMatchObject({ code: 'POLICY_REFUSED' });
  });

  it('tell all problems of a file that is not valid', async () => {
    await using desk = await open();
    const place = desk.place('policies:\n  a: { protect: { nams: x }, workflows: {} }\n  b: {}\n');
    const { data, failure } = await desk.run('plan', { file: place });
    expect(failure).toMatchObject({ code: 'POLICY_INVALID' });
    expect((data as { problems: readonly unknown[] }).problems.length).toBeGreaterThan(4);
    await expect(desk.run('plan', { file: `${place}.not` })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('policies in force', () => {
  it('are listed with their machines, next runs and whether they keep their promise, and shown one by one', async () => {
    await using desk = await open();
    await desk.run('apply', { file: desk.place(file('last: 8')), yes: true });
    expect(await desk.dataOf('policy.list')).toMatchObject({
      applied: { id: 1, zone: 'UTC' },
      policies: [{ policy: 'gold', machines: 1, rpoMs: 18_000_000, withinRpo: 0, next: expect.any(Number) }],
    });
    expect(await desk.dataOf('policy.show', { policy: 'gold' })).toMatchObject({
      policy: { name: 'gold' },
      written: { title: 'Databases' },
      workflows: [{ workflow: 'backup', when: 'every 4h' }],
      machines: [{ name: 'web-07', withinRpo: false }],
    });
    await expect(desk.run('policy.show', { policy: 'gld' })).rejects.toMatchObject({
      code: 'POLICY_NOT_FOUND',
      remedy: expect.stringContaining('did you mean gold?'),
    });
  });

  it('can be begun with a template that plan accepts here', async () => {
    await using desk = await open();
    for (const template of ['gold', 'silver', 'bronze']) {
      const { text } = await desk.dataOf('policy.template', { template });
      const planned = await desk.run('plan', {
        file: desk.place(String(text).replace(`tags: [${template}]`, "names: '*'")),
      });
      expect(planned.failure).toBeUndefined();
      expect(planned.data).toMatchObject({ plan: { uncovered: [] } });
    }
  });
});
