import { afterEach, beforeEach, expect, test } from 'vitest';
import { addPlugin } from '../../../core/host/authoring/add-plugin.ts';
import { checkPlugin } from '../../../core/host/authoring/check-plugin.ts';
import { Installation, memoryStoreModule, setting, targetFiles } from '../support/plugin-folder.ts';

let at: Installation;
beforeEach(() => {
  at = new Installation();
});
afterEach(async () => {
  await at[Symbol.asyncDispose]();
});

let count = 0;
function found(settings: object, permissions: object = {}): readonly string[] {
  count += 1;
  const folder = at.write('shipped/targets', `box-${count}`, {
    ...targetFiles(`box-${count}`, memoryStoreModule, { permissions }),
    'settings.json': settings,
  });
  return checkPlugin(folder).problems.map(({ file, path, message }) => `${file}${path} ${message}`);
}

const withMember = (member: object, more: object = {}): object => ({
  type: 'object',
  additionalProperties: false,
  properties: { size: member },
  ...more,
});

test.each([
  [
    'a default of another type',
    withMember({ type: 'integer', default: 'big' }),
    './settings.json/properties/size/default is string, not integer',
  ],
  [
    'a default that its own pattern refuses',
    withMember({ type: 'string', pattern: '^/', default: 'x' }),
    './settings.json/properties/size/default does not match its own pattern',
  ],
  [
    'a requirement that names no property',
    withMember({ type: 'integer' }, { required: ['sise'] }),
    './settings.json/required names sise, which is no property',
  ],
  [
    'a keyword that is misspelt',
    withMember({ type: 'integer', minimun: 1 }),
    './settings.json/properties/size has minimun, which no JSON schema knows; begin it with x- if it is your own',
  ],
  [
    'a pattern that can take for ever',
    withMember({ type: 'string', pattern: '^(a+)+$' }),
    './settings.json/properties/size/pattern repeats what is repeated already, as in (a+)+: that can take time without end',
  ],
])('a check finds %s, and says it once', (_what, settings, problem) => {
  expect(found(settings)).toEqual([problem]);
});

test('a check finds permissions that do not fit the settings', () => {
  const settings = withMember({ type: 'string', secret: true });
  expect(found(settings, { write: [setting('target.path'), `${setting('plugin.home')}/x`] })).toEqual([
    `package.json/permissions/write names ${setting('target.path')}, and no settings schema has path`,
    `package.json/permissions/write names ${setting('plugin.home')}: there are only plugin.data and plugin.folder`,
    'package.json/permissions/secrets lacks size, which a settings schema marks as a secret',
  ]);
  expect(found(settings, { read: [setting('target.size')], secrets: ['size'] })).toEqual([]);
  expect(found(settings, { secrets: ['size', 'key'] })).toEqual([
    'package.json/permissions/secrets names key, and no settings schema has it',
  ]);
});

test('a schema that is no schema is reported once', () => {
  expect(found(withMember({ type: 'text' }))).toHaveLength(1);
});

test('a plugin with a pattern that can take for ever is not added', () => {
  const folder = at.write('shipped/targets', 'slow', {
    ...targetFiles('slow', memoryStoreModule),
    'settings.json': withMember({ type: 'string', pattern: '^(a+)+$' }),
  });
  expect(() => addPlugin(at.options, folder)).toThrowError(expect.objectContaining({ code: 'PLUGIN_INVALID' }));
});
