import { isHoldfastError } from '@holdfast/api';
import { describe, expect, test } from 'vitest';
import type { ConfigProblem } from '../../core/config/contract.ts';
import { validateConfig } from '../../core/config/inspect.ts';
import { checkConfig, loadConfig } from '../../core/config/load.ts';
import { nearest } from '../../core/config/nearest.ts';
import { makeSite } from './site.ts';

describe('problems of a configuration', () => {
  test('an unknown key names file, line, column and the nearest known key', async () => {
    await using site = await makeSite();
    const file = await site.write(site.userFile, '# comment\nworkers: 1\ncompresion: 3\n');
    const { problems } = await checkConfig(site.options);
    expect(problems).toEqual([
      {
        file,
        line: 3,
        column: 1,
        key: 'compresion',
        nearest: 'compression',
        message: 'unknown key "compresion", the nearest one is "compression"',
      },
    ]);
  });

  test('an unknown setting of a plugin is found as well, at any depth', async () => {
    await using site = await makeSite();
    const text =
      'targets:\n  main:\n    use: disk\n    path: /a\n    sync-write: true\n    limits:\n      maxbyte: 3\n';
    await site.write(site.userFile, text);
    const { problems } = await checkConfig(site.options);
    expect(problems.map(short)).toEqual([
      '5:5 targets.main.sync-write syncWrites',
      '7:7 targets.main.limits.maxbyte maxBytes',
    ]);
  });

  test('a wrong type, a number out of range and a missing setting each have their place', async () => {
    await using site = await makeSite();
    const text = 'workers: many\ncompression: 77\nslots: [1]\ntargets:\n  main:\n    use: disk\n  other: 5\n';
    await site.write(site.userFile, text);
    const { problems } = await checkConfig(site.options);
    expect(problems.map((problem) => `${problem.line}:${problem.column} ${problem.message}`)).toEqual([
      '1:10 must be a whole number, and is text',
      '2:14 must be at most 19',
      '3:8 must be a map of settings, and is a list',
      '5:3 the setting "path" is missing',
      '7:10 must be a map of settings, and is a number',
    ]);
  });

  test('JSON has lines and columns too, and only JSON is taken in it', async () => {
    await using site = await makeSite();
    const file = 'home/.config/holdfast/holdfast.config.json';
    await site.write(file, '{\n  "workers": 1,\n\t"wokers": 2\n}\n');
    expect((await checkConfig(site.options)).problems.map(short)).toEqual(['3:2 wokers workers']);
    await site.write(file, '{\n  "workers": 1, // comment\n}\n');
    expect((await checkConfig(site.options)).problems.map(short)).toEqual(['2:17  ']);
    await site.write(file, '{ "workers": 1\n');
    expect((await checkConfig(site.options)).problems).toHaveLength(1);
  });

  test('in package.json the place is that of the whole file', async () => {
    await using site = await makeSite();
    await site.write('home/office/package.json', '{\n  "name": "x",\n  "holdfast": {\n    "keeep": {} } }');
    expect((await checkConfig(site.options)).problems.map(short)).toEqual(['4:5 keeep keep']);
  });

  test('all problems of all files are reported at once', async () => {
    await using site = await makeSite({ HOLDFAST_WORKERS: 'x', HOLDFAST_WORKER: '1', HOLDFAST_TARGET__A__B: '1' });
    await site.write(site.userFile, 'a: 1\nworkers: 1\nworkers: 2\n');
    await site.write('home/office/holdfast.config.yaml', 'b: 1\nc: [\n');
    const { problems, loaded } = await checkConfig(site.options);
    expect(loaded).toBe(null);
    const places = new Set(problems.map((problem) => problem.file.split('/').slice(-3).join('/')));
    expect(places).toEqual(
      new Set([
        '.config/holdfast/holdfast.config.yaml',
        'home/office/holdfast.config.yaml',
        'HOLDFAST_WORKERS',
        'HOLDFAST_WORKER',
        'HOLDFAST_TARGET__A__B',
      ]),
    );
    const verdict = await validateConfig(site.options);
    expect(verdict).toMatchObject({ valid: false, problems });
    expect(verdict.files).toHaveLength(2);
  });

  test('the error that ends a command says the first few problems in one line, and how many more there are', async () => {
    await using site = await makeSite();
    const file = await site.write(site.userFile, 'targts: 1\nkeeb: 1\n');
    const error: unknown = await loadConfig(site.options).catch((thrown: unknown) => thrown);
    expect(isHoldfastError(error, 'CONFIG_INVALID')).toBe(true);
    expect(error).toMatchObject({
      message: `the configuration has 2 problems: ${file}:1:1: targts: unknown key "targts", the nearest one is "targets"; ${file}:2:1: keeb: unknown key "keeb", the nearest one is "keep"`,
      facts: { file, line: 1, column: 1, key: 'targts', nearest: 'targets', problems: 2 },
    });
    await site.write(site.userFile, 'a: 1\nb: 1\nc: 1\nd: 1\ne: 1\nf: 1\n');
    await expect(loadConfig(site.options)).rejects.toMatchObject({
      message: expect.stringMatching(/^the configuration has 6 problems: .*; and 2 more$/),
      remedy: expect.stringContaining('holdfast config validate'),
    });
  });

  test('a key that stands twice is an error and not a riddle which one counts', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'workers: 1\nslots: {}\nworkers: 2\n');
    const { problems } = await checkConfig(site.options);
    expect(problems).toMatchObject([
      { line: 3, column: 1, message: 'the key "workers" stands twice, first in line 1' },
    ]);
  });

  test('an endpoint of a plugin that is not there names the nearest one', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'endpoints:\n  lab: { use: kmv, folder: /x }\n');
    const { problems } = await checkConfig(site.options);
    expect(problems).toMatchObject([{ line: 2, column: 15, key: 'endpoints.lab.use', nearest: 'kvm' }]);
  });

  test('an endpoint of a plugin that is not there leaves the rest of the configuration in effect, from the cache too', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'workers: 3\nendpoints:\n  lab: { use: gone, folder: /x, level: 3 }\n');
    for (const _ of ['read', 'cached']) {
      const loaded = await loadConfig(site.options);
      expect(loaded.config).toMatchObject({ workers: 3, endpoints: { lab: { use: 'gone', folder: '/x', level: 3 } } });
      expect(loaded.unusable).toMatchObject([{ line: 3, key: 'endpoints.lab.use' }]);
    }
    expect(await validateConfig(site.options)).toMatchObject({
      valid: false,
      problems: [{ key: 'endpoints.lab.use' }],
    });
  });

  test('retention for a target that does not exist is an error, for it would keep or lose restore points unseen', async () => {
    await using site = await makeSite();
    await site.write(
      site.userFile,
      'targets: { disk-main: { use: disk, path: /a } }\nkeep: { disk-mian: { daily: 3 } }\n',
    );
    const { problems } = await checkConfig(site.options);
    expect(problems).toMatchObject([{ line: 2, column: 9, key: 'keep.disk-mian', nearest: 'disk-main' }]);
  });

  test('a name that an endpoint cannot have is an error', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'endpoints: { Lab_1: { use: cluster } }\n');
    expect((await checkConfig(site.options)).problems).toMatchObject([{ key: 'endpoints.Lab_1', line: 1 }]);
  });

  test('a target of tapes holds no repository and takes no passphrase', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'targets: { t: { use: tape, library: x, passphrase: "env:P" } }\n');
    expect((await checkConfig(site.options)).problems).toMatchObject([{ key: 'targets.t.passphrase' }]);
  });

  test('a secret itself in place of a reference is refused and not repeated', async () => {
    await using site = await makeSite({ HOLDFAST_TARGETS__MAIN__PASSPHRASE: 'canary-in-variable' });
    await site.write(
      site.userFile,
      'targets: { main: { use: disk, path: /a, passphrase: "env:P" } }\nendpoints: { k: { use: kvm, folder: /x, password: canary-in-file } }\n',
    );
    const { problems } = await checkConfig(site.options);
    expect(problems.map((problem) => problem.key)).toEqual(['endpoints.k.password', 'targets.main.passphrase']);
    expect(JSON.stringify(problems)).not.toContain('canary');
  });

  test('a plugin whose settings schema is no schema is named', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'workers: 1\n');
    const broken = { hypervisors: { odd: { type: 'strnig' } }, targets: {}, plugins: {} };
    await expect(loadConfig({ ...site.options, known: broken })).rejects.toMatchObject({
      code: 'PLUGIN_INVALID',
      facts: { contribution: 'hypervisors.odd' },
    });
  });

  test.each([
    ['targts', 'targets'],
    ['TARGETS', 'targets'],
    ['work_ers', 'workers'],
    ['compresssion', 'compression'],
    ['endponits', 'endpoints'],
    ['xyz', undefined],
    ['', undefined],
  ])('the known key nearest to "%s" is %s', (word, wanted) => {
    expect(nearest(word, ['endpoints', 'targets', 'slots', 'keep', 'compression', 'workers'])).toBe(wanted);
  });
});

function short(problem: ConfigProblem): string {
  return `${problem.line}:${problem.column} ${problem.key} ${problem.nearest ?? ''}`;
}
