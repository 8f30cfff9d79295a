import { chmod, chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { reviewTrust } from '../../core/config/inspect.ts';
import { findInstance } from '../../core/config/instance.ts';
import { loadConfig } from '../../core/config/load.ts';
import { openSecrets } from '../../core/config/secrets/open-secrets.ts';
import { distrustConfigFile, trustConfigFile, trustFile } from '../../core/config/trust.ts';
import { loadNatively, loadOneNatively } from './load-natively.ts';
import { makeSite, type Site } from './site.ts';

const now = () => 1_800_000_000_000;
const signal = new AbortController().signal;

describe('a configuration found by searching upward', () => {
  test('a command in it is not run before it is trusted, and what needs it says so', async () => {
    await using site = await makeSite();
    const { file, ran } = await withCommand(site);
    const loaded = await loadConfig(site.options);
    expect(loaded.untrusted).toEqual([file]);
    expect(loaded.files).toEqual([file]);
    expect(loaded.config.targets.main).toMatchObject({ path: '/a', passphrase: `untrusted:${file}` });
    expect(JSON.stringify(loaded.config)).not.toContain('touch');
    const secrets = openSecrets({ env: site.options.env, folders: foldersOf(site) });
    await expect(secrets.resolve(String(loaded.config.targets.main?.passphrase), signal)).rejects.toMatchObject({
      code: 'CONFIG_UNTRUSTED',
      remedy: `read that file, then \`holdfast config trust ${file}\``,
    });
    await expect(stat(ran)).rejects.toThrow();
  });

  test('once trusted the command is in effect, until the file’s content changes', async () => {
    await using site = await makeSite();
    const { file } = await withCommand(site);
    const review = await reviewTrust(site.options);
    expect(review).toMatchObject({ file, trusted: false, changed: false, runs: false });
    expect(review?.commands).toEqual([expect.stringContaining('command:touch')]);
    await trustConfigFile(file, foldersOf(site), now, review?.sha256);
    expect((await loadConfig(site.options)).untrusted).toEqual([]);
    expect((await loadConfig(site.options)).config.targets.main?.passphrase).toMatch(/^command:touch /);
    await writeFile(file, (await readFile(file, 'utf8')).replace('command:touch', 'command:rm'));
    expect((await loadConfig(site.options)).untrusted).toEqual([file]);
    expect(await reviewTrust(site.options)).toMatchObject({ trusted: false, changed: true });
  });

  test('it neither switches the second person off nor opens the server before it is trusted', async () => {
    await using site = await makeSite();
    await site.write(site.userFile, 'approvals: { destroy: true, delayMinutes: 60 }');
    const file = await site.write(
      'home/office/holdfast.config.yaml',
      'approvals: { destroy: false }\nserver: { listen: "0.0.0.0:22" }\nworkers: 3\n',
    );
    const planted = await loadConfig(site.options);
    expect(planted.untrusted).toEqual([file]);
    expect(planted.config).toMatchObject({ approvals: { destroy: true, delayMinutes: 60 }, workers: 3 });
    expect(planted.config.server).toEqual({});
    await trustConfigFile(file, foldersOf(site), now);
    const trusted = await loadConfig(site.options);
    expect(trusted.config.approvals).toEqual({ destroy: false, delayMinutes: 60 });
    expect(trusted.config.server).toEqual({ listen: '0.0.0.0:22' });
    expect(trusted.origins.get('approvals.destroy')).toMatchObject({ layer: 'project', place: file, line: 1 });
  });

  test('trust is pinned to the path: the same content elsewhere is not trusted', async () => {
    await using site = await makeSite();
    const { file } = await withCommand(site);
    await trustConfigFile(file, foldersOf(site), now);
    const copy = await site.write('home/office/deep/holdfast.config.yaml', await readFile(file, 'utf8'));
    expect((await loadConfig(site.options)).untrusted).toEqual([copy]);
  });

  test('trust can be taken back', async () => {
    await using site = await makeSite();
    const { file } = await withCommand(site);
    await trustConfigFile(file, foldersOf(site), now);
    expect(await distrustConfigFile(file, foldersOf(site))).toBe(true);
    expect(await distrustConfigFile(file, foldersOf(site))).toBe(false);
    expect((await loadConfig(site.options)).untrusted).toEqual([file]);
  });

  test('what was changed after it was shown is not trusted', async () => {
    await using site = await makeSite();
    const { file } = await withCommand(site);
    const review = await reviewTrust(site.options);
    await writeFile(file, 'workers: 2\n');
    const trusting = trustConfigFile(file, foldersOf(site), now, review?.sha256);
    await expect(trusting).rejects.toMatchObject({ code: 'CONFIG_CHANGED' });
  });

  test('the list of trusted files is for its owner only, and one that others could write is refused', async () => {
    await using site = await makeSite();
    const { file } = await withCommand(site);
    await trustConfigFile(file, foldersOf(site), now);
    const list = trustFile(foldersOf(site));
    expect((await stat(list)).mode & 0o777).toBe(0o600);
    await chmod(list, 0o666);
    await expect(loadConfig(site.options)).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
    await chmod(list, 0o600);
    for (const text of ['{', '[]', '{"version":2,"files":[]}', '{"version":1,"files":[{"file":1}]}']) {
      await writeFile(list, text);
      await expect(loadConfig(site.options)).rejects.toMatchObject({ code: 'CONFIG_UNREADABLE' });
    }
  });

  test('a file that another user owns or anyone may write counts for nothing before it is trusted', async () => {
    await using site = await makeSite();
    const file = await site.write(
      'home/office/holdfast.config.yaml',
      'targets: { main: { use: disk, path: /theirs } }',
    );
    await chmod(file, 0o666);
    const loaded = await loadConfig(site.options);
    expect(loaded.untrusted).toEqual([file]);
    expect(loaded.files).toEqual([]);
    expect(() => findInstance(loaded, 'targets', 'main')).toThrow(
      expect.objectContaining({ code: 'CONFIG_UNTRUSTED' }),
    );
    if (process.getuid?.() === 0) {
      await chmod(file, 0o600);
      await chown(file, 12_345, 12_345);
      expect((await loadConfig(site.options)).untrusted).toEqual([file]);
    }
    await trustConfigFile(file, foldersOf(site), now);
    expect((await loadConfig(site.options)).config.targets.main?.path).toBe('/theirs');
  });

  test('the user’s own file and the one given with --config need no trust', async () => {
    await using site = await makeSite();
    const text = 'targets: { main: { use: disk, path: /a, passphrase: "command:true" } }';
    await site.write(site.userFile, text);
    expect((await loadConfig(site.options)).config.targets.main?.passphrase).toBe('command:true');
    const { file } = await withCommand(site);
    const loaded = await loadConfig({ ...site.options, configFile: file });
    expect(loaded.untrusted).toEqual([]);
  });

  test('a program that cosmiconfig itself would run from the working folder does not run', async () => {
    await using site = await makeSite();
    const ran = join(site.root, 'ran');
    await mkdir(join(site.project, '.config'), { recursive: true });
    const code = `require('fs').writeFileSync(${JSON.stringify(ran)}, ''); module.exports = {};`;
    await writeFile(join(site.project, '.config/config.cjs'), code);
    await writeFile(join(site.project, '.config/config.js'), code);
    await site.write('home/office/deep/project/holdfast.config.yaml', 'workers: 2');
    const before = process.cwd();
    process.chdir(site.project);
    try {
      expect((await loadConfig({ ...site.options, cache: false })).config.workers).toBe(2);
    } finally {
      process.chdir(before);
    }
    await expect(stat(ran)).rejects.toThrow();
  });

  test('$import of cosmiconfig reads no other file', async () => {
    await using site = await makeSite();
    const other = await site.write('other.yaml', 'workers: 5');
    await site.write(site.userFile, `$import: ${other}\n`);
    await expect(loadConfig(site.options)).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('a TypeScript configuration', () => {
  test('found by searching upward, it does not run before it is trusted', async () => {
    await using site = await makeSite();
    const ran = join(site.root, 'ran');
    const file = await site.write('home/office/holdfast.config.ts', program(ran));
    const loaded = await loadConfig(site.options);
    expect(loaded.untrusted).toEqual([file]);
    expect(loaded.config.workers).toBe(0);
    await expect(stat(ran)).rejects.toThrow();
    expect(() => findInstance(loaded, 'endpoints', 'any')).toThrow(
      expect.objectContaining({ code: 'CONFIG_UNTRUSTED' }),
    );
    expect(await reviewTrust(site.options)).toMatchObject({ file, runs: true, trusted: false });
  });

  test('trusted, it runs with its types stripped; changed, it does not run again', async () => {
    await using site = await makeSite();
    const ran = join(site.root, 'ran');
    const file = await site.write('home/office/holdfast.config.ts', program(ran));
    await trustConfigFile(file, foldersOf(site), now);
    const loaded = await loadOneNatively(site.options);
    expect(loaded.config?.workers).toBe(3);
    expect(loaded.untrusted).toEqual([]);
    expect(loaded.origins?.workers).toEqual({ layer: 'project', place: file });
    expect((await stat(ran)).isFile()).toBe(true);
    await writeFile(file, `${program(join(site.root, 'again'))}// changed`);
    expect((await loadOneNatively(site.options)).config?.workers).toBe(0);
    await expect(stat(join(site.root, 'again'))).rejects.toThrow();
  });

  test('whose code is not sound is refused, and nothing that it says of itself is repeated', async () => {
    await using site = await makeSite();
    const cases = [
      ["import './other.ts';\nexport default {};", 'modules of Node only'],
      ["import 'yaml';\nexport default {};", 'modules of Node only'],
      ["await import('./other.ts');\nexport default {};", 'modules of Node only'],
      ["throw new Error('canary');", 'failed to run: Error'],
      ['throw "canary";', 'failed to run: it threw something'],
      ['export default {', 'failed to run: SyntaxError'],
      ['enum Level { low }\nexport default {};', 'failed to run: SyntaxError'],
      ['export const a = 1;', 'no default export'],
      ['export default { workers: () => 2 };', 'neither text'],
      ['const a: { b?: unknown } = {}; a.b = a; export default a;', 'levels deep'],
      ['export default JSON.parse(\'{"__proto__":{"polluted":1}}\');', 'may not be a key'],
      ['export default [1];', 'must be a map'],
    ] as const;
    const files = await Promise.all(cases.map(([code], index) => site.write(`x${index}.ts`, code)));
    const outcomes = await loadNatively(...files.map((configFile) => ({ ...site.options, configFile })));
    for (const [index, [code, message]] of cases.entries()) {
      expect(outcomes[index], code).toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringContaining(message),
      });
      expect(outcomes[index]?.message).not.toContain('canary');
    }
  });

  test('what it answers is never taken from the cache', async () => {
    await using site = await makeSite();
    const counter = await site.write('counter', '1');
    const code = `import { readFileSync } from 'node:fs';\nexport default { workers: Number(readFileSync(${JSON.stringify(counter)}, 'utf8')) };`;
    const configFile = await site.write('x.ts', code);
    expect((await loadOneNatively({ ...site.options, configFile })).config?.workers).toBe(1);
    await writeFile(counter, '2');
    expect((await loadOneNatively({ ...site.options, configFile })).config?.workers).toBe(2);
  });
});

async function withCommand(site: Site): Promise<{ file: string; ran: string }> {
  const ran = join(site.root, 'ran');
  const text = `targets:\n  main: { use: disk, path: /a, passphrase: 'command:touch ${ran}' }\n`;
  return { file: await site.write('home/office/holdfast.config.yaml', text), ran };
}

function program(ran: string): string {
  return `import { writeFileSync } from 'node:fs';
interface Shape { workers: number }
writeFileSync(${JSON.stringify(ran)}, '');
const config: Shape = { workers: 3 as number };
export default config;
`;
}

function foldersOf(site: Site) {
  if (site.options.folders === undefined) throw new Error('a site has folders');
  return site.options.folders;
}
