import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { testPluginApart } from '../../../core/host/authoring/test-apart.ts';
import { Installation, memoryStoreModule, targetFiles } from '../support/plugin-folder.ts';

let at: Installation;
let temporary: string;
beforeEach(() => {
  at = new Installation();
  temporary = mkdtempSync(join(tmpdir(), 'holdfast-hanging-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await at[Symbol.asyncDispose]();
  rmSync(temporary, { recursive: true });
});

const conformance =
  'export const fixtures = { box: { prepare: async () => ({ settings: {}, keeps: false, manyObjects: 5, limitMs: 400 }) } };';
const plugin = (putting: string): string =>
  at.write('shipped/targets', 'box', {
    ...targetFiles('acme-box', memoryStoreModule.replace('async put(name, body, how) {', `$& ${putting}`)),
    'conformance.ts': conformance,
  });
const options = { log: () => {}, resolvesHere: false, graceMs: 100 };

test('a put that loops for ever fails its check by name, and nothing is left', { timeout: 60_000 }, async () => {
  const report = await testPluginApart(plugin('for (;;);'), { ...options, signal: new AbortController().signal });
  const failures = report.contributions.flatMap((one) => one.inProcess.results).filter(({ ok }) => !ok);
  expect(report).toMatchObject({ plugin: 'acme-box', ok: false });
  expect(failures.at(-1)?.failure).toMatch(/TIMEOUT: acme-box did not end the check ".+" of target box in time/);
  expect(readdirSync(temporary)).toEqual([]);
});

test('a put that never answers fails its check, and the test goes on to its end', { timeout: 60_000 }, async () => {
  const folder = plugin('if (how.ifAbsent) await new Promise(() => {});');
  const report = await testPluginApart(folder, { ...options, signal: new AbortController().signal });
  const [box] = report.contributions;
  for (const side of [box?.inProcess, box?.acrossWorker]) {
    expect(side?.results.at(-1)?.failure).toMatch(/^TIMEOUT: it did not end within 0\.4 s/);
  }
  expect(readdirSync(temporary)).toEqual([]);
});

test('a plugin that ends the process ends its test only', { timeout: 60_000 }, async () => {
  const folder = plugin('process.exit(0);');
  const report = await testPluginApart(folder, { ...options, signal: new AbortController().signal });
  expect(JSON.stringify(report)).toMatch(/PLUGIN_FAILED: acme-box ended its thread/);
});

test('whoever interrupts a test that loops gets out of it', { timeout: 60_000 }, async () => {
  const folder = plugin('console.log("looping"); for (;;);');
  const controller = new AbortController();
  const running = testPluginApart(folder, {
    ...options,
    graceMs: 60_000,
    signal: controller.signal,
    log: () => controller.abort(),
  });
  setTimeout(() => controller.abort(), 8000).unref();
  await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(readdirSync(temporary)).toEqual([]);
});
