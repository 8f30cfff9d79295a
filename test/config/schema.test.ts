import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import type { KnownSchemas } from '../../core/config/contract.ts';
import { loadConfig } from '../../core/config/load.ts';
import { assembleSchema } from '../../core/config/schema/assemble.ts';
import { sectionNames } from '../../core/config/schema/core-schema.ts';
import { known, makeSite } from './site.ts';

const root = new URL('../../', import.meta.url).pathname;

test('the schema for editors is a valid schema that accepts and refuses what Holdfast does', () => {
  const ajv = new Ajv2020({ strict: false });
  expect(ajv.validateSchema(assembleSchema(known))).toBe(true);
  const validate = ajv.compile(JSON.parse(JSON.stringify(assembleSchema(known))));
  expect(validate({ targets: { a: { use: 'disk', path: '/a', passphrase: 'env:P' } }, workers: 1 })).toBe(true);
  expect(validate({ targets: { a: { use: 'disk', path: '/a', passphrase: 'P' } } })).toBe(false);
  expect(validate({ targets: { a: { use: 'disk', pth: '/a' } } })).toBe(false);
  expect(validate({ targets: { a: { path: '/a' } } })).toBe(false);
});

test('a plugin’s schema may refer to parts of its own', async () => {
  const withParts = {
    type: 'object',
    $defs: { port: { type: 'integer', maximum: 65_535 } },
    properties: { port: { $ref: '#/$defs/port' } },
  };
  await using site = await makeSite();
  const options = { ...site.options, known: { hypervisors: { remote: withParts }, targets: {}, plugins: {} } };
  await site.write(site.userFile, 'endpoints: { r: { use: remote, port: 443 } }');
  expect((await loadConfig(options)).config.endpoints.r?.port).toBe(443);
  await site.write(site.userFile, 'endpoints: { r: { use: remote, port: 70000 } }');
  await expect(loadConfig(options)).rejects.toMatchObject({ message: expect.stringContaining('at most 65535') });
});

test('the example configuration is valid with the plugins that are shipped', async () => {
  await using site = await makeSite();
  const configFile = join(root, 'holdfast.config.example.yaml');
  const { config, untrusted } = await loadConfig({ ...site.options, configFile, known: await shipped() });
  expect(Object.keys(config.targets)).toEqual(['disk-main']);
  expect(untrusted).toEqual([]);
});

test('the page on configuration names every key, every kind of reference and every retention', async () => {
  const page = await readFile(join(root, 'docs/configuration.md'), 'utf8');
  for (const key of sectionNames) expect(page).toContain(`\`${key}`);
  for (const kind of ['env', 'file', 'command', 'keyring', 'systemd', 'sealed']) expect(page).toContain(`\`${kind}:`);
  for (const kept of ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly']) expect(page).toContain(`\`${kept}\``);
});

/** The settings schemas that the manifests of this checkout name. */
async function shipped(): Promise<KnownSchemas> {
  const hypervisors: Record<string, Record<string, unknown>> = {};
  const targets: Record<string, Record<string, unknown>> = {};
  const notifiers: Record<string, Record<string, unknown>> = {};
  for (const kind of ['hypervisors', 'targets', 'notifiers']) {
    for (const name of await readdir(join(root, 'plugins', kind))) {
      const folder = join(root, 'plugins', kind, name);
      const { contributes } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      const into = kind === 'hypervisors' ? hypervisors : kind === 'notifiers' ? notifiers : targets;
      for (const { id, settings } of contributes[kind] ?? []) {
        into[id] = JSON.parse(await readFile(join(folder, settings), 'utf8'));
      }
    }
  }
  return { hypervisors, targets, notifiers, plugins: {} };
}
