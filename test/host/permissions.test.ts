import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { DiskSource, Hypervisor, StepRun } from '@holdfast/api';
import { PracticeWorld } from '@holdfast/api/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { permissionWords } from '../../core/host/authoring/permission-words.ts';
import { Grants } from '../../core/host/permissions/grants.ts';
import {
  emptySheet,
  Installation,
  memoryStoreModule,
  opening,
  openSettings,
  quiet,
  setting,
  targetFiles,
} from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

const denied = expect.objectContaining({ code: 'PERMISSION_DENIED' });

test('a path is covered by what the settings fill in, links resolved, and by nothing beside it', async () => {
  const store = join(at.root, 'store');
  mkdirSync(join(store, 'deep'), { recursive: true });
  mkdirSync(join(at.root, 'secret'));
  writeFileSync(join(at.root, 'secret/key'), 'k');
  symlinkSync(join(at.root, 'secret'), join(store, 'way-out'));
  symlinkSync(store, join(at.root, 'alias'));
  symlinkSync(join(at.root, 'loop'), join(at.root, 'loop'));
  at.write(
    'added',
    'box',
    targetFiles('box', memoryStoreModule, {
      permissions: { write: [setting('target.path')], read: ['/usr/share', setting('target.list')] },
    }),
  );
  const host = await at.host();
  const check = (
    path: string,
    access: 'read' | 'write',
    settings: object = { path: store, list: [join(at.root, 'secret')] },
  ) => host.checkPath('box', settings as Record<string, unknown>, path, access);
  check(store, 'write');
  check(join(store, 'deep/new/file'), 'write');
  check(join(store, 'deep'), 'read');
  check(join(at.root, 'alias/deep'), 'read');
  check(join(store, 'x'), 'write', { path: join(at.root, 'alias') });
  check('/usr/share/doc', 'read');
  check(join(store, 'way-out/key'), 'read');
  for (const [path, access, settings] of [
    ['/usr/share/doc', 'write', undefined],
    [join(store, 'way-out/key'), 'write', undefined],
    [join(store, 'way-out/key'), 'read', { path: store }],
    [join(store, 'deep/../../secret/key'), 'write', undefined],
    [`${store}-sibling`, 'read', undefined],
    [at.root, 'read', undefined],
    ['/', 'read', undefined],
    ['relative', 'read', undefined],
    ['', 'read', undefined],
    [`${store}\0`, 'read', undefined],
    [join(at.root, 'loop/x'), 'read', undefined],
    [store, 'read', {}],
    [store, 'read', { path: 7 }],
    [store, 'read', { path: '' }],
  ] as const) {
    expect(() => check(path, access, settings), `${access} ${path}`).toThrowError(denied);
  }
  expect(() => host.checkPath('nothing', {}, '/', 'read')).toThrowError(
    expect.objectContaining({ code: 'PLUGIN_NOT_FOUND' }),
  );
});

test('what a setting fills in is taken as it is, never as another placeholder', () => {
  const grants = (permission: string, settings: object) =>
    new Grants(
      'p',
      { read: [permission] },
      { settings: settings as Record<string, unknown>, dataFolder: '/data/p', pluginFolder: '/plugins/p' },
    );
  expect(grants(setting('target.a'), { a: setting('target.b'), b: '/etc' }).path('/etc/passwd', 'read')).toBe(false);
  expect(grants(setting('target.constructor'), {}).path('/etc/passwd', 'read')).toBe(false);
  expect(grants(setting('plugin.data'), {}).path('/data/p/x', 'write')).toBe(true);
  expect(grants('~/x', {}).path(join(homedir(), 'x/y'), 'read')).toBe(true);
  expect(grants('*', {}).path('/etc/passwd', 'read')).toBe(true);
});

test('hosts and ports are granted one by one, or by a star', () => {
  const grants = (network: string[], settings = {}) =>
    new Grants('p', { network }, { settings, dataFolder: '/d', pluginFolder: '/p' });
  expect(grants(['example.org:443']).network('EXAMPLE.org', 443)).toBe(true);
  expect(grants(['example.org:443']).network('example.org', 80)).toBe(false);
  expect(grants(['example.org:*']).network('evil.example.org', 80)).toBe(false);
  expect(grants(['*:10809']).network('anything', 10809)).toBe(true);
  expect(
    grants([`${setting('endpoint.host')}:${setting('endpoint.port')}`], { host: 'h', port: 7 }).network('h', 7),
  ).toBe(true);
  expect(grants([`${setting('endpoint.host')}:${setting('endpoint.port')}`], { host: 'h' }).network('h', 7)).toBe(
    false,
  );
});

function hypervisorFiles(source: DiskSource, permissions: object): Record<string, string | object> {
  return {
    'package.json': {
      name: 'hv',
      version: '1.0.0',
      type: 'module',
      main: './plugin.ts',
      engines: { holdfast: '^1.0.0' },
      permissions,
      contributes: {
        hypervisors: [{ id: 'hv', title: 'Hypervisor', settings: './settings.json', answers: './answers.json' }],
      },
    },
    'settings.json': openSettings,
    'answers.json': emptySheet('movement', 'snapshot'),
    'plugin.ts': `
      let closed = 0;
      export function activate(context: import('@holdfast/api').PluginContext) {
        context.registerHypervisor('hv', async () => ({
          openDisk: async () => (${JSON.stringify(source)}),
          openDiskForWrite: async () => (${JSON.stringify({ kind: 'file', format: 'raw', sizeBytes: 1, path: 'path' in source ? source.path : '/x' })}),
          closeDisk: async () => { closed += 1; },
          closeSink: async () => {},
          machines: async function* () {}, snapshot: async () => ({}), release: async () => {}, owned: async function* () {}, removeOwned: async () => {},
          check: async () => [{ title: String(closed), state: 'ok', detail: '' }],
          close: async () => {},
        }) as never);
      }`,
  };
}

test('a disk that lies where the plugin has no leave is refused before anyone opens it, and closed again', async () => {
  const file = (path: string, chain: string[] = []): DiskSource => ({
    kind: 'file',
    path,
    format: 'raw',
    sizeBytes: 1,
    chain: chain.map((one) => ({ path: one, format: 'raw' })),
  });
  const sources: [string, DiskSource, boolean][] = [
    ['its own file', file('/srv/vm/a.img'), true],
    ['another file', file('/etc/shadow'), false],
    ['a backing file elsewhere', file('/srv/vm/a.img', ['/etc/shadow']), false],
    [
      'a host that was granted',
      { kind: 'nbd', address: { host: 'nbd.example', port: 10809 }, export: 'e', sizeBytes: 1 },
      true,
    ],
    ['another host', { kind: 'nbd', address: { host: 'evil.example', port: 10809 }, export: 'e', sizeBytes: 1 }, false],
    ['another socket', { kind: 'nbd', address: { socket: '/run/other.sock' }, export: 'e', sizeBytes: 1 }, false],
    ['somebody’s repository', { kind: 'repository', target: 't', point: 'p', disk: 'd', sizeBytes: 1 }, false],
    ['an unknown kind', { kind: 'telepathy' } as never, false],
  ];
  for (const [what, source, isAllowed] of sources) {
    await using here = new Installation();
    const folder = here.write(
      'added',
      'hv',
      hypervisorFiles(source, { write: [setting('endpoint.folder')], network: ['nbd.example:10809'] }),
    );
    here.trust(folder, 'hv');
    const hypervisor: Hypervisor = await (await here.host({ addedPlace: 'in-process' })).openHypervisor(
      opening({ folder: '/srv/vm' }, 'hv'),
      quiet,
    );
    const opened = hypervisor.openDisk({ machine: 'm', disk: 'd' }, quiet);
    if (isAllowed) expect(await opened, what).toEqual(source);
    else {
      await expect(opened, what).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
      expect((await hypervisor.check(quiet))[0]?.title, what).toBe('1');
      if (source.kind === 'file' && source.chain.length === 0) {
        await expect(hypervisor.openDiskForWrite?.({ machine: 'm', disk: 'd' }, quiet), what).rejects.toMatchObject({
          code: 'PERMISSION_DENIED',
        });
      }
    }
  }
});

test('a step moves what it was handed out, and nothing that it makes up', async () => {
  const files = (run: string): Record<string, string | object> => ({
    'package.json': {
      name: 'mover',
      version: '1.0.0',
      type: 'module',
      main: './plugin.ts',
      engines: { holdfast: '^1.0.0' },
      contributes: {
        techniques: [
          {
            id: 'mover',
            title: 'Mover',
            settings: './settings.json',
            answers: './answers.json',
            needs: ['machine'],
            gives: [],
            sheet: [],
          },
        ],
      },
    },
    'settings.json': openSettings,
    'answers.json': {},
    'plugin.ts': `
      export function activate(context: import('@holdfast/api').PluginContext) {
        context.registerStep('mover', { needs: ['machine'], gives: [], plan: async () => ({}) as never, undo: async () => {}, run: async (input, settings, run) => { ${run}; return {}; } } as import('@holdfast/api').Step<never>);
      }`,
  });
  const open =
    "const hv = await run.hypervisor('practice'); const from = await hv.openDisk({ machine: 'm-1', disk: 'vda' }, run); const to = await hv.openDiskForWrite!({ machine: 'm-1', disk: 'vdb' }, run);";
  const cases: [string, boolean][] = [
    [`${open} await run.move(from, to, {})`, true],
    [`${open} await run.move({ ...from, path: '/etc/shadow' } as never, to, {})`, false],
    [`${open} await run.move({ ...from, chain: [{ path: '/etc/shadow', format: 'raw' }] } as never, to, {})`, false],
    [`${open} await run.move(from, { ...to, path: '/etc/cron.d/x' } as never, {})`, false],
    [
      "await run.move({ kind: 'file', path: '/etc/shadow', format: 'raw', chain: [], sizeBytes: 1 }, { kind: 'repository', target: 't', writer: 'w', disk: 'd', sizeBytes: 1 }, {})",
      false,
    ],
  ];
  for (const [run, isAllowed] of cases) {
    for (const addedPlace of ['in-process', 'worker'] as const) {
      await using here = new Installation();
      here.trust(here.write('added', 'mover', files(run)), 'mover');
      const step = await (await here.host({ addedPlace })).step('mover');
      const world = new PracticeWorld();
      const work = step.run(await world.give(['machine']), {}, world.run());
      if (isAllowed) expect(await work).toEqual({});
      else
        await expect(work, run).rejects.toMatchObject({
          code: 'PERMISSION_DENIED',
          message: expect.stringContaining('handed out'),
        });
      expect(world.ledger.calls.some((call) => call.startsWith('move'))).toBe(isAllowed);
    }
  }
});

test('a failure of ours within a step is not blamed on the plugin that passed it on', async () => {
  at.trust(
    at.write('added', 'mover', {
      'package.json': {
        name: 'mover',
        version: '1.0.0',
        type: 'module',
        main: './plugin.ts',
        engines: { holdfast: '^1.0.0' },
        contributes: {
          techniques: [
            {
              id: 'mover',
              title: 'M',
              settings: './settings.json',
              answers: './answers.json',
              needs: ['machine'],
              gives: [],
              sheet: [],
            },
          ],
        },
      },
      'settings.json': openSettings,
      'answers.json': {},
      'plugin.ts': `export function activate(context) { context.registerStep('mover', { needs: ['machine'], gives: [], plan: async () => ({}), undo: async () => {}, run: async (input, settings, run) => { await run.slot('x'); return {}; } }); }`,
    }),
    'mover',
  );
  for (const addedPlace of ['in-process', 'worker'] as const) {
    const step = await (await at.host({ addedPlace })).step('mover');
    const run: StepRun = { ...new PracticeWorld().run(), slot: async () => Promise.reject(new RangeError('our bug')) };
    await expect(step.run({}, {}, run)).rejects.toMatchObject({ code: 'INTERNAL', message: 'our bug' });
  }
});

test('permissions are told in words', () => {
  expect(
    permissionWords({
      run: ['virsh'],
      write: [setting('target.path'), `${setting('plugin.data')}/x`, '*'],
      read: ['/etc/hosts', `${setting('endpoint.folder')}/images`],
      network: ['*:*', `${setting('endpoint.host')}:22`, 'example.org:*'],
      secrets: ['password'],
    }),
  ).toEqual([
    'run the program virsh',
    'change and delete what the setting path names, and all below it',
    'change and delete its own data folder/x',
    'change and delete every file that you may',
    'read /etc/hosts and all below it',
    'read what the setting folder names, with /images added, and all below it',
    'connect to every host, on every port',
    'connect to what the setting host names, on port 22',
    'connect to example.org, on every port',
    'read the secret that the setting password refers to',
  ]);
  expect(permissionWords({})).toEqual(['reach nothing outside of its own data folder']);
});
