import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TrustStore } from '../../core/host/trust/trust-store.ts';
import {
  addTarget,
  emptySheet,
  Installation,
  memoryStoreModule,
  opening,
  quiet,
  targetFiles,
  targetManifest,
} from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

test('plugins are found and shown without running any of their code', async () => {
  const bomb = 'throw new Error("ran"); export const activate = 1;';
  at.write('shipped/targets', 'ours', targetFiles('@holdfast/ours', bomb));
  at.write('added', 'theirs', {
    ...targetFiles('theirs', bomb),
    'package.json': targetManifest('theirs', {
      contributes: { commands: [{ id: 'theirs.go', title: 'Go', args: { type: 'object' }, danger: 'read' }] },
    }),
  });
  const host = await at.host();
  expect(host.plugins().map((p) => [p.manifest.name, p.origin, p.state, p.trusted])).toEqual([
    ['@holdfast/ours', 'shipped', 'idle', true],
    ['theirs', 'added', 'untrusted', false],
  ]);
  expect(host.targets().map((t) => [t.plugin, t.contribution.id, t.contribution.shape])).toEqual([
    ['@holdfast/ours', 'box', 'object-store'],
  ]);
  expect(host.commands().map((c) => c.command.id)).toEqual(['theirs.go']);
  expect(host.plugins()[0]?.contentHash).toMatch(/^[0-9a-f]{64}$/);
});

test('a stranger’s plugin runs only once it is trusted, and no longer when any of its files changes', async () => {
  const folder = at.write('added', 'box', targetFiles('box', memoryStoreModule));
  await expect((await at.host()).openObjectStore(opening(), quiet)).rejects.toMatchObject({
    code: 'PLUGIN_UNTRUSTED',
    remedy: expect.stringContaining('plugin trust box'),
  });
  at.trust(folder, 'box');
  const host = await at.host();
  // It changes between being found and being used.
  writeFileSync(join(folder, 'more.ts'), 'export {};');
  await expect(host.openObjectStore(opening(), quiet)).rejects.toMatchObject({
    code: 'PLUGIN_UNTRUSTED',
    message: expect.stringContaining('has changed'),
  });
  expect((await at.host()).plugins()[0]?.state).toBe('untrusted');
  at.trust(folder, 'box');
  await (await at.host()).openObjectStore(opening(), quiet);
});

test('trust is kept in a file of the user’s own, and a file that others may write is believed in nothing', async () => {
  const folder = addTarget(at, 'box', memoryStoreModule);
  const file = join(at.root, 'added/trust.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect((await at.host()).plugins()[0]?.state).toBe('idle');
  chmodSync(file, 0o666);
  expect((await at.host()).plugins()[0]?.state).toBe('untrusted');
  chmodSync(file, 0o600);
  for (const text of [
    '',
    'null',
    '[]',
    '{"trusted":null}',
    '{"trusted":{"box":7}}',
    '{"trusted":{"__proto__":"x"}}',
    '{'.repeat(1000),
  ]) {
    writeFileSync(file, text);
    expect((await at.host()).plugins()[0]?.state, text).toBe('untrusted');
  }
  at.trust(folder, 'box');
  new TrustStore(join(at.root, 'added')).distrust('box');
  expect(readFileSync(file, 'utf8')).not.toContain('box');
  expect((await at.host()).plugins()[0]?.state).toBe('untrusted');
});

test('a plugin with a link in it is not loaded', async () => {
  const folder = addTarget(at, 'box', memoryStoreModule);
  symlinkSync('/etc/hostname', join(folder, 'notes.txt'));
  const host = await at.host();
  expect(host.plugins()[0]).toMatchObject({ state: 'invalid', failure: 'notes.txt is a link' });
  await expect(host.openObjectStore(opening(), quiet)).rejects.toMatchObject({ code: 'PLUGIN_INVALID' });
});

test('a plugin with gaps in its sheet is refused, each gap by its question', async () => {
  const { redundancy: _, ...gap } = emptySheet('target') as Record<string, unknown>;
  at.write('shipped/targets', 'box', {
    ...targetFiles('box', memoryStoreModule),
    'answers.json': { ...gap, tier: { value: 'tier9', evidence: 'declared' } },
  });
  const host = await at.host();
  const [plugin] = host.plugins();
  expect(plugin?.state).toBe('invalid');
  expect(plugin?.problems.map(({ file, path, message }) => `${file}${path} ${message}`)).toEqual([
    './answers.json/redundancy is not answered: What does the target do against the loss of one of its own parts?',
    expect.stringMatching(/^\.\/answers\.json\/tier\/value is "tier9", not one of "tier0"/),
  ]);
  expect(host.targets()).toEqual([]);
  await expect(host.openObjectStore(opening(), quiet)).rejects.toMatchObject({
    code: 'PLUGIN_INVALID',
    message: expect.stringContaining('box'),
  });
});

test('of two plugins that want the same contribution the shipped one has it, and the other says so', async () => {
  at.write('shipped/targets', 'zz-ours', targetFiles('@holdfast/zz', memoryStoreModule));
  addTarget(at, 'aa', memoryStoreModule);
  const host = await at.host();
  expect(host.plugins().map((p) => [p.manifest.name, p.state, p.failure])).toEqual([
    ['@holdfast/zz', 'idle', null],
    ['aa', 'invalid', 'package.json/contributes/targets wants the target box, which @holdfast/zz has'],
  ]);
});

test('what a plugin registers must be what it declares, and the other way round', async () => {
  const cases = [
    [
      'registers more',
      'context.registerObjectStore("crate", async () => ({}) as never); context.registerObjectStore("box", async () => ({}) as never);',
      /registers object store crate, which its manifest does not declare \(it declares object store box\)/,
    ],
    ['registers less', '', /declares object store box and did not register it/],
    [
      'registers another kind',
      'context.registerMediaLibrary("box", async () => ({}) as never);',
      /registers media library box/,
    ],
    [
      'registers twice',
      'context.registerObjectStore("box", async () => ({}) as never); context.registerObjectStore("box", async () => ({}) as never);',
      /registers object store box twice/,
    ],
    [
      'registers nothing usable',
      'context.registerObjectStore("box", 7 as never);',
      /registers object store box with number/,
    ],
    ['throws', 'throw new Error("boom");', /failed in activate: Error: boom/],
  ] as const;
  for (const [name, body, message] of cases) {
    for (const addedPlace of ['in-process', 'worker'] as const) {
      await using here = new Installation();
      addTarget(here, 'box', `export function activate(context: import('@holdfast/api').PluginContext) { ${body} }`);
      const host = await here.host({ addedPlace });
      await expect(host.openObjectStore(opening(), quiet), name).rejects.toMatchObject({
        code: 'PLUGIN_FAILED',
        message: expect.stringMatching(message),
      });
      expect(host.plugins()[0]).toMatchObject({ state: 'failed', failure: expect.stringMatching(message) });
    }
  }
  await using here = new Installation();
  addTarget(here, 'box', 'export const activated = 1;');
  await expect((await here.host()).openObjectStore(opening(), quiet)).rejects.toMatchObject({
    message: expect.stringContaining('exports no function named activate'),
  });
});

test('what was registered is undone in reverse order, each awaited, when the host closes', async () => {
  for (const addedPlace of ['in-process', 'worker'] as const) {
    await using here = new Installation();
    const undo = (n: number) =>
      `context.onDeactivate(async () => { await new Promise((r) => setTimeout(r, ${30 - n * 10})); context.log('info', 'undo ${n}'); ${n === 2 ? 'throw new Error("stuck");' : ''} });`;
    addTarget(
      here,
      'box',
      memoryStoreModule.replace(
        "context.registerObjectStore('box', async () => openStore());",
        `${undo(1)}${undo(2)} context.registerObjectStore('box', async () => openStore()); ${undo(3)}`,
      ),
    );
    const host = await here.host({ addedPlace });
    await host.openObjectStore(opening(), quiet);
    await host.close();
    expect(here.lines.filter((line) => line.includes('undo') || line.includes('stuck'))).toEqual([
      'box info undo 3',
      'box info undo 2',
      'box error box failed to undo something: stuck',
      'box info undo 1',
    ]);
    expect(host.plugins()[0]?.state).toBe('idle');
    await expect(host.openObjectStore(opening(), quiet)).rejects.toMatchObject({
      message: 'the plugin host has been closed',
    });
  }
});

test('added plugins find the host’s own copy of the API and the kit, whatever lies beside them', async () => {
  const module = `
    import * as api from '@holdfast/api';
    import { sheetChecks } from '@holdfast/api/testing';
    import { stampOf } from '@holdfast/kit/disk/stamp';
    ${memoryStoreModule.replace('async probe() {', 'async probe() { return { version: api.apiVersion, kit: typeof stampOf, testing: typeof sheetChecks } as never;')}`;
  for (const addedPlace of ['in-process', 'worker'] as const) {
    await using here = new Installation();
    const folder = here.write('added', 'box', {
      ...targetFiles('box', module),
      'node_modules/@holdfast/api/package.json': {
        name: '@holdfast/api',
        version: '0.0.1',
        type: 'module',
        exports: './index.js',
      },
      'node_modules/@holdfast/api/index.js': 'export const apiVersion = "another";',
    });
    here.trust(folder, 'box');
    const store = await (await here.host({ addedPlace })).openObjectStore(opening(), quiet);
    expect(await store.probe(quiet)).toEqual({ version: '1.0.0', kit: 'function', testing: 'function' });
  }
});

test('a plugin in JavaScript with packages of its own runs too', async () => {
  const folder = at.write('added', 'box', {
    ...targetFiles('box', '', { main: './plugin.js' }),
    'plugin.js': `import { answer } from 'deep-thought';\n${memoryStoreModule
      .replace(
        /import \{ HoldfastError, type ObjectStore, type PluginContext, throwIfCancelled \}/,
        'import { HoldfastError, throwIfCancelled }',
      )
      .replace(/: (ObjectStore|PluginContext|void)/g, '')
      .replace(/<string, \{ bytes: Uint8Array; at: number \}>/, '')}\nexport const a = answer;`,
    'node_modules/deep-thought/package.json': { name: 'deep-thought', type: 'module', exports: './index.js' },
    'node_modules/deep-thought/index.js': 'export const answer = 42;',
  });
  at.trust(folder, 'box');
  const store = await (await at.host()).openObjectStore(opening(), quiet);
  expect(await store.put('a', Buffer.from('x'), {}, quiet)).toEqual({ sizeBytes: 1 });
});

test('a plugin’s data folder is its own, made when it is asked for', async () => {
  const module = memoryStoreModule.replace(
    'export function activate(context: PluginContext): void {',
    'export function activate(context: PluginContext): void { context.log("info", context.dataFolder);',
  );
  const folder = at.write('added', 'x', targetFiles('@acme/box', module));
  at.trust(folder, '@acme/box');
  await (await at.host()).openObjectStore(opening(), quiet);
  const data = join(at.root, 'data/@acme+box');
  expect(at.lines).toContain(`@acme/box info ${data}`);
  expect(statSync(data).mode & 0o777).toBe(0o700);
});
