import { checkShape, isSimpleSchema } from '@holdfast/api';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkValue } from '../../core/host/manifest/validator.ts';
import { completeSettings } from '../../core/host/settings/complete.ts';
import { addTarget, Installation, memoryStoreModule, opening, quiet, targetFiles } from './support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['path'],
  properties: {
    path: { type: 'string', pattern: '^/' },
    retries: { type: 'integer', minimum: 0, default: 3 },
    server: {
      type: 'object',
      default: {},
      properties: { port: { type: 'integer', default: 443 }, name: { type: 'string' } },
    },
    key: { type: 'string', secret: true },
    other: { type: 'string' },
  },
};

test('defaults are filled in, also within, and what was given stays untouched', () => {
  const given = { path: '/srv', server: { name: 'a' } };
  expect(completeSettings(schema, given, 'target x')).toEqual({
    path: '/srv',
    retries: 3,
    server: { name: 'a', port: 443 },
  });
  expect(given).toEqual({ path: '/srv', server: { name: 'a' } });
  expect(completeSettings(schema, { path: '/srv' }, 'target x')).toEqual({
    path: '/srv',
    retries: 3,
    server: { port: 443 },
  });
});

test('wrong settings are refused, naming whose they are and each key', () => {
  const wrong = (settings: Readonly<Record<string, unknown>>) => {
    try {
      completeSettings(schema, settings, 'target disk-main');
    } catch (thrown) {
      return thrown;
    }
    return null;
  };
  expect(wrong({ path: 'relative', retries: -1, server: { port: 'x' }, pth: 1 })).toMatchObject({
    code: 'CONFIG_INVALID',
    message: expect.stringMatching(
      /target disk-main: path does not match .*; retries is less than 0; server\.port is string, not integer; pth is not known here/,
    ),
    facts: { key: 'path', problems: 4 },
  });
  expect(wrong({})).toMatchObject({ message: 'settings of target disk-main: is missing path', facts: { key: 'path' } });
  expect(wrong({ path: '/x', __proto__: { polluted: 1 } })).toBeNull();
  expect(wrong(JSON.parse('{"path": "/x", "__proto__": {"polluted": 1}}') as Record<string, unknown>)).toMatchObject({
    message: expect.stringContaining('__proto__ is not known here'),
  });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('a plugin reads the secrets that its schema marks and its permissions name, and no others', async () => {
  const module = memoryStoreModule.replace(
    'async () => openStore()',
    'async (opening) => ({ ...openStore(), probe: async () => ({ value: await opening.secret("key"), other: await opening.secret("other").catch((e) => e.code), nothing: await opening.secret("toString").catch((e) => e.code) }) as never })',
  );
  for (const [secrets, value] of [
    [['key', 'other'], 'secret of key'],
    [[], null],
  ] as const) {
    await using here = new Installation();
    const folder = here.write('added', 'box', {
      ...targetFiles('box', module, { permissions: { secrets } }),
      'settings.json': schema,
    });
    here.trust(folder, 'box');
    const store = await (await here.host({ addedPlace: 'in-process' })).openObjectStore(opening({ path: '/x' }), quiet);
    if (value === null)
      await expect(store.probe(quiet)).rejects.toMatchObject({
        code: 'PERMISSION_DENIED',
        message: expect.stringContaining('secret of key'),
      });
    else expect(await store.probe(quiet)).toEqual({ value, other: 'PERMISSION_DENIED', nothing: 'PERMISSION_DENIED' });
  }
});

test('a service is opened once for each name and settings, again after it was closed, and all are closed with the host', async () => {
  const module = memoryStoreModule
    .replace(
      'async () => openStore()',
      "async (opening) => { context.log('info', 'opens ' + opening.name + JSON.stringify(opening.settings)); return openStore(); }",
    )
    .replace('async close() {', "async close() { contextLog('closes');")
    .replace(
      'export function activate(context: PluginContext): void {',
      "let contextLog = (text: string): void => {};\nexport function activate(context: PluginContext): void { contextLog = (text) => context.log('info', text);",
    );
  addTarget(at, 'box', module);
  const host = await at.host({ addedPlace: 'in-process' });
  const [one, same, other] = await Promise.all([
    host.openObjectStore(opening({ a: 1 }), quiet),
    host.openObjectStore(opening({ a: 1 }), quiet),
    host.openObjectStore(opening({ a: 2 }), quiet),
  ]);
  expect(same).toBe(one);
  expect(other).not.toBe(one);
  await one?.close(quiet);
  await one?.close(quiet);
  expect(await host.openObjectStore(opening({ a: 1 }), quiet)).not.toBe(one);
  await host.close();
  const lines = at.lines.filter((line) => /opens|closes/.test(line));
  expect(lines.filter((line) => line.includes('opens')).length).toBe(3);
  expect(lines.filter((line) => line.includes('closes')).length).toBe(3);
});

/** Schemas of the part that `checkShape` knows, and values for them. */
const schemas = fc.letrec<{ schema: object }>((tie) => ({
  schema: fc.oneof(
    { depthSize: 'small' },
    fc
      .record({ type: fc.constant('string') }, { requiredKeys: ['type'] })
      .chain((base) =>
        fc
          .record(
            { minLength: fc.nat(4), maxLength: fc.nat(6), enum: fc.constant(['a', 'b', '']) },
            { requiredKeys: [] },
          )
          .map((more) => ({ ...base, ...more })),
      ),
    fc.record(
      {
        type: fc.constantFrom('number', 'integer'),
        minimum: fc.integer({ min: -5, max: 5 }),
        exclusiveMaximum: fc.integer({ min: -5, max: 9 }),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ type: fc.constantFrom('boolean', 'null', ['string', 'null']) }),
    fc.record({ const: fc.constantFrom(1, 'a', null, [1], { a: 1 }) }),
    fc.record(
      {
        type: fc.constant('array'),
        items: tie('schema'),
        minItems: fc.nat(2),
        maxItems: fc.nat(3),
        uniqueItems: fc.boolean(),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ anyOf: fc.array(tie('schema'), { minLength: 1, maxLength: 3 }) }),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { maxKeys: 3, noNullPrototype: true }),
        required: fc.uniqueArray(fc.constantFrom('a', 'b'), { maxLength: 2 }),
        additionalProperties: fc.oneof(fc.boolean(), tie('schema')),
        minProperties: fc.nat(2),
      },
      { requiredKeys: ['type'] },
    ),
  ),
})).schema;
const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>('', 'a', 'b', 'abcdefg', '\u{1f600}x', null, true, false, 0, 1, -1, 1.5, 7),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('the small checker of the API and the full validator agree on every schema that the small one knows', () => {
  fc.assert(
    fc.property(schemas, values, (anySchema, value) => {
      expect(isSimpleSchema(anySchema)).toBe(true);
      expect(checkShape(anySchema, value).length === 0).toBe(checkValue(anySchema, value).length === 0);
    }),
    { numRuns: 800 },
  );
});

test('a schema beyond the small checker is checked by the full one', () => {
  const beyond = {
    type: 'object',
    properties: { a: { oneOf: [{ type: 'string' }, { type: 'number' }] } },
    dependentRequired: { a: ['b'] },
  };
  expect(isSimpleSchema(beyond)).toBe(false);
  expect(completeSettings(beyond, { a: 1, b: 2 }, 'x')).toEqual({ a: 1, b: 2 });
  expect(() => completeSettings(beyond, { a: 1 }, 'x')).toThrowError(
    expect.objectContaining({ code: 'CONFIG_INVALID' }),
  );
});
