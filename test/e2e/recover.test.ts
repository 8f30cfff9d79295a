import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunRecord } from '../../core/catalog/contract.ts';
import { openCatalog } from '../../core/catalog/open.ts';
import { type Ended, TemporaryHome } from '../cli/run-holdfast.ts';

// Two installations that share nothing but a repository and a sheet of paper with 24 words.

const policies = `policies:
  gold:
    protect: { endpoint: lab }
    workflows:
      daily:
        schedule: 0 22 * * *
        steps:
          - snapshot: {}
          - proxy: { to: main }
`;

const canary = 'canary-7f3a-of-the-passphrase';

let old: TemporaryHome;
/** What outlives the old host: the repository, the machines' folder, the words. */
let outside: TemporaryHome;
let run = '';
let words = '';
let original = '';

const json = (ended: Ended): Record<string, unknown> => JSON.parse(ended.stdout) as Record<string, unknown>;

async function done(home: TemporaryHome, ...args: string[]): Promise<Record<string, unknown>> {
  const ended = await home.run([...args, '--json']);
  expect(ended, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toMatchObject({ code: 0 });
  return json(ended);
}

const catalogOf = (home: TemporaryHome): string => home.path('.local', 'share', 'holdfast', 'catalog.db');

/** What `run list` shows, without a process for it. */
async function runsIn(home: TemporaryHome): Promise<readonly RunRecord[]> {
  await using catalog = await openCatalog({ file: catalogOf(home), thread: 'caller' });
  return await catalog.jobs.list({});
}

/** SHA-256 of the only disk of a machine. */
async function diskOf(name: string): Promise<string> {
  const folder = outside.path('machines', name);
  const [disk, ...more] = (await readdir(folder)).filter((file) => /\.(raw|qcow2)$/.test(file));
  if (disk === undefined || more.length > 0) throw new Error(`${folder} holds not one disk`);
  const hash = createHash('sha256');
  for await (const piece of createReadStream(join(folder, disk))) hash.update(piece as Buffer);
  return hash.digest('hex');
}

beforeAll(async () => {
  old = await TemporaryHome.make();
  outside = await TemporaryHome.make();
  const store = outside.path('backup');
  await writeFile(old.path('secret'), canary, { mode: 0o600 });
  const keys = ['--passphrase', `file:${old.path('secret')}`, '--recovery-file', outside.path('words.txt')];
  await done(old, 'init', '--path', store, ...keys, '--yes');
  await done(old, 'lab', 'make', 'web', '--folder', outside.path('machines'), '--size', '16MiB', '--yes');
  await done(old, 'endpoint', 'add', 'lab', '--use', 'kvm', '--path', outside.path('machines'), '--yes');
  await writeFile(old.path('policies.yaml'), policies);
  await done(old, 'apply', '-f', old.path('policies.yaml'), '--yes');
  await done(old, 'protect', 'web', '--yes');
  run = String((await runsIn(old))[0]?.id);
  words = (await readFile(outside.path('words.txt'), 'utf8')).trimEnd().split('\n').at(-1) ?? '';
  original = await diskOf('web');
  await cp(store, outside.path('yesterday'), { recursive: true });
  // The host is gone, and the file with the words with it: they are on paper.
  await rm(outside.path('words.txt'));
  await rm(old.folder, { recursive: true });
}, 120_000);

afterAll(async () => {
  await outside?.[Symbol.asyncDispose]();
});

test('a repository and its words on a machine with nothing else bring back restore points, runs and policies', async () => {
  await using home = await TemporaryHome.make();
  await writeFile(
    home.path('paper'),
    words
      .split(' ')
      .map((word, at) => `${at + 1}. ${word}`)
      .join('\n'),
  );
  const from = ['--store-folder', outside.path('backup'), '--recovery-words-file', home.path('paper')];
  const list = await done(home, 'repository', 'recover', ...from, '--list');
  expect(list.catalogs).toHaveLength(1);
  expect(await readdir(home.folder)).not.toContain('.config');
  expect(await readdir(home.path('.local', 'share', 'holdfast'))).not.toContain('catalog.db');

  const recovered = await done(home, 'repository', 'recover', ...from, '--yes');
  expect(recovered).toMatchObject({ target: 'main', from: 'catalog', points: 1, kept: null, endpoints: ['lab'] });
  const inCatalog = await readFile(home.path('.local', 'share', 'holdfast', 'catalog.db'));
  expect(inCatalog.includes(run)).toBe(true);
  for (const secret of [canary, words, words.split(' ').slice(0, 3).join(' ')])
    expect(inCatalog.includes(secret)).toBe(false);
  expect(await runsIn(home)).toMatchObject([{ id: run, state: 'done', machineName: 'web' }]);
  expect(JSON.stringify(await done(home, 'policy', 'list'))).toContain('gold');

  await done(home, 'endpoint', 'add', 'lab', '--use', 'kvm', '--path', outside.path('machines'), '--yes');
  await done(home, 'restore', 'machine', 'web', '--as', 'web-again', '--yes');
  expect(await diskOf('web-again')).toBe(original);
  // It goes on from there: the next run is protected and saved as if nothing had happened.
  await done(home, 'protect', 'web', '--yes');
  const [site = ''] = await readdir(outside.path('backup', 'catalogs'));
  const copies = await readdir(outside.path('backup', 'catalogs', site));
  expect(copies.filter((name) => !name.includes('.'))).toHaveLength(2);
  const again = await home.run(['repository', 'recover', 'main', '--yes', '--json']);
  expect(json(again)).toMatchObject({ error: { code: 'NAME_TAKEN' } });
  const replaced = await done(home, 'repository', 'recover', 'main', '--replace', '--yes');
  expect(String(replaced.kept)).toContain('catalog.db.before-recovery-');
  await readFile(String(replaced.kept));

  // A catalog that is damaged or gone is told by doctor with the way back, and nothing is lost.
  await writeFile(catalogOf(home), 'this is what a broken disk left of it');
  const doctor = await home.run(['doctor', '--json']);
  expect(doctor.stdout).toContain('holdfast repository recover');
  const start = await home.run(['run', 'list', '--json']);
  expect(json(start)).toMatchObject({ error: { code: 'CATALOG_DAMAGED' } });
  expect(start.stdout).toContain('repository recover');
  const mended = await done(home, 'repository', 'recover', 'main', '--yes');
  expect(await readFile(String(mended.kept), 'utf8')).toBe('this is what a broken disk left of it');
  expect(await runsIn(home)).not.toEqual([]);
  await rm(catalogOf(home));
  const lost = await home.run(['doctor', '--json']);
  expect(lost.stdout).toContain('this catalog is new');
  expect(lost.stdout).toContain('holdfast repository recover main');
}, 240_000);

test('a catalog that knows a restore point which the repository lacks comes back, and says that the repository is an older one', async () => {
  // The test before has protected the machine once more, and the catalog that was saved then knows it.
  await cp(outside.path('backup', 'catalogs'), outside.path('yesterday', 'catalogs'), { recursive: true });
  await using home = await TemporaryHome.make();
  await writeFile(home.path('paper'), words);
  const from = ['--store-folder', outside.path('yesterday'), '--recovery-words-file', home.path('paper')];
  const ended = await home.run(['repository', 'recover', ...from, '--yes', '--json']);
  expect(ended.code).toBe(1);
  expect(json(ended)).toMatchObject({ points: 1, error: { code: 'REPOSITORY_ROLLED_BACK' } });
  expect(json(ended).lacked).toHaveLength(1);
  expect(await runsIn(home)).toMatchObject([{ kind: 'protect' }, { kind: 'restore' }, { id: run }]);
}, 120_000);

/** Arguments of Node that have something happen when a function of `node:fs` is called with this in its first argument. */
const when = (name: string, part: string, then: string): readonly string[] => [
  '--import',
  `data:text/javascript,${encodeURIComponent(
    `import fs from 'node:fs'; import { syncBuiltinESMExports } from 'node:module';
     const original = fs.${name};
     fs.${name} = (path, ...rest) => {
       if (String(path).includes(${JSON.stringify(part)})) ${then};
       return original(path, ...rest);
     };
     syncBuiltinESMExports();`,
  )}`,
];

const killedAt = (name: string, part: string) => when(name, part, "process.kill(process.pid, 'SIGKILL')");
/** Nothing gets a name in a target. */
const writeProtected = when('promises.link', '', "throw Object.assign(new Error('read-only'), { code: 'EROFS' })");

test('without any saved catalog, from a disk that is write-protected, restore points and words are enough for every byte', async () => {
  await using home = await TemporaryHome.make();
  await writeFile(home.path('paper'), words);
  const args = ['repository', 'recover', 'vault', '--store-folder', outside.path('backup'), '--from-points', '--yes'];
  args.push('--recovery-words-file', home.path('paper'), '--json');
  const recovered = await home.run(args, { nodeArgs: writeProtected });
  expect(recovered, recovered.stdout).toMatchObject({ code: 0 });
  expect(json(recovered)).toMatchObject({ target: 'vault', from: 'points', runs: 0, endpoints: ['lab'] });
  // No passphrase could be added, so the words are kept, for their owner only, and that is told.
  const kept = home.path('.local', 'share', 'holdfast', 'keys', 'vault.passphrase');
  expect(recovered.stderr).toContain(`the recovery words are kept in ${kept}`);
  expect((await stat(kept)).mode & 0o777).toBe(0o600);
  const config = home.path('.config', 'holdfast', 'holdfast.config.yaml');
  const endpoint = `endpoints:\n  lab:\n    use: kvm\n    folder: ${outside.path('machines')}\n`;
  await writeFile(config, `${await readFile(config, 'utf8')}${endpoint}`);
  await done(home, 'restore', 'machine', 'web', '--as', 'web-from-points', '--yes');
  expect(await diskOf('web-from-points')).toBe(original);
}, 120_000);

test('a recovery that is killed anywhere is done by running it again, and what was there is still there', async () => {
  await using home = await TemporaryHome.make();
  await writeFile(home.path('paper'), words);
  const args = ['repository', 'recover', '--store-folder', outside.path('backup')];
  args.push('--recovery-words-file', home.path('paper'), '--yes', '--json');
  const data = home.path('.local', 'share', 'holdfast');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFile(join(data, 'catalog.db'), 'what a broken disk left');
  // Before the old catalog moves, after it has moved, and while the new one is not whole yet.
  const moments = [
    killedAt('promises.open', 'recovering'),
    killedAt('renameSync', 'catalog.db'),
    killedAt('linkSync', 'recovering'),
  ];
  for (const nodeArgs of moments) expect(await home.run(args, { nodeArgs })).toMatchObject({ signal: 'SIGKILL' });
  const ended = await home.run(args);
  expect(ended, ended.stdout).toMatchObject({ code: 0 });
  const kept = (await readdir(data)).filter((name) => name.startsWith('catalog.db.before-recovery-'));
  expect(await Promise.all(kept.map((name) => readFile(join(data, name), 'utf8')))).toEqual([
    'what a broken disk left',
  ]);
  expect((await readdir(data)).filter((name) => name.includes('recovering'))).toEqual([]);
  expect(await runsIn(home)).not.toEqual([]);
}, 120_000);

test('wrong words, no words and a wrong folder change nothing and say what to do', async () => {
  await using home = await TemporaryHome.make();
  await writeFile(home.path('paper'), words.split(' ').toReversed().join(' '));
  const store = ['--store-folder', outside.path('backup')];
  const wrong = await home.run([
    'repository',
    'recover',
    ...store,
    '--recovery-words-file',
    home.path('paper'),
    '--yes',
    '--json',
  ]);
  expect(json(wrong)).toMatchObject({ error: { code: 'RECOVERY_WORDS_WRONG' } });
  expect(wrong.stdout).not.toContain(words.split(' ')[0]);
  const none = await home.run(['repository', 'recover', ...store, '--yes', '--json']);
  expect(json(none)).toMatchObject({ error: { code: 'ANSWER_MISSING' } });
  const nowhere = await home.run(['repository', 'recover', '--yes', '--json']);
  expect(nowhere.stdout).toContain('--store-folder');
  const config = await readdir(home.path('.config', 'holdfast')).catch(() => []);
  expect(config).toEqual([]);
});
