import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openCatalog } from '../../core/catalog/open.ts';
import { type Ended, TemporaryHome } from './run-holdfast.ts';

const launcher = join(import.meta.dirname, '../../core/cli/holdfast.js');

let home: TemporaryHome;
beforeEach(async () => {
  home = await TemporaryHome.make();
});
afterEach(() => home[Symbol.asyncDispose]());

/** Runs Holdfast as a timer would: with nothing in its environment but this, no terminal, and nobody to ask. */
function unattended(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  const child = spawn(process.execPath, [launcher, '--home', home.path('site'), ...args], { env, cwd: '/' });
  child.stdin.end();
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

/** A site with one machine, a repository whose passphrase is where it says, and a policy that is due. */
async function siteWith(passphrase: string, env: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(home.path('credentials'), { mode: 0o700 });
  await writeFile(home.path('credentials', 'repository'), 'correct horse battery\n', { mode: 0o600 });
  await writeFile(home.path('credentials', 'seal'), 'the key of the seal\n', { mode: 0o600 });
  await mkdir(home.path('machines', 'web01'), { recursive: true });
  await writeFile(home.path('machines', 'web01', 'vda.raw'), Buffer.alloc(262_144, 7));
  if (passphrase.startsWith('sealed:')) {
    await writeFile(home.path('value'), 'correct horse battery', { mode: 0o600 });
    const words = ['config', 'secret', 'set', passphrase.slice(7), '--from', `file:${home.path('value')}`, '--yes'];
    expect(await unattended(words, env)).toMatchObject({ code: 0 });
  }
  const init = ['--path', home.path('backup'), '--recovery-file', home.path('words'), '--passphrase', passphrase];
  expect(await unattended(['init', ...init, '--yes'], env)).toMatchObject({ code: 0 });
  const add = ['endpoint', 'add', 'lab', '--use', 'kvm', '--set', `folder=${home.path('machines')}`, '--yes'];
  expect(await unattended(add, env)).toMatchObject({ code: 0 });
  // A quarter of an hour ago, and not again while the test goes on.
  const minute = (new Date().getUTCMinutes() + 45) % 60;
  const text = `zone: UTC
policies:
  gold:
    protect: { names: 'web*' }
    workflows: { backup: { schedule: ${minute} * * * *, steps: [ snapshot, { proxy: { to: main } } ] } }
`;
  await using catalog = await openCatalog({ file: home.path('site', 'data', 'catalog.db') });
  await catalog.policies.apply(null, { text, source: '/policies.yaml', who: 'test', at: Date.now() - 2 * 3_600_000 });
}

const tick = (env: Readonly<Record<string, string>>): Promise<Ended> => unattended(['schedule', 'tick', '--json'], env);

test('a tick opens a repository by the credential that systemd gives it, in an environment that has nothing else', async () => {
  const env = { CREDENTIALS_DIRECTORY: home.path('credentials') };
  await siteWith('systemd:repository', env);
  const ended = await tick(env);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({ leads: true, fired: [{ runs: 1 }], runs: [{ state: 'done' }] });
});

test.for(['systemd:seal', 'file:seal'])('a tick opens a repository by a sealed secret whose key is %s', async (key) => {
  const env: Record<string, string> = {
    CREDENTIALS_DIRECTORY: home.path('credentials'),
    HOLDFAST_SEAL_PASSPHRASE_FROM: key.replace('file:', `file:${home.path('credentials')}/`),
  };
  if (key.startsWith('file:')) delete env.CREDENTIALS_DIRECTORY;
  await siteWith('sealed:repository', env);
  const ended = await tick(env);
  expect(ended).toMatchObject({ code: 0 });
  expect(JSON.parse(ended.stdout)).toMatchObject({ runs: [{ state: 'done' }] });
});

test('without its credential a tick asks nobody: the run says why it failed, administrators hear it, and the exit code tells', async () => {
  const env = { CREDENTIALS_DIRECTORY: home.path('credentials'), PATH: process.env.PATH ?? '' };
  await siteWith('systemd:repository', env);
  await rm(home.path('credentials', 'repository'));
  const program = home.path('hear');
  await writeFile(program, `#!/bin/sh\ncat >> ${home.path('heard')}\necho >> ${home.path('heard')}\n`, { mode: 0o700 });
  const add = ['notifier', 'add', 'ops', '--use', 'command', '--set', `program=${program}`, '--yes'];
  expect(await unattended(add, env)).toMatchObject({ code: 0 });
  const ended = await tick(env);
  expect(ended.code).toBe(3);
  const [run] = (JSON.parse(ended.stdout) as { runs: { state: string; error: unknown }[] }).runs;
  expect(run).toMatchObject({
    state: 'failed',
    error: { code: 'SECRET_UNAVAILABLE', message: expect.stringContaining('systemd:repository') },
  });
  const heard = (await readFile(home.path('heard'), 'utf8'))
    .trim()
    .split(/\n+/)
    .map((line) => JSON.parse(line));
  expect(heard).toContainEqual(
    expect.objectContaining({ kind: 'run-failed', title: expect.stringContaining('web01') }),
  );
  const bare = await unattended(['schedule', 'list', '--json'], {});
  expect(JSON.parse(bare.stdout)).toMatchObject({ workflows: [{ policy: 'gold', machines: 1 }] });
});

test('a tick beside a process that leads says who does, and is no failure', async () => {
  const env = { CREDENTIALS_DIRECTORY: home.path('credentials') };
  await siteWith('systemd:repository', env);
  await using catalog = await openCatalog({ file: home.path('site', 'data', 'catalog.db') });
  await catalog.leases.take('scheduler', 'host:4711:1', 600_000);
  const ended = await tick(env);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    leads: false,
    reason: 'another process leads',
    leader: 'host:4711:1',
    fired: [],
    runs: [],
  });
});

test('of an endpoint that was taken out of the configuration nothing is begun any more', async () => {
  const env = { CREDENTIALS_DIRECTORY: home.path('credentials') };
  await siteWith('systemd:repository', env);
  expect(await unattended(['machine', 'list', '--json'], env)).toMatchObject({ code: 0 });
  expect(await unattended(['endpoint', 'remove', 'lab', '--yes'], env)).toMatchObject({ code: 0 });
  const ended = await tick(env);
  expect(ended).toMatchObject({ code: 0 });
  expect(JSON.parse(ended.stdout)).toMatchObject({ leads: true, fired: [{ runs: 0 }], runs: [] });
});
