import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { choicesFor } from '../../../core/shell/desk/choices.ts';
import type { Choice } from '../../../core/shell/desk/contract.ts';
import { machine, point, runToAdd } from '../../catalog/samples.ts';
import { emptySheet, openSettings } from '../../host/support/plugin-folder.ts';
import { RealSite } from '../real-site.ts';

const hour = 3_600_000;
let at: RealSite;

beforeEach(() => {
  at = new RealSite({
    endpoints: { lab: { use: 'kvm', folder: '/srv/machines' } },
    targets: {
      main: { use: 'disk', path: '/srv/main', passphrase: 'file:/srv/main.key' },
      vault: { use: 'vtl', drives: 2 },
      lost: { use: 'nowhere' },
    },
  });
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

const vtl = {
  'package.json': {
    name: 'vtl',
    version: '1.0.0',
    type: 'module',
    main: './plugin.ts',
    engines: { holdfast: '^1.0.0' },
    contributes: {
      targets: [
        { id: 'vtl', title: 'Virtual tape library', shape: 'media-library', settings: './s.json', answers: './a.json' },
      ],
    },
  },
  's.json': openSettings,
  'a.json': emptySheet('target'),
  'plugin.ts': 'export const activate = () => {};',
};

/** A technique of a stranger's. */
const technique = (
  id: string,
  needs: readonly string[],
  gives: readonly string[],
  settings: object = openSettings,
) => ({
  'package.json': {
    name: id,
    version: '1.0.0',
    type: 'module',
    main: './plugin.ts',
    engines: { holdfast: '^1.0.0' },
    contributes: {
      techniques: [{ id, title: `Do ${id}`, settings: './s.json', answers: './a.json', sheet: [], needs, gives }],
    },
  },
  's.json': settings,
  'a.json': {},
  'plugin.ts': 'export const activate = () => {};',
});

const ask = (
  command: string,
  argument: string,
  given: Parameters<typeof choicesFor>[3] = {},
): Promise<readonly Choice[]> => choicesFor(at.open(), command, argument, given, at.call);
const values = (choices: readonly Choice[]): readonly string[] => choices.map(({ value }) => value);
const refusal = (choices: readonly Choice[], value: string): string | null | undefined =>
  choices.find((one) => one.value === value)?.refused;

describe('the steps of a workflow, from what the plugins offer right now', () => {
  it('fit after the machines, or say what is missing', async () => {
    const first = await ask('protect', 'steps', { machines: ['web'], to: 'main' });
    expect(refusal(first, 'snapshot')).toBeNull();
    expect(refusal(first, 'proxy')).toMatch(/needs a snapshot, and nothing before it gives one.*snapshot/);
    const second = await ask('protect', 'steps', { machines: ['web'], to: 'main', steps: ['snapshot'] });
    expect(refusal(second, 'proxy')).toBeNull();
    expect(refusal(second, 'snapshot')).toBe('it is step 1 already');
    expect(refusal(second, 'restore')).toMatch(/needs a restore-point/);
    const third = await ask('protect', 'steps', { to: 'main', steps: ['snapshot', 'proxy'] });
    expect(refusal(third, 'restore')).toMatch(/--set restore\.\w+=VALUE/);
    // Whatever fits stands before what does not.
    const states = third.map(({ refused }) => refused === null);
    expect(states).toEqual(states.toSorted((a, b) => Number(b) - Number(a)));
  });

  it('are refused on a target without random access, with the reason', async () => {
    at.addPlugin('vtl', vtl, true);
    const steps = await ask('protect', 'steps', { to: 'vault', steps: ['snapshot'] });
    expect(refusal(steps, 'proxy')).toMatch(
      /proxy needs random access, and vault is a media library \(Virtual tape library\), which has none/,
    );
    const targets = await ask('protect', 'to', { machines: ['web'], steps: ['snapshot', 'proxy'] });
    expect(refusal(targets, 'vault')).toMatch(/media library/);
    expect(refusal(targets, 'main')).toBeNull();
    expect(refusal(targets, 'lost')).toMatch(/no plugin contributes nowhere/);
    expect(refusal(await ask('protect', 'to', { machines: ['web'], steps: ['snapshot'] }), 'vault')).toBeNull();
  });

  it('show a stranger’s step at once: refused until it is trusted, with the command that trusts it', async () => {
    expect(values(await ask('protect', 'steps'))).not.toContain('malware-scan');
    at.addPlugin('malware-scan', technique('malware-scan', ['restore-point'], ['verification']), false);
    const given = { to: 'main', steps: ['snapshot', 'proxy'] };
    expect(refusal(await ask('protect', 'steps', given), 'malware-scan')).toBe(
      'malware-scan is not trusted: `holdfast plugin trust malware-scan`',
    );
    at.addPlugin('malware-scan', technique('malware-scan', ['restore-point'], ['verification']), true);
    const trusted = await ask('protect', 'steps', given);
    expect(refusal(trusted, 'malware-scan')).toBeNull();
    expect(trusted.find(({ value }) => value === 'malware-scan')?.title).toBe(
      'malware-scan  Do malware-scan (from malware-scan): restore-point → verification',
    );
    expect(refusal(await ask('protect', 'steps', { to: 'main', steps: ['snapshot'] }), 'malware-scan')).toMatch(
      /needs a restore-point/,
    );
  });

  it('are checked by their ports even where no target is set up yet', async () => {
    await using empty = new RealSite();
    const steps = await choicesFor(empty.open(), 'protect', 'steps', { steps: ['snapshot', 'proxy'] }, empty.call);
    expect(refusal(steps, 'restore')).not.toBeUndefined();
    const before = await choicesFor(empty.open(), 'protect', 'steps', { steps: [] }, empty.call);
    expect(refusal(before, 'proxy')).toMatch(/needs a snapshot/);
  });
});

describe('names', () => {
  it('of machines come with those first that need it most, and so that each is meant alone', async () => {
    const catalog = await at.open().catalog();
    await catalog.seenMachines('lab', [
      machine('m1', 'web'),
      machine('m2', 'db'),
      { ...machine('m3', 'old'), problem: 'a disk is shared' },
    ]);
    await catalog.seenMachines('lon', [machine('m4', 'web')]);
    await catalog.savePoints([
      point('a'.repeat(32), { machine: 'm2', machineName: 'db', endpoint: 'lab', takenAt: at.now - 2 * hour }),
      point('b'.repeat(32), { machine: 'm4', machineName: 'web', endpoint: 'lon', takenAt: at.now - 30 * hour }),
    ]);
    const machines = await ask('protect', 'machines');
    expect(values(machines)).toEqual(['lab/web', 'lon/web', 'db', 'old']);
    expect(refusal(machines, 'old')).toBe('a disk is shared');
    expect(machines.find(({ value }) => value === 'db')?.title).toContain('2 h ago');
    expect(values(await ask('protect', 'machines', { machines: ['db'] }))).not.toContain('db');
    expect(values(await ask('restore.machine', 'name'))).toEqual(['db', 'web']);
    expect(values(await ask('restore.machine', 'name', { at: 'bbbbbbbb' }))).toEqual(['web']);
  });

  it('of restore points are those of the chosen machine, newest first, each with its age', async () => {
    const catalog = await at.open().catalog();
    const ids = ['8f2c41aa00', '8f2c41aa01', 'c0ffee0000'].map((id) => id.padEnd(32, '0'));
    const [old = '', new_ = '', other = ''] = ids;
    await catalog.savePoints([
      point(old, { machine: 'm1', machineName: 'web', takenAt: at.now - 26 * hour }),
      point(new_, { machine: 'm1', machineName: 'web', takenAt: at.now - hour }),
      point(other, { machine: 'm2', machineName: 'db', takenAt: at.now - 2 * hour }),
    ]);
    const moments = await ask('restore.machine', 'at', { name: 'web' });
    expect(values(moments)).toEqual(['latest', '8f2c41aa01', '8f2c41aa00']);
    expect(moments[1]?.title).toMatch(/^60 min ago {2}web .*newest$/);
    expect(moments[2]?.title).toMatch(/^26 h ago/);
    const forgetting = await ask('point.forget', 'points', { machine: 'web' });
    expect(refusal(forgetting, '8f2c41aa01')).toMatch(/newest restore point of a machine always stays/);
    expect(values(await ask('point.verify', 'point'))).toEqual(['8f2c41aa01', 'c0ffee00', '8f2c41aa00']);
    expect(values(await ask('point.export', 'disk', { point: '8f2c41aa01' }))).toEqual(['vda']);
    expect(await ask('restore.machine', 'at', { name: 'nobody' })).toEqual([]);
  });

  it('of runs say why one cannot be stopped or tried again', async () => {
    const { jobs } = await at.open().catalog();
    await jobs.add(runToAdd('r1'));
    expect(refusal(await ask('run.retry', 'run'), 'r1')).toMatch(/waiting: only a run that failed/);
    expect(refusal(await ask('run.cancel', 'run'), 'r1')).toBeNull();
  });

  it('of kinds, plugins and what a schema lists', async () => {
    at.addPlugin('vtl', vtl, false);
    expect(values(await ask('endpoint.add', 'use'))).toEqual(['kvm', 'libvirt', 'qemu']);
    const kinds = await ask('target.add', 'use');
    expect(refusal(kinds, 'disk')).toBeNull();
    expect(refusal(kinds, 'vtl')).toMatch(/not trusted/);
    const plugins = await ask('plugin.trust', 'name');
    expect(refusal(plugins, 'vtl')).toBeNull();
    expect(refusal(plugins, '@holdfast/target-disk')).toMatch(/always trusted/);
    expect(values(await ask('protect', 'quiesce'))).toEqual(['none', 'filesystem', 'application']);
    expect(values(await ask('theme.show', 'theme'))).toContain('high-contrast');
    expect(values(await ask('report.show', 'report'))).toContain('protection');
    expect(values(await ask('point.list', 'target'))).toEqual(['main', 'vault', 'lost']);
    expect(values(await ask('machine.list', 'endpoint'))).toEqual(['lab']);
    expect(await ask('no.such', 'thing')).toEqual([]);
    expect(await ask('target.add', 'name')).toEqual([]);
  });
});
