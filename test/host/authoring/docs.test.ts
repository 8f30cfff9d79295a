import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addPlugin } from '../../../core/host/authoring/add-plugin.ts';
import { testPlugin } from '../../../core/host/authoring/test-plugin.ts';
import { trustPlugin } from '../../../core/host/authoring/trust-plugin.ts';
import { openPluginHost } from '../../../core/host/open.ts';
import { openLab, protect, restoreDisk } from '../../repository/lab.ts';
import { sampleDisk } from '../../repository/sample-disks.ts';

let root: string;
let folder: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-docs-'));
  folder = join(root, 'typed-off');
  mkdirSync(folder);
  const page = readFileSync(new URL('../../../docs/plugin-authors.md', import.meta.url), 'utf8');
  const files = [...page.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms)];
  expect(files.map(([, name]) => name)).toEqual([
    'package.json',
    'settings.schema.json',
    'plugin.ts',
    'answers.json',
    'conformance.ts',
  ]);
  for (const [, name = '', text = ''] of files) writeFileSync(join(folder, name), text);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

test('the target of the page for plugin authors, typed off, passes the conformance kit', {
  timeout: 240_000,
}, async () => {
  const report = await testPlugin(folder);
  const results = report.contributions.flatMap((one) => [...one.inProcess.results, ...one.acrossWorker.results]);
  expect(report.problems).toEqual([]);
  expect(results.filter((result) => !result.ok).map(({ name, failure }) => `${name}: ${failure}`)).toEqual([]);
  expect(results.length).toBeGreaterThan(40);
  expect(report.ok).toBe(true);
});

test('the same target, added and trusted, holds a repository that gives a disk back byte for byte', {
  timeout: 120_000,
}, async () => {
  const folders = {
    shippedFolder: join(root, 'none'),
    addedFolder: join(root, 'added'),
    dataFolder: join(root, 'data'),
  };
  cpSync(folder, join(root, 'copy'), { recursive: true });
  const { name, contentHash } = addPlugin(folders, join(root, 'copy'));
  trustPlugin(folders, name, contentHash);
  const host = await openPluginHost({ ...folders, log: () => {} });
  try {
    const opening = { name: 'memory', use: 'memory', settings: {}, secret: async () => '' };
    const store = await host.openObjectStore(opening, makeCall());
    await using lab = await openLab(store);
    const vda = sampleDisk('vda', 5 * 1024 * 1024 + 512);
    const { point } = await protect(lab, lab.repository, 'm1', { vda }, { takenAt: 1 });
    const restored = await restoreDisk(lab, await lab.reopen(), point, 'vda');
    expect(restored.failure).toBeNull();
    expect(restored.bytes.equals(vda)).toBe(true);
    expect((await lab.repository.check('full', makeCall())).damage).toEqual([]);
  } finally {
    await host.close();
  }
});
