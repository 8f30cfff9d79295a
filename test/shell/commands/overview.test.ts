import type { TableView, View } from '@holdfast/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Catalog } from '../../../core/catalog/contract.ts';
import { rememberChecks } from '../../../core/shell/lookup/past-checks.ts';
import { renderView } from '../../../core/shell/render/view.ts';
import type { WiredSite } from '../../../core/shell/site/wired-site.ts';
import { claimed, machine, point, runToAdd } from '../../catalog/samples.ts';
import { emptySheet, targetFiles } from '../../host/support/plugin-folder.ts';
import { RealSite } from '../real-site.ts';

const hour = 3_600_000;
const id = (n: number): string => n.toString(16).padStart(32, '0');
let at: RealSite;
let site: WiredSite;
let catalog: Catalog;

beforeEach(async () => {
  at = new RealSite({
    endpoints: { lab: { use: 'kvm', folder: '/srv/machines' } },
    targets: { main: { use: 'disk', path: '/srv/main', passphrase: 'file:/srv/main.key' } },
  });
  site = at.open();
  catalog = await site.catalog();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

interface Data {
  readonly machines: Readonly<Record<string, number | null>>;
  readonly needs: readonly {
    readonly id: string;
    readonly kind: string;
    readonly tone: string;
    readonly why: string;
    readonly fix: { readonly command: string; readonly args: object; readonly line: string; readonly short: string };
  }[];
  readonly running: readonly { readonly run: string; readonly progress: object | null }[];
  readonly targets: readonly Readonly<Record<string, unknown>>[];
  readonly trend: readonly { readonly done: number; readonly failed: number }[];
}

async function overview(): Promise<{ data: Data; view: View }> {
  const { data, view } = await at.run(site, 'overview');
  return { data: data as unknown as Data, view };
}

const tables = (view: View): readonly TableView[] =>
  view.kind === 'stack' ? view.views.filter((one) => one.kind === 'table') : [];

async function pointOf(name: string, ageHours: number, n: number): Promise<void> {
  const takenAt = at.now - ageHours * hour;
  await catalog.savePoints([
    point(id(n), { target: 'main', machine: name, machineName: name, takenAt, storedBytes: 1000 }),
  ]);
}

/** A run that has failed at an age. */
async function failure(name: string, ageHours: number): Promise<string> {
  const run = `${name}-${ageHours}`;
  await catalog.jobs.add(runToAdd(run, { machine: name, machineName: name, createdAt: at.now - ageHours * hour }));
  const claim = await claimed(catalog.jobs, 'test', 60_000, run);
  const error = { code: 'SNAPSHOT_REFUSED', message: 'the datastore is full', remedy: null };
  await catalog.jobs.finish(claim.lease, 'failed', error, null);
  return run;
}

describe('the overview', () => {
  it('counts what is protected, at risk, unprotected and gone', async () => {
    await catalog.seenMachines(
      'lab',
      ['fresh', 'stale', 'broken', 'mended', 'bare', 'left', 'away'].map((name) => machine(name)),
    );
    await catalog.seenMachines(
      'lab',
      ['fresh', 'stale', 'broken', 'mended', 'bare'].map((name) => machine(name)),
    );
    await pointOf('fresh', 2, 1);
    await pointOf('stale', 30, 2);
    await pointOf('broken', 3, 3);
    await failure('broken', 1);
    await failure('mended', 5);
    await pointOf('mended', 4, 4);
    await pointOf('left', 4, 5);
    const { data } = await overview();
    // `away` is gone and has nothing that could be restored.
    expect(data.machines).toEqual({ total: 5, protected: 2, atRisk: 2, unprotected: 1, gone: 1, met: 0.4 });
  });

  it('says what needs somebody, the gravest first, each with the command that fixes it', async () => {
    await catalog.seenMachines(
      'lab',
      ['stale', 'broken', 'bare'].map((name) => machine(name)),
    );
    await pointOf('stale', 30, 1);
    const run = await failure('broken', 1);
    at.addPlugin('acme', targetFiles('acme', 'export const activate = () => {};'), false);
    await rememberChecks(site, {
      targets: {
        main: {
          at: at.now - hour,
          state: 'warning',
          detail: 'room: 2 GiB left',
          freeBytes: 2 ** 31,
          totalBytes: 2 ** 40,
        },
      },
    });
    await site.reload();
    catalog = await site.catalog();
    const { data } = await overview();
    expect(data.needs.map((need) => [need.id, need.tone, need.fix.short])).toEqual([
      ['lab/broken', 'bad', `holdfast run retry ${run}`],
      ['main', 'risk', 'holdfast target doctor main'],
      ['lab/stale', 'risk', 'holdfast protect lab/stale'],
      ['acme', 'risk', 'holdfast plugin trust acme'],
      ['lab/bare', 'quiet', 'holdfast protect lab/bare'],
    ]);
    expect(data.needs[0]?.fix.line).toBe(`holdfast --home ${at.home} run retry ${run}`);
    expect(data.needs[0]?.why).toContain('the datastore is full');
    expect(data.needs[2]?.why).toMatch(/^the newest restore point is 1 d 6 h old, and 24 h is the objective$/);
    expect(data.targets[0]).toMatchObject({
      name: 'main',
      points: 1,
      machines: 1,
      storedBytes: 1000,
      freeBytes: 2 ** 31,
    });
  });

  it('says that a repository is damaged until a check finds it whole, whatever is said of the place that it lies in', async () => {
    const place = { at: at.now, state: 'ok', detail: '', freeBytes: 2 ** 31, totalBytes: 2 ** 40 } as const;
    const damaged = { at: at.now - hour, state: 'damaged', tier: 'fast', damaged: 3 } as const;
    await rememberChecks(site, { repositories: { main: damaged } });
    await rememberChecks(site, { targets: { main: place } });
    const { data } = await overview();
    expect(data.targets[0]).toMatchObject({ freeBytes: 2 ** 31, check: { state: 'failed', at: damaged.at } });
    expect(data.needs.find((need) => need.id === 'main')).toMatchObject({
      tone: 'bad',
      why: '3 objects of its repository are damaged',
      fix: { short: 'holdfast repository repair main' },
    });
    await rememberChecks(site, { repositories: { main: { ...damaged, at: at.now, state: 'whole', damaged: 0 } } });
    expect((await overview()).data.targets[0]).toMatchObject({ check: { state: 'ok', at: at.now } });
  });

  it('tells a newcomer where to begin', async () => {
    await using empty = new RealSite();
    const { data, view } = await empty.run(empty.open(), 'overview');
    expect((data as unknown as Data).needs.map(({ fix }) => fix.command)).toEqual(['endpoint.add', 'init']);
    expect(tables(view)[1]?.rows.map(({ cells }) => cells.fix)).toEqual([
      { kind: 'text', text: 'holdfast endpoint add NAME' },
      { kind: 'text', text: 'holdfast init' },
    ]);
  });

  it('shows what runs, how far it is, and how runs went from day to day', async () => {
    await catalog.jobs.add(runToAdd('r1', { createdAt: at.now - hour }));
    const claim = await claimed(catalog.jobs, 'test', 60_000, 'r1');
    const progress = { phase: 'reading vda', doneBytes: 30, totalBytes: 120, bytesPerSecond: 10, etaMs: 9_000 };
    await catalog.jobs.heartbeat(claim.lease, 60_000, progress);
    await failure('broken', 25);
    await failure('broken', 26);
    const { data, view } = await overview();
    expect(data.running).toMatchObject([{ run: 'r1', progress }]);
    expect(data.trend).toHaveLength(14);
    expect(data.trend.slice(-2)).toMatchObject([
      { done: 0, failed: 2 },
      { done: 0, failed: 0 },
    ]);
    const lines = renderView(view, { colour: false, columns: 100, now: at.now }).join('\n');
    expect(lines).toContain('protect: reading vda');
    expect(lines).toContain('25 %');
  });

  it('stays short and honest with 10,000 machines, and opens no endpoint, store or repository', async () => {
    const many = Array.from({ length: 10_000 }, (_, n) => machine(`m${n}`, `\u001b]0;web-${n}\u0007`));
    await catalog.seenMachines('lab', many);
    await catalog.savePoints(
      many
        .slice(0, 9_000)
        .map(({ id: of, name }, n) =>
          point(id(n), { target: 'main', machine: of, machineName: name, takenAt: at.now - (n % 30) * hour }),
        ),
    );
    const opened: string[] = [];
    const watched = new Proxy(site, {
      get(target, name) {
        if (['hypervisor', 'hypervisorOn', 'store', 'repository', 'engine'].includes(String(name)))
          opened.push(String(name));
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { data, view } = await at.run(watched, 'overview');
    expect(opened).toEqual([]);
    const { machines, needs } = data as unknown as Data;
    expect(machines).toMatchObject({ total: 10_000, protected: 7_500, atRisk: 1_500, unprotected: 1_000 });
    expect(needs.map((need) => [need.id, need.fix.short])).toEqual([
      ['@at-risk', 'holdfast overview item @at-risk'],
      ['@unprotected', 'holdfast overview item @unprotected'],
    ]);
    const lines = renderView(view, { colour: false, columns: 100, now: at.now });
    expect(lines.length).toBeLessThan(20);
    expect(lines.join('')).not.toMatch(/[\x00-\x1f\x7f]/);
    const item = await at.run(site, 'overview.item', { item: '@unprotected' });
    expect(item.view.kind === 'table' ? item.view.rows.length : 0).toBe(1_000);
  });

  it('opens what a line is about: a run, a plugin, a group', async () => {
    const run = await failure('broken', 1);
    expect((await at.run(site, 'overview.item', { item: run })).data).toMatchObject({ run: { id: run } });
    const plugin = await at.run(site, 'overview.item', { item: '@holdfast/target-disk' });
    expect(plugin.data).toMatchObject({ manifest: { name: '@holdfast/target-disk' } });
    expect((await at.run(site, 'overview.item', { item: '@failed' })).data).toEqual({ machines: [] });
  });
});

describe('the timeline of a machine', () => {
  it('shows each restore point with what is known of it, also those that are missing or damaged', async () => {
    await pointOf('web', 30, 1);
    await pointOf('web', 20, 2);
    await pointOf('web', 10, 3);
    await pointOf('web', 1, 4);
    await pointOf('db', 1, 5);
    await catalog.setCopy({ point: id(2), target: 'main', state: 'missing', storedBytes: 1, seenAt: at.now });
    await rememberChecks(site, {
      points: {
        [`main/${id(1)}`]: { at: at.now - hour, state: 'damaged' },
        [`main/${id(3)}`]: { at: at.now - hour, state: 'whole' },
      },
    });
    // What the repository tells is what the catalog holds here.
    const engine = { listPoints: (target: string) => catalog.points({ target }) };
    const told = new Proxy(site, {
      get(target, name) {
        if (name === 'engine') return async () => engine;
        const value = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { data, view } = await at.run(told, 'point.timeline', { machine: 'web' });
    const [series] = view.kind === 'chart' ? view.series : [];
    expect(view).toMatchObject({ kind: 'chart', form: 'timeline', title: 'Restore points of web' });
    expect(series?.points.map(({ x, id: of, tone }) => [(at.now - x) / hour, of, tone])).toEqual([
      [30, id(1), 'bad'],
      [20, id(2), 'bad'],
      [10, id(3), 'good'],
      [1, id(4), 'quiet'],
    ]);
    expect(series?.points.map(({ notes }) => notes?.join('; '))).toEqual([
      expect.stringContaining('damaged, found 60 min ago'),
      expect.stringContaining('missing'),
      expect.stringContaining('verified 60 min ago'),
      expect.stringMatching(/^newest; on main; filesystem-consistent; not verified yet/),
    ]);
    const lines = renderView(view, { colour: false, columns: 100, now: at.now });
    expect(lines.slice(0, 4)).toEqual([
      'Restore points of web',
      'main: 4',
      '  ○ 60 min ago    00000000  newest, on main, filesystem-consistent, not verified yet, added 1000 B',
      '  ● 10 h ago      00000000  on main, filesystem-consistent, verified 60 min ago, added 1000 B',
    ]);
    expect(data).toMatchObject({
      machine: { name: 'web' },
      points: [{ state: 'damaged' }, { state: 'missing' }, { state: 'whole' }, { state: 'there' }],
    });
  });
});

describe('views and reports', () => {
  it('of a plugin stand beside ours; one that cannot be shown is told of and takes nothing down', async () => {
    const view = { id: 'acme.usage', title: 'Usage', activity: 'targets', command: 'target.list' };
    const contributes = {
      views: [
        view,
        { ...view, id: 'machines' },
        { ...view, id: 'acme.lost', command: 'florp.list' },
        { ...view, id: 'acme.bad', command: 'protect' },
      ],
      reports: [{ id: 'acme.bill', title: 'Bill', command: 'target.list' }],
    };
    at.addPlugin(
      'acme',
      { ...targetFiles('acme', 'export const activate = () => {};', { contributes }), 'answers.json': emptySheet() },
      true,
    );
    await site.reload();
    const { data } = await at.run(site, 'view.list');
    expect(data).toMatchObject({
      refused: [
        { id: 'machines', reason: 'Holdfast has a view of this id' },
        { id: 'acme.lost', reason: 'there is no command florp list' },
        { id: 'acme.bad', reason: 'the command protect does not only read' },
      ],
    });
    const { views } = data as unknown as { views: { id: string; owner: string }[] };
    expect(views.find((one) => one.id === 'acme.usage')?.owner).toBe('acme');
    expect((await at.run(site, 'plugin.check', { plugin: 'acme' })).data).toMatchObject({
      problems: [
        {
          path: '/contributes/views/2',
          message: 'names the command florp.list, which neither this manifest nor Holdfast has',
        },
      ],
    });
    const report = await at.run(site, 'report.show', { report: 'acme.bill' });
    expect(report.view.title).toBe('Bill');
    expect(report.data).toMatchObject({ targets: [{ name: 'main' }] });
    await expect(at.run(site, 'report.show', { report: 'protecton' })).rejects.toMatchObject({
      code: 'USAGE',
      remedy: expect.stringContaining('did you mean protection?'),
    });
  });
});

describe('themes', () => {
  it('dropped in beside the configuration are listed, shown and checked', async () => {
    at.write('config/themes/mine.json', {
      colors: { 'editor.background': '#ffffff', 'tone.good': '#eeeeee', 'button.background': 'x' },
    });
    at.write('config/themes/broken.json', '{');
    const { data } = await at.run(site, 'theme.list');
    const { themes } = data as unknown as { themes: { id: string; kind: string | null; problem: string | null }[] };
    expect(themes.filter((one) => one.id.startsWith('own:'))).toMatchObject([
      { id: 'own:broken', kind: null, problem: expect.stringContaining('is not JSON') },
      { id: 'own:mine', kind: 'light', problem: null },
    ]);
    const checked = await at.run(site, 'theme.check', { theme: 'mine' });
    expect(checked.failure?.code).toBe('THEME_INVALID');
    expect(checked.data).toMatchObject({
      unreadable: ['button.background'],
      faint: expect.arrayContaining([expect.objectContaining({ text: 'tone.good', on: 'editor.background' })]),
    });
    expect((await at.run(site, 'theme.check', { theme: 'dark' })).failure).toBeUndefined();
    expect((await at.run(site, 'theme.show', { theme: 'light' })).data).toMatchObject({ kind: 'light' });
    await expect(at.run(site, 'theme.show', { theme: 'drak' })).rejects.toMatchObject({
      remedy: expect.stringContaining('did you mean dark?'),
    });
  });
});
