import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { afterAll, expect, test } from 'vitest';
import { newPlugin } from '../../core/host/authoring/new-plugin.ts';
import { pluginFolder } from '../../core/shell/commands/plugin/check.ts';
import { run } from '../../core/shell/commands/plugin/test.ts';
import type { Site } from '../../core/shell/contract.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-plugin-commands-'));
afterAll(() => rmSync(folder, { recursive: true }));

const site = { pluginFolders: { shippedFolder: '/nowhere' } } as Site;

test('a folder that is not there is said to be no folder, and no plugin’s name is guessed at', async () => {
  await expect(pluginFolder(site, './nowhere')).rejects.toMatchObject({
    code: 'PLUGIN_NOT_FOUND',
    message: 'there is no folder ./nowhere',
  });
});

test('a test of a plugin ends with how many checks passed, and cries of no thread that it ended itself', {
  timeout: 120_000,
}, async () => {
  const lines: string[] = [];
  const { folder: plugin } = newPlugin('target', 'acme-box', join(folder, 'target'));
  const fixture = join(plugin, 'conformance.ts');
  writeFileSync(fixture, readFileSync(fixture, 'utf8').replace('settings:', 'manyObjects: 300, settings:'));
  const call = makeCall({ log: (_level, message) => lines.push(message) });
  const answer = await run(site, { plugin, yes: true }, call);
  expect(answer.failure).toBeUndefined();
  expect(JSON.stringify(answer.view)).toMatch(/\d+ passed, 0 failed/);
  expect(lines.join('\n')).not.toContain('on purpose');
});
