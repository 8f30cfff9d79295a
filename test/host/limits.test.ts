import { afterEach, beforeEach, expect, test } from 'vitest';
import { patternDanger } from '../../core/host/manifest/pattern-danger.ts';
import { addTarget, Installation, memoryStoreModule, opening, quiet, targetFiles } from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

test('a target whose plugin never finishes opening it ends by name, though nobody set a deadline', async () => {
  const module = memoryStoreModule.replace('async () => openStore()', '() => new Promise(() => {})');
  addTarget(at, 'acme-box', module);
  const host = await at.host({}, { openMs: 300, graceMs: 100 });
  await expect(host.openObjectStore(opening(), quiet)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringMatching(/target my-box open of acme-box did not answer in time/),
  });
});

test('a small object that is never stored ends its put by name, though nobody set a deadline', async () => {
  addTarget(
    at,
    'acme-box',
    memoryStoreModule.replace('async put(name, body, how) {', '$& await new Promise(() => {});'),
  );
  const host = await at.host({}, { smallCallMs: 300, graceMs: 100 });
  const store = await host.openObjectStore(opening(), quiet);
  await expect(store.put('a', Buffer.from('1'), {}, quiet)).rejects.toMatchObject({
    code: 'TIMEOUT',
    message: expect.stringMatching(/my-box put/),
  });
});

test('the settings schema of a plugin that nobody trusts is never handed to a validator', async () => {
  const settings = { type: 'object', properties: { key: { type: 'string', secret: true, pattern: '^(a|aa)*$' } } };
  at.write('added', 'acme-box', { ...targetFiles('acme-box', memoryStoreModule), 'settings.json': settings });
  const host = await at.host();
  expect(host.targets().map((target) => target.settings)).not.toContainEqual(settings);
  await expect(host.openObjectStore(opening({ key: 7 }), quiet)).rejects.toMatchObject({
    code: expect.stringMatching(/^PLUGIN_(UNTRUSTED|INVALID)$/),
  });
});

test('the settings of a plugin that nobody trusts are not looked at before the trust is', async () => {
  const settings = { type: 'object', properties: { key: { type: 'string', secret: true, pattern: '^[a-z]+$' } } };
  at.write('added', 'acme-box', {
    ...targetFiles('acme-box', memoryStoreModule, { permissions: { secrets: ['key'] } }),
    'settings.json': settings,
  });
  const host = await at.host();
  expect(host.targets()[0]?.settings).toEqual({
    type: 'object',
    properties: { key: { type: 'string', secret: true } },
  });
  await expect(host.openObjectStore(opening({ key: 7 }), quiet)).rejects.toMatchObject({ code: 'PLUGIN_UNTRUSTED' });
});

test.each([
  '^(a+)+$',
  '^(a*)*$',
  '(x[a-z]+)*',
  '(-[-a]+)*',
  '(-.+)*',
  '((a{1,90})b?)+',
  '^(a|aa)+$',
  '(.|a)*',
  'x'.repeat(600),
  '(',
])('the pattern %s is refused', (pattern) => {
  expect(patternDanger(pattern)).not.toBeNull();
});

test.each([
  '^[a-z][a-z0-9-]{0,39}$',
  '^(/|~/).+$',
  '^[a-z]+(-[a-z]+)*$',
  '^https?://[^/]+(/.*)?$',
  '^(a|b|c)*$',
  '^\\(a+\\)+$',
  '^[(a+)+]$',
])('the pattern %s is fine', (pattern) => {
  expect(patternDanger(pattern)).toBeNull();
});
