import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { configRows } from '../../core/config/inspect.ts';
import { checkConfig, loadConfig } from '../../core/config/load.ts';
import { loadOneNatively } from './load-natively.ts';
import { makeSite } from './site.ts';

describe('layers', () => {
  test('without any file the defaults hold and nothing is written', async () => {
    await using site = await makeSite();
    const { config, files, origins } = await loadConfig(site.options);
    expect(config).toMatchObject({ compression: 3, workers: 0 });
    expect(Object.keys(config.targets)).toEqual([]);
    expect(files).toEqual([]);
    expect(origins.get('compression')).toEqual({ layer: 'default', place: 'default' });
  });

  test('each layer overrides the one below: system, user, project, --config, environment', async () => {
    await using site = await makeSite({ HOLDFAST_WORKERS: '6' });
    const system = await site.write('etc/holdfast/holdfast.config.yaml', layer(1));
    const user = await site.write(site.userFile, layer(2));
    const project = await site.write(
      'home/office/holdfast.config.json',
      '{ "compression": 3, "slots": { "project": 3, "last": 3 } }',
    );
    const given = await site.write('given.yml', layer(4, 'given'));
    const { config, origins, files } = await loadConfig({ ...site.options, configFile: given });
    expect(files).toEqual([system, user, project, given]);
    expect(config.workers).toBe(6);
    expect(config.compression).toBe(4);
    expect({ ...config.slots }).toEqual({ level1: 1, level2: 2, project: 3, given: 4, last: 4 });
    expect(origins.get('slots.level1')).toEqual({ layer: 'system', place: system, line: 3 });
    expect(origins.get('slots.level2')).toEqual({ layer: 'user', place: user, line: 3 });
    expect(origins.get('slots.project')).toEqual({ layer: 'project', place: project, line: 1 });
    expect(origins.get('slots.last')).toEqual({ layer: 'given', place: given, line: 4 });
    expect(origins.get('workers')).toEqual({ layer: 'environment', place: 'HOLDFAST_WORKERS' });
  });

  test('each lower layer shows through when the higher one is taken away', async () => {
    await using site = await makeSite();
    await site.write('etc/holdfast/holdfast.config.yaml', 'workers: 1');
    expect((await loadConfig(site.options)).config.workers).toBe(1);
    await site.write(site.userFile, 'workers: 2');
    expect((await loadConfig(site.options)).config.workers).toBe(2);
    await site.write('home/office/deep/holdfast.config.yml', 'workers: 3');
    expect((await loadConfig(site.options)).config.workers).toBe(3);
    const given = await site.write('other.yaml', 'workers: 4');
    expect((await loadConfig({ ...site.options, configFile: given })).config.workers).toBe(4);
    const env = { ...site.options.env, HOLDFAST_WORKERS: '5' };
    expect((await loadConfig({ ...site.options, configFile: given, env })).config.workers).toBe(5);
  });

  test('the nearest project file upward counts, and the search ends at home', async () => {
    await using site = await makeSite();
    await site.write('holdfast.config.yaml', 'workers: 9');
    expect((await loadConfig(site.options)).config.workers).toBe(0);
    await site.write('home/holdfast.config.yaml', 'workers: 8');
    expect((await loadConfig(site.options)).config.workers).toBe(8);
    await site.write('home/office/deep/project/package.json', '{ "name": "x" }');
    await site.write('home/office/deep/package.json', '{\n "name": "x",\n "holdfast": {\n  "workers": 7 }\n}');
    const { config, origins } = await loadConfig(site.options);
    expect(config.workers).toBe(7);
    expect(origins.get('workers')?.line).toBe(4);
  });

  test('a working folder outside of home is searched up to the root', async () => {
    await using site = await makeSite();
    const file = await site.write('elsewhere/holdfast.config.yaml', 'workers: 3');
    const { files } = await loadConfig({ ...site.options, cwd: join(site.root, 'elsewhere') });
    expect(files).toEqual([file]);
  });

  test('the user’s file is not read a second time as the project’s when one works in its folder', async () => {
    await using site = await makeSite();
    const user = await site.write(site.userFile, 'workers: 3');
    const { files, origins } = await loadConfig({ ...site.options, cwd: join(site.home, '.config/holdfast') });
    expect(files).toEqual([user]);
    expect(origins.get('workers')?.layer).toBe('user');
  });

  test('two configurations in one folder are refused, for one of them would be ignored', async () => {
    await using site = await makeSite();
    await site.write('home/office/holdfast.config.yaml', 'workers: 1');
    await site.write('home/office/package.json', '{ "holdfast": {} }');
    await expect(loadConfig(site.options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });

  test('a --config file that is missing, a folder or of unknown kind is an error', async () => {
    await using site = await makeSite();
    for (const configFile of ['missing.yaml', site.root, await site.write('x.toml', 'a = 1')]) {
      await expect(loadConfig({ ...site.options, configFile })).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
    }
  });

  test('settings of one target come from several layers, unless a higher layer takes another plugin', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'targets:\n  main: { use: disk, path: /a, syncWrites: false }');
    const file = 'home/office/holdfast.config.yaml';
    await site.write(file, 'targets: { main: { path: /b } }');
    expect({ ...(await loadConfig(site.options)).config.targets.main }).toEqual({
      use: 'disk',
      path: '/b',
      syncWrites: false,
    });
    await site.write(file, 'targets: { main: { use: tape, library: one } }');
    expect({ ...(await loadConfig(site.options)).config.targets.main }).toEqual({ use: 'tape', library: 'one' });
  });

  test('a section with nothing in it takes nothing away', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'slots: { proxy: 2 }');
    await site.write('home/office/holdfast.config.yaml', 'slots:\nendpoints:\n# none yet\n');
    expect({ ...(await loadConfig(site.options)).config.slots }).toEqual({ proxy: 2 });
  });

  test('defaults of a plugin’s settings are filled in and shown as defaults', async () => {
    await using site = await makeSite();
    await site.write(
      site.userFile,
      'targets: { main: { use: disk, path: /a } }\nplugins: { "@holdfast/tool-lab": {} }',
    );
    const loaded = await loadConfig(site.options);
    expect(loaded.config.plugins['@holdfast/tool-lab']).toEqual({ seed: 7 });
    const rows = configRows(loaded);
    expect(rows).toContainEqual({
      key: 'targets.main.syncWrites',
      value: true,
      origin: { layer: 'default', place: 'plugin' },
    });
    expect(rows.find((row) => row.key === 'plugins.@holdfast/tool-lab.seed')?.value).toBe(7);
    expect(rows.map((row) => row.key)).toEqual(rows.map((row) => row.key).toSorted());
  });

  test('every leaf has an origin', async () => {
    await using site = await makeSite({ HOLDFAST_KEEP__MAIN__WEEKLY: '8' });
    await site.write(
      site.userFile,
      'targets: { main: { use: disk, path: /a, limits: { maxBytes: 1 } } }\nkeep: { main: { daily: 2 } }',
    );
    const loaded = await loadConfig(site.options);
    expect([...loaded.origins.keys()].toSorted()).toEqual([
      'compression',
      'keep.main.daily',
      'keep.main.weekly',
      'targets.main.limits.maxBytes',
      'targets.main.path',
      'targets.main.syncWrites',
      'targets.main.use',
      'workers',
    ]);
  });

  test('the outcome of a second load is the same, comes from the cache, and follows each change of a file', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'targets: { main: { use: disk, path: /a } }');
    const first = await loadConfig(site.options);
    const second = await loadConfig(site.options);
    expect(second).toEqual(first);
    expect(Object.getPrototypeOf(second.config.targets)).toBe(null);
    await site.write(site.userFile, 'targets: { main: { use: disk, path: /b } }');
    expect((await loadConfig(site.options)).config.targets.main?.path).toBe('/b');
    const schemas = { ...site.options.known, targets: {} };
    const changed = await checkConfig({ ...site.options, known: { hypervisors: {}, plugins: {}, ...schemas } });
    expect(changed.problems).toHaveLength(1);
  });

  test('a command that finds nothing changed reads neither YAML nor the schema’s compiler again', async () => {
    await using site = await makeSite();
    expect((await loadOneNatively(site.options)).packages).toEqual([]);
    await site.write(site.userFile, 'targets: { main: { use: disk, path: /a } }');
    const [first, again] = [await loadOneNatively(site.options), await loadOneNatively(site.options)];
    expect(first.packages).toEqual(expect.arrayContaining(['ajv', 'cosmiconfig', 'yaml']));
    expect(again.config).toEqual(first.config);
    expect(again.packages).toEqual([]);
  });

  test('a cache that holds nonsense or cannot be written is no hindrance', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'workers: 2');
    await site.write('home/.cache/holdfast/config', 'a file where a folder should be');
    expect((await loadConfig(site.options)).config.workers).toBe(2);
  });
});

function layer(level: number, name = `level${level}`): string {
  return `compression: ${level}\nslots:\n  ${name}: ${level}\n  last: ${level}\n`;
}
