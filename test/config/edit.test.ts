import { readdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { removeInstance, setInstance, userConfigFile } from '../../core/config/edit.ts';
import { loadConfig } from '../../core/config/load.ts';
import { known, makeSite } from './site.ts';

const disk = { use: 'disk', path: '/srv/backup' };

describe('editing a configuration file', () => {
  test('comments, order, blank lines and quotes stay', async () => {
    await using site = await makeSite();
    const file = await site.write(site.userFile, commented);
    await setInstance(file, 'targets', 'second', { ...disk, passphrase: 'sealed:second' }, { known });
    const wanted = commented.replace(
      '    path: "/srv/old" # the old shelf\n',
      '    path: "/srv/old" # the old shelf\n  second:\n    use: disk\n    path: /srv/backup\n    passphrase: sealed:second\n',
    );
    expect(await readFile(file, 'utf8')).toBe(wanted);
    expect(await removeInstance(file, 'targets', 'second', { known })).toBe(true);
    expect(await readFile(file, 'utf8')).toBe(commented);
  });

  test('a file that is not there is made, for its owner only, with its folder', async () => {
    await using site = await makeSite();
    const file = userConfigFile({ config: join(site.home, '.config/holdfast'), data: '', cache: '' });
    await setInstance(file, 'endpoints', 'lab', { use: 'kvm', folder: '/lab' }, { known });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readFile(file, 'utf8')).toBe('endpoints:\n  lab:\n    use: kvm\n    folder: /lab\n');
    expect((await loadConfig(site.options)).config.endpoints.lab?.folder).toBe('/lab');
  });

  test('a file keeps its permissions, and a symbolic link stays one', async () => {
    await using site = await makeSite();
    const real = await site.write('dotfiles/holdfast.yaml', 'workers: 1\n', 0o640);
    const link = join(site.root, 'link.yaml');
    await symlink(real, link);
    await setInstance(link, 'targets', 'a', disk, { known });
    expect((await stat(real)).mode & 0o777).toBe(0o640);
    expect(await readFile(real, 'utf8')).toContain('workers: 1\ntargets:');
    expect(await readdir(join(site.root, 'dotfiles'))).toEqual(['holdfast.yaml']);
  });

  test('what is not valid is not written', async () => {
    await using site = await makeSite();
    const file = await site.write(site.userFile, commented);
    const attempts = [
      () => setInstance(file, 'targets', 'x', { use: 'dsk' }, { known }),
      () => setInstance(file, 'targets', 'x', { use: 'disk' }, { known }),
      () => setInstance(file, 'targets', 'x', { ...disk, pth: '/a' }, { known }),
      () => setInstance(file, 'targets', 'x', { ...disk, passphrase: 'canary' }, { known }),
      () => setInstance(file, 'targets', 'x', JSON.parse('{"use":"disk","path":"/a","__proto__":{"a":1}}'), { known }),
    ];
    for (const attempt of attempts) {
      const error: unknown = await attempt().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
      expect(String(error)).not.toContain('canary');
    }
    for (const name of ['', 'A', '-a', 'a_b', 'a'.repeat(64), '../a', 'a.b']) {
      await expect(setInstance(file, 'targets', name, disk, { known })).rejects.toMatchObject({ code: 'NAME_INVALID' });
    }
    expect(await readFile(file, 'utf8')).toBe(commented);
  });

  test('a file with a syntax error is left alone, one with another fault can still be edited', async () => {
    await using site = await makeSite();
    const broken = await site.write('broken.yaml', 'targets: {\n');
    await expect(setInstance(broken, 'targets', 'a', disk)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    expect(await readFile(broken, 'utf8')).toBe('targets: {\n');
    const gone = await site.write(
      'gone.yaml',
      'endpoints:\n  a: { use: removed-plugin }\n  b: { use: removed-plugin }\n',
    );
    expect(await removeInstance(gone, 'endpoints', 'a', { known })).toBe(true);
    expect(await readFile(gone, 'utf8')).toBe('endpoints:\n  b: { use: removed-plugin }\n');
  });

  test('removing a target removes its retention, and what becomes empty', async () => {
    await using site = await makeSite();
    const file = await site.write(
      site.userFile,
      'workers: 1\ntargets:\n  a: { use: disk, path: /a }\nkeep:\n  a: { daily: 1 }\n  b: { daily: 2 }\n',
    );
    expect(await removeInstance(file, 'targets', 'a', { known })).toBe(true);
    expect(await readFile(file, 'utf8')).toBe('workers: 1\nkeep:\n  b: { daily: 2 }\n');
    expect(await removeInstance(file, 'targets', 'a', { known })).toBe(false);
    expect(await removeInstance(join(site.root, 'none.yaml'), 'targets', 'a')).toBe(false);
  });

  test('JSON and package.json keep their indentation and all else in them', async () => {
    await using site = await makeSite();
    const json = await site.write('c.json', '{\n    "workers": 1\n}\n');
    await setInstance(json, 'targets', 'a', disk, { known });
    expect(await readFile(json, 'utf8')).toBe(
      '{\n    "workers": 1,\n    "targets": {\n        "a": {\n            "use": "disk",\n            "path": "/srv/backup"\n        }\n    }\n}\n',
    );
    const pack = await site.write(
      'package.json',
      '{\n\t"name": "x",\n\t"holdfast": {"workers": 1},\n\t"version": "1.0.0"\n}\n',
    );
    await setInstance(pack, 'targets', 'a', disk, { known });
    expect(JSON.parse(await readFile(pack, 'utf8'))).toEqual({
      name: 'x',
      holdfast: { workers: 1, targets: { a: disk } },
      version: '1.0.0',
    });
    expect(await readFile(pack, 'utf8')).toMatch(/^{\n\t"name"/);
  });

  test('a TypeScript file and one whose aliases a change would spread are left to be changed by hand', async () => {
    await using site = await makeSite();
    const code = await site.write('c.ts', 'export default {};');
    await expect(setInstance(code, 'targets', 'a', disk)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    const shared = 'targets:\n  a: &a { use: disk, path: /a }\n  b: *a\n';
    const twice = 'targets:\n  c: &x { use: disk, path: /c }\n  a: &x { use: disk, path: /a }\n  b: *x\n';
    for (const text of [shared, twice]) {
      const aliased = await site.write('c.yaml', text);
      await expect(removeInstance(aliased, 'targets', 'a', { known })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
      expect(await readFile(aliased, 'utf8')).toBe(text);
    }
  });

  test('a commented-out section is filled in', async () => {
    await using site = await makeSite();
    const file = await site.write('c.yaml', '# targets of this house\ntargets:\n#  none: yet\n');
    await setInstance(file, 'targets', 'a', disk, { known });
    const text = await readFile(file, 'utf8');
    expect(text).toContain('# targets of this house\ntargets:');
    expect(text).toContain('#  none: yet');
    const empty = await site.write('e.yaml', '# nothing yet\n');
    await setInstance(empty, 'targets', 'a', disk, { known });
    expect(await readFile(empty, 'utf8')).toBe(
      '# nothing yet\n\ntargets:\n  a:\n    use: disk\n    path: /srv/backup\n',
    );
  });

  test('whatever is set is read back the same, and what is removed leaves the file as it was', async () => {
    await using site = await makeSite();
    const plain = fc
      .jsonValue({ maxDepth: 3 })
      .filter((value) => !/"(__proto__|constructor|prototype)":/.test(JSON.stringify(value)));
    const name = fc
      .stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/)
      .filter((word) => word !== 'constructor' && word !== 'prototype');
    const settings = fc.dictionary(
      fc
        .stringMatching(/^[a-zA-Z][a-zA-Z0-9]{0,8}$/)
        .filter((key) => key !== 'constructor' && key !== 'prototype' && key !== 'passphrase'),
      plain,
      { maxKeys: 4 },
    );
    await fc.assert(
      fc.asyncProperty(name, settings, fc.constantFrom('yaml', 'json'), async (called, rest, kind) => {
        const file = await site.write(`round.${kind}`, kind === 'yaml' ? commented : '{\n  "workers": 2\n}\n');
        const before = await readFile(file, 'utf8');
        const instance = { ...rest, use: 'anything' };
        await setInstance(file, 'endpoints', called, instance);
        const loaded = await loadConfig({ ...site.options, known: undefined, configFile: file, cache: false });
        expect(JSON.parse(JSON.stringify(loaded.config.endpoints[called]))).toEqual(
          JSON.parse(JSON.stringify(instance)),
        );
        expect(loaded.config.workers).toBe(2);
        await removeInstance(file, 'endpoints', called);
        if (kind === 'yaml') expect(await readFile(file, 'utf8')).toBe(before);
        else expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ workers: 2, endpoints: {} });
      }),
      { numRuns: 40 },
    );
  });
});

const commented = `# Backups of the house.
workers: 2 # as many as the box has

targets:
  # the shelf in the cellar
  first:
    use: disk
    path: "/srv/old" # the old shelf

# how long
keep:
  first: { daily: 14, weekly: 8 } # two weeks
`;
