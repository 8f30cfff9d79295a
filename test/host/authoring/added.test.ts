import { existsSync, readdirSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addPlugin } from '../../../core/host/authoring/add-plugin.ts';
import { checkPlugin } from '../../../core/host/authoring/check-plugin.ts';
import type { PluginFolders } from '../../../core/host/authoring/folders.ts';
import { listPlugins } from '../../../core/host/authoring/list-plugins.ts';
import { newPlugin } from '../../../core/host/authoring/new-plugin.ts';
import { removePlugin } from '../../../core/host/authoring/remove-plugin.ts';
import { testPlugin } from '../../../core/host/authoring/test-plugin.ts';
import { trustPlugin, trustQuestion } from '../../../core/host/authoring/trust-plugin.ts';
import { Installation, memoryStoreModule, opening, quiet, targetFiles } from '../support/plugin-folder.ts';

let at: Installation;
let folders: PluginFolders;
beforeEach(() => {
  at = new Installation();
  folders = at.options;
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

const failing = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

test('a plugin goes the whole way: new, add, trust, use, change, trust again, remove', async () => {
  const source = join(at.root, 'source');
  newPlugin('target', '@acme/target-box', source);
  const added = addPlugin(folders, source);
  expect(added).toMatchObject({
    name: '@acme/target-box',
    permissions: ['change and delete what the setting path names, and all below it'],
  });
  expect(added.folder).toBe(join(at.root, 'added/@acme+target-box'));
  const settings = { path: join(at.root, 'objects') };
  await expect((await at.host()).openObjectStore(opening(settings), quiet)).rejects.toMatchObject({
    code: 'PLUGIN_UNTRUSTED',
  });
  expect(listPlugins(await at.host())).toEqual([
    {
      name: '@acme/target-box',
      version: '0.1.0',
      title: 'Box',
      origin: 'added',
      state: 'untrusted',
      contributes: ['target box'],
      problem: 'not trusted, or changed since it was',
      lastFailure: null,
    },
  ]);
  const question = trustQuestion(folders, '@acme/target-box');
  expect(question).toMatchObject({
    isTrusted: false,
    contentHash: added.contentHash,
    meaning: expect.stringContaining('runs with your rights'),
  });
  expect(trustPlugin(folders, '@acme/target-box', question.contentHash).isTrusted).toBe(true);
  const store = await (await at.host()).openObjectStore(opening(settings), quiet);
  await store.put('a', Buffer.from('1'), {}, quiet);
  writeFileSync(join(added.folder, 'README.md'), 'changed');
  expect(() => trustPlugin(folders, '@acme/target-box', question.contentHash)).toThrowError(
    failing('PLUGIN_UNTRUSTED', /changed since it was shown/),
  );
  expect((await at.host()).plugins()[0]?.state).toBe('untrusted');
  expect(removePlugin(folders, '@acme/target-box').folder).toBe(added.folder);
  expect(readdirSync(join(at.root, 'added'))).toEqual(['trust.json']);
  expect(readFileSync(join(at.root, 'added/trust.json'), 'utf8')).not.toContain('acme');
  expect((await at.host()).plugins()).toEqual([]);
});

test('a newer version takes the place of the old one, keeps its data, and runs only once it is trusted anew', async () => {
  const source = at.write('shipped/targets', 'source', targetFiles('box', memoryStoreModule));
  const { folder } = addPlugin(folders, source);
  trustPlugin(folders, 'box', trustQuestion(folders, 'box').contentHash);
  at.write('shipped/targets', '../../data/box', { kept: 'precious' });
  at.write('shipped/targets', 'source', targetFiles('box', memoryStoreModule, { version: '1.1.0' }));
  expect(() => addPlugin(folders, source)).toThrowError(failing('PLUGIN_EXISTS', /box has been added already/));
  expect(addPlugin(folders, source, { update: true })).toMatchObject({ version: '1.1.0', folder });
  expect(trustQuestion(folders, 'box')).toMatchObject({ version: '1.1.0', isTrusted: false });
  trustPlugin(folders, 'box', trustQuestion(folders, 'box').contentHash);
  addPlugin(folders, source, { update: true });
  expect(trustQuestion(folders, 'box').isTrusted).toBe(false);
  expect(readFileSync(join(at.root, 'data/box/kept'), 'utf8')).toBe('precious');
  expect(readdirSync(join(at.root, 'added')).toSorted()).toEqual(['box', 'trust.json']);
});

test('what does not belong to a plugin is not copied, and packages only where it needs some', () => {
  const bring = (name: string, manifest: object): readonly string[] => {
    const folder = at.write('shipped/targets', name, {
      ...targetFiles(name, memoryStoreModule, manifest),
      '.git/config': 'x',
      'node_modules/typescript/index.js': 'x',
      'node_modules/@holdfast/api/index.js': 'x',
      'node_modules/.bin/real': 'x',
    });
    symlinkSync('../typescript/index.js', join(folder, 'node_modules/.bin/tsc'));
    const { folder: copy } = addPlugin(folders, folder);
    return (readdirSync(copy, { recursive: true }) as string[]).toSorted();
  };
  const own = ['answers.json', 'package.json', 'plugin.ts', 'settings.json'];
  expect(bring('lean', { dependencies: { '@holdfast/api': '1' } })).toEqual(own);
  expect(bring('fat', { dependencies: { typescript: '7' } })).toEqual(
    [...own, 'node_modules', 'node_modules/typescript', 'node_modules/typescript/index.js'].toSorted(),
  );
});

test('a plugin that is wrong, links elsewhere, is too large or is there already is not added, and leaves nothing', () => {
  const folder = at.write('shipped/targets', 'box', targetFiles('box', memoryStoreModule));
  const added = join(at.root, 'added');
  symlinkSync('/etc', join(folder, 'etc'));
  expect(() => addPlugin(folders, folder)).toThrowError(failing('PLUGIN_INVALID', /etc is a link/));
  expect(readdirSync(added)).toEqual([]);
  const large = at.write('shipped/targets', 'large', { ...targetFiles('large', memoryStoreModule), blob: '' });
  truncateSync(join(large, 'blob'), 300 * 1024 * 1024);
  expect(() => addPlugin(folders, large)).toThrowError(failing('PLUGIN_INVALID', /larger than 256 MiB/));
  const wrong = at.write('shipped/targets', 'wrong', { ...targetFiles('wrong', ''), 'answers.json': '{' });
  expect(() => addPlugin(folders, wrong)).toThrowError(failing('PLUGIN_INVALID', /wrong: .*answers\.json is not JSON/));
  expect(() => addPlugin(folders, join(at.root, 'nowhere'))).toThrowError(
    failing('PLUGIN_NOT_FOUND', /nowhere is not a folder/),
  );
  expect(readdirSync(added)).toEqual([]);
  const good = at.write('shipped/targets', 'good', targetFiles('good', memoryStoreModule));
  addPlugin(folders, good);
  expect(() => addPlugin(folders, good)).toThrowError(failing('PLUGIN_EXISTS', /good has been added already/));
  expect(readdirSync(added)).toEqual(['good']);
});

test('a plugin that was put there by hand, or under a hostile name, is found by its manifest only', () => {
  at.write('added', 'by-hand', targetFiles('box', memoryStoreModule));
  expect(trustQuestion(folders, 'box').folder).toBe(join(at.root, 'added/by-hand'));
  for (const name of ['../added/by-hand', 'by-hand', '', '.', '..', '/', '__proto__', 'x\0']) {
    expect(() => removePlugin(folders, name), name).toThrowError(failing('PLUGIN_NOT_FOUND', /has been added/));
  }
  expect(existsSync(join(at.root, 'added/by-hand'))).toBe(true);
});

test('a folder that cannot be written is named', () => {
  const good = at.write('shipped/targets', 'good', targetFiles('good', memoryStoreModule));
  writeFileSync(join(at.root, 'file'), '');
  const blocked = { ...folders, addedFolder: join(at.root, 'file/added') };
  expect(() => addPlugin(blocked, good)).toThrowError(failing('FOLDER_UNWRITABLE', /cannot copy good/));
});

test('a check tells everything that is wrong, and a test of such a plugin runs nothing', async () => {
  const folder = at.write('shipped/targets', 'box', {
    ...targetFiles('box', 'throw new Error("ran")', { main: './none.ts' }),
    'settings.json': '[]',
    'answers.json': {},
  });
  const { problems } = checkPlugin(folder);
  expect(problems.map((p) => `${p.file}${p.path} ${p.message}`)).toEqual([
    './none.ts is not there',
    './settings.json is not an object',
  ]);
  expect(await testPlugin(folder)).toMatchObject({ ok: false, problems, contributions: [] });
});

test('the kit finds what a careless store does', { timeout: 60_000 }, async () => {
  const careless: readonly [string, string, string, RegExp][] = [
    [
      'overwrites',
      'if (how.ifAbsent && objects.has(name))',
      'if (false)',
      /a second put of the same name was accepted/,
    ],
    ['keeps the body', 'bytes: body.slice()', 'bytes: body', /changed with a buffer outside/],
    [
      'forgets ranges',
      'const end = Math.min(object.bytes.length, offset + length)',
      'const end = object.bytes.length',
      /range 0\+1 gave/,
    ],
    ['lists too much', 'if (name.startsWith(prefix)) yield', 'yield', /a list of/],
    [
      'is deaf to cancellation',
      'async remove(name) {',
      'async remove(name) { if (name === "x") return;',
      /a put was accepted; it must fail with CANCELLED/,
    ],
    [
      'fails without a code',
      "throw new HoldfastError('OBJECT_NOT_FOUND', name + ' is not there', { facts: { name } })",
      'throw new Error("nope")',
      /PLUGIN_FAILED/,
    ],
  ];
  for (const [what, from, to, finding] of careless) {
    const module = memoryStoreModule.replace(from, to);
    expect(module, what).not.toBe(memoryStoreModule);
    const folder = at.write('shipped/targets', what.replaceAll(' ', '-'), targetFiles('box', module));
    const fixtures = { box: { prepare: async () => ({ settings: {}, keeps: false, manyObjects: 5 }) } };
    const report = await testPlugin(folder, { fixtures });
    const failures = report.contributions.flatMap((one) => one.inProcess.results).filter((r) => !r.ok);
    expect(failures.map((r) => r.failure).join('\n'), what).toMatch(finding);
    expect(report.ok).toBe(false);
  }
});

test('the kit finds a plugin that behaves differently across the boundary', async () => {
  const module = memoryStoreModule.replace(
    'return { sizeBytes: body.length };',
    'const { isMainThread } = await import("node:worker_threads"); return { sizeBytes: isMainThread ? body.length : 0 };',
  );
  const folder = at.write('shipped/targets', 'box', targetFiles('box', module));
  const fixtures = { box: { prepare: async () => ({ settings: {}, keeps: false, manyObjects: 5 }) } };
  const report = await testPlugin(folder, { fixtures });
  expect(report.contributions[0]?.differences.join('\n')).toMatch(/read back byte for byte.*on one side only/);
});
