import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPlugin } from '../../../core/host/manifest/read.ts';
import { Verdicts } from '../../../core/host/manifest/verdicts.ts';
import { emptySheet, openSettings, setting, targetManifest } from '../support/plugin-folder.ts';

let root: string;
let folder: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-manifest-'));
  folder = join(root, 'plugin');
  mkdirSync(folder);
  writeFileSync(join(folder, 'settings.json'), JSON.stringify(openSettings));
  writeFileSync(join(folder, 'answers.json'), JSON.stringify(emptySheet('target')));
  writeFileSync(join(folder, 'plugin.ts'), 'export function activate() {}');
  writeFileSync(join(root, 'outside.json'), JSON.stringify(openSettings));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function problemsOf(manifest: unknown): readonly string[] {
  const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  writeFileSync(join(folder, 'package.json'), text);
  return readPlugin(folder, 'fallback', null).problems.map(({ file, path, message }) => `${file}${path} ${message}`);
}

/** A path to a member of the good manifest, so that one place can be spoilt. */
const places = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value !== 'object' || value === null
    ? [at]
    : [at, ...Object.entries(value).flatMap(([key, inner]) => places(inner, [...at, key]))];

function spoilt(value: unknown, at: readonly string[], by: unknown): unknown {
  const [key, ...rest] = at;
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === key ? spoilt(item, rest, by) : item));
  const record = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(Object.entries(record).map(([k, v]) => [k, k === key ? spoilt(v, rest, by) : v]));
}

const good = targetManifest('@acme/target-box', {
  displayName: 'Box',
  permissions: {
    read: ['/srv'],
    write: [setting('target.path')],
    network: ['example.org:443'],
    run: ['tar'],
    secrets: ['key'],
  },
});

test('the manifest that the others are made from is in order', () => {
  expect(problemsOf(good)).toEqual([]);
});

test('10,000 malformed manifests are each refused or read, none crashes and none reaches a prototype', {
  timeout: 120_000,
}, () => {
  const hostile = fc.oneof(
    fc.jsonValue({ maxDepth: 4 }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom(
      '',
      '../x',
      '/etc/passwd',
      '__proto__',
      'a\0b',
      '\u001b[2J',
      'x'.repeat(2000),
      1e308,
      -1,
      null,
      [],
      {},
    ),
  );
  const one = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.tuple(fc.constantFrom(...places(good)), hostile).map(([at, by]) => spoilt(good, at, by)),
    },
    { weight: 2, arbitrary: fc.jsonValue({ maxDepth: 6 }) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 300 }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.nat(JSON.stringify(good).length), fc.string({ unit: 'binary', maxLength: 3 }))
        .map(([at, by]) => JSON.stringify(good).slice(0, at) + by + JSON.stringify(good).slice(at + 1)),
    },
  );
  let refused = 0;
  fc.assert(
    fc.property(one, (manifest) => {
      const problems = problemsOf(manifest);
      if (problems.length > 0) refused += 1;
      for (const problem of problems) expect(problem.length).toBeLessThan(1500);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    }),
    { numRuns: 10_000 },
  );
  expect(refused).toBeGreaterThan(7000);
});

test.each([
  ['a path that leads out', { main: '../plugin.ts' }, /main.*leads out|leads out/],
  ['an absolute path', { main: '/etc/passwd.ts' }, /leads out/],
  ['a module that is not there', { main: './missing.ts' }, /missing\.ts is not there/],
  ['a module of another kind', { main: './plugin.sh' }, /main must match|\/main/],
  ['an API of another time', { engines: { holdfast: '^2.0.0' } }, /engines\/holdfast is \^2\.0\.0/],
  ['no module type', { type: 'commonjs' }, /\/type is not "module"/],
  ['a name that npm would refuse', { name: '../evil' }, /\/name/],
  ['an unknown contribution', { contributes: { toasters: [] } }, /contributes has toasters/],
  ['a permission to climb', { permissions: { read: [`${setting('target.path')}/../..`] } }, /permissions\/read/],
  ['an unknown permission', { permissions: { everything: true } }, /permissions has everything/],
])('%s is refused by name', (_what, change, message) => {
  expect(problemsOf({ ...(good as object), ...change }).join('\n')).toMatch(message);
});

test('contributions of one id twice, files that lie outside, links out and secret keys of objects are refused', () => {
  const entry = {
    id: 'box',
    title: 'A box',
    shape: 'object-store',
    settings: './settings.json',
    answers: './answers.json',
  };
  const withTargets = (...targets: object[]) =>
    problemsOf({ ...(good as object), contributes: { targets } }).join('\n');
  expect(withTargets(entry, entry)).toMatch(/targets has box twice/);
  expect(withTargets({ ...entry, settings: '../outside.json' })).toMatch(/outside\.json leads out/);
  symlinkSync(join(root, 'outside.json'), join(folder, 'link.json'));
  expect(withTargets({ ...entry, settings: './link.json' })).toMatch(/link\.json is a link that leads out/);
  symlinkSync(folder, join(folder, 'loop'));
  expect(withTargets({ ...entry, settings: './loop/loop/settings.json' })).toBe('');
  expect(problemsOf('{"name": "x", "__proto__": {"polluted": true}}').join()).toMatch(/has a member named __proto__/);
  expect(problemsOf('{"constructor": {"prototype": {"polluted": true}}}').join()).toMatch(
    /has a member named constructor/,
  );
});

test('files that are too large, too deep, no text or no files are refused', () => {
  expect(problemsOf(`"${'x'.repeat(300 * 1024)}"`).join()).toMatch(/larger than 256 KiB/);
  expect(problemsOf('['.repeat(50_000) + ']'.repeat(50_000)).join()).toMatch(/nested deeper than 32/);
  writeFileSync(join(folder, 'package.json'), Buffer.from([0xff, 0xfe, 0x00, 0x7b]));
  expect(readPlugin(folder, 'x', null).problems[0]?.message).toBe('is not UTF-8 text');
  rmSync(join(folder, 'package.json'));
  mkdirSync(join(folder, 'package.json'));
  expect(readPlugin(folder, 'x', null).problems[0]?.message).toBe('is not a file');
  rmSync(join(folder, 'package.json'), { recursive: true });
  expect(readPlugin(folder, 'x', null).problems[0]?.message).toBe('is not there');
});

test('settings schemas are checked as schemas', () => {
  const withSchema = (schema: unknown): string => {
    writeFileSync(join(folder, 'settings.json'), JSON.stringify(schema));
    return problemsOf(good).join('\n');
  };
  expect(withSchema({ type: 'string' })).toMatch(/settings\.json\/type is not "object"/);
  expect(withSchema({ type: 'object', properties: 7 })).toMatch(/settings\.json\/properties/);
  expect(withSchema({ type: 'object', properties: { a: { type: 'strange' } } })).toMatch(
    /settings\.json\/properties\/a\/type/,
  );
  expect(withSchema({ type: 'object', properties: { a: { pattern: '(' } } })).toMatch(/settings\.json/);
  expect(withSchema({ type: 'object', $ref: 'https://example.org/x.json' })).toMatch(/settings\.json/);
  expect(withSchema({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' })).toMatch(/2020-12/);
  expect(withSchema([])).toMatch(/is not an object/);
  expect(withSchema(openSettings)).toBe('');
});

test('a good verdict is remembered, and one on other content is another', () => {
  const file = join(root, 'verdicts.json');
  writeFileSync(join(folder, 'package.json'), JSON.stringify(good));
  const first = new Verdicts(file);
  expect(readPlugin(folder, 'x', first).problems).toEqual([]);
  first.save();
  const second = new Verdicts(file);
  expect(readPlugin(folder, 'x', second).problems).toEqual([]);
  writeFileSync(join(folder, 'answers.json'), JSON.stringify({ ...emptySheet('target'), extra: 1 }));
  expect(readPlugin(folder, 'x', second).problems.map((p) => p.path)).toEqual(['/extra']);
  writeFileSync(file, 'not json');
  expect(readPlugin(folder, 'x', new Verdicts(file)).problems.length).toBe(1);
});
