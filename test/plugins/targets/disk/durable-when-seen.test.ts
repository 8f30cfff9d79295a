import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeCall } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openDiskTarget } from '../../../../plugins/targets/disk/src/open.ts';

const run = promisify(execFile);
const call = makeCall();
const strace = await run('strace', ['-qqq', '-e', 'trace=none', 'true']).then(
  () => true,
  () => false,
);

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-disk-seen-'));
  path = join(folder, 'store');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs a process of its own on the store under strace. Answers what it printed, and its calls on files. */
async function traced(child: string, name: string, more: readonly string[]) {
  const log = join(folder, 'log');
  const args = ['-f', '-y', '-qqq', '-o', log, '-e', 'signal=none', ...more, process.execPath];
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_DISABLE_COMPILE_CACHE: '1' };
  const { stdout } = await run('strace', [...args, join(import.meta.dirname, child), path, name], { env });
  const printed: unknown = JSON.parse(stdout);
  return { printed, calls: (await readFile(log, 'utf8')).split('\n').filter((line) => line.includes(path)) };
}

const failing = ['-e', 'trace=fsync', '-e', 'inject=fsync:error=EIO:when=1+'];
const seen = { list: true, get: true, locate: true };
const refused = { list: 'TARGET_IO', get: 'TARGET_IO', locate: 'TARGET_IO' };

test.skipIf(!strace)(
  'an object keeps its temporary name until its folder is synced, with two syncs for each object (needs strace)',
  async () => {
    await openDiskTarget({ settings: { path, create: true } }, call);
    await (await openDiskTarget({ settings: { path } }, call)).put('packs/ab/first', Uint8Array.of(1), {}, call);
    const { calls } = await traced('put-child.ts', 'packs/ab/one', ['-e', 'trace=fsync,link,linkat,unlink']);
    const named = calls.findIndex((line) => /link(at)?\(/.test(line) && line.includes('packs/ab/one'));
    const synced = calls.findIndex((line, at) => at > named && line.includes(`fsync(`) && line.includes(`packs/ab>`));
    const freed = calls.findIndex((line, at) => at > named && line.includes('unlink(') && line.includes('@incoming'));
    expect(named).toBeGreaterThan(-1);
    expect(synced).toBeGreaterThan(named);
    expect(freed).toBeGreaterThan(synced);
    // The bytes and the folder; and the two folders above, once in the life of a process.
    expect(calls.filter((line) => line.includes('fsync('))).toHaveLength(4);
  },
);

test.skipIf(!strace)(
  'an object whose writer died before it synced the folder is not shown until the reader has synced it (needs strace)',
  async () => {
    const store = await openDiskTarget({ settings: { path, create: true } }, call);
    await store.put('packs/ab/one', Uint8Array.of(1), { ifAbsent: true }, call);
    // Settled: nothing is synced for it, so no sync can fail.
    expect((await traced('read-child.ts', 'packs/ab/one', failing)).printed).toEqual(seen);
    await link(join(path, 'packs/ab/one'), join(path, '@incoming', 'left-by-a-dead-writer.tmp'));
    expect((await traced('read-child.ts', 'packs/ab/one', failing)).printed).toEqual(refused);
    const { printed, calls } = await traced('read-child.ts', 'packs/ab/one', ['-e', 'trace=fsync']);
    expect(printed).toEqual(seen);
    // Once for all three looks.
    expect(calls.filter((line) => line.includes('packs/ab>'))).toHaveLength(1);
  },
);

test.skipIf(!strace)(
  'without hard links a claim on the name says the same, and whoever breaks one that is dead syncs the folder (needs strace)',
  async () => {
    const noLinks = () => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }));
    const store = await openDiskTarget({ settings: { path, create: true } }, call, { link: noLinks });
    await store.put('packs/ab/one', Uint8Array.of(1), { ifAbsent: true }, call);
    expect(await readdir(join(path, '@incoming'))).toEqual([]);
    expect((await traced('read-child.ts', 'packs/ab/one', failing)).printed).toEqual(seen);
    const claim = `${createHash('sha256').update('packs/ab/one').digest('hex').slice(0, 32)}.claim`;
    const owner = { host: 'another', pid: 1, nonce: 'x', name: 'packs/ab/one' };
    await writeFile(join(path, '@incoming', claim), JSON.stringify(owner));
    expect((await traced('read-child.ts', 'packs/ab/one', failing)).printed).toEqual(refused);
    const { hostname } = await import('node:os');
    const dead = { ...owner, host: hostname(), pid: 2 ** 22 + 1 };
    await writeFile(join(path, '@incoming', claim), JSON.stringify(dead));
    const { printed, calls } = await traced('read-child.ts', 'packs/ab/one', ['-e', 'trace=fsync']);
    expect(printed).toEqual(seen);
    expect(calls.filter((line) => line.includes('packs/ab>'))).toHaveLength(1);
    expect(await readdir(join(path, '@incoming'))).toEqual([]);
  },
);

test.skipIf(!strace)(
  'an object whose folder could not be synced stays for those who synced it themselves, and is not shown to others before (needs strace)',
  async () => {
    const store = await openDiskTarget({ settings: { path, create: true } }, call);
    await store.put('packs/ab/first', Uint8Array.of(1), { ifAbsent: true }, call);
    // The marker's folder, the file and the two folders above come first.
    const put = await traced('put-child.ts', 'packs/ab/one', ['-P', join(path, 'packs/ab'), ...failing]);
    expect(put.printed).toMatchObject({ code: 'TARGET_IO' });
    expect((await traced('read-child.ts', 'packs/ab/one', failing)).printed).toEqual(refused);
    expect((await traced('read-child.ts', 'packs/ab/one', ['-e', 'trace=fsync'])).printed).toEqual(seen);
    // Gone with the sweep, a day later: by then the system has written it.
    expect(await readdir(join(path, '@incoming'))).toEqual([expect.stringMatching(/-unsettled\.tmp$/)]);
  },
);
