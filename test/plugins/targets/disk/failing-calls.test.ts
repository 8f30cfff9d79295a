import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ObjectStore } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { openDiskTarget } from '../../../../plugins/targets/disk/src/open.ts';

const run = promisify(execFile);
const call = makeCall();
const strace = await run('strace', ['-qqq', '-e', 'trace=none', 'true']).then(
  () => true,
  () => false,
);
const mostCalls = 12;
/** Left in place of a temporary file by an object whose folder could not be synced. */
const unsettled = /-unsettled\.tmp$/;

const faults = [
  ['fsync', 'EIO', 'TARGET_IO'],
  ['pwrite64', 'ENOSPC', 'TARGET_FULL'],
  ['link', 'EIO', 'TARGET_IO'],
  ['mkdir', 'EROFS', 'TARGET_READ_ONLY'],
] as const;

test.skipIf(!strace).each(faults)(
  'a put whose n-th %s fails with %s leaves nothing but an object that is whole, says %s and can be done again (needs strace)',
  async (syscall, error, code) => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-disk-faults-'));
    try {
      const path = join(folder, 'store');
      const store = await openDiskTarget({ settings: { path, create: true } }, call);
      let failed = 0;
      let named = 0;
      for (let n = 1; n <= mostCalls; n += 1) {
        const name = `packs/p${n}/object`;
        const { injected, outcome } = await putUnder(
          join(folder, 'log'),
          `${syscall}:error=${error}:when=${n}`,
          syscall,
          path,
          name,
        );
        const left = await readdir(join(path, '@incoming'));
        expect(left.filter((one) => !unsettled.test(one))).toEqual([]);
        if (injected && outcome !== null) {
          failed += 1;
          expect(outcome).toBe(code);
          // Named already when its folder could not be synced: then somebody may rely on it.
          if (left.length > named) named = left.length;
          else {
            expect(await names(store)).not.toContain(name);
            await store.put(name, Uint8Array.of(1), { ifAbsent: true }, call);
          }
        }
        expect(await names(store)).toContain(name);
        if (!injected) break;
      }
      expect(failed).toBeGreaterThan(0);
      expect(named).toBe(syscall === 'fsync' ? 1 : 0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

/** Runs one put in a process of its own, with one system call made to fail. */
async function putUnder(log: string, inject: string, syscall: string, path: string, name: string) {
  const child = join(import.meta.dirname, 'put-child.ts');
  const args = ['-f', '-qqq', '-o', log, '-e', 'signal=none', '-e', `trace=${syscall}`, '-e', `inject=${inject}`];
  // One thread for the file system, so that the calls are counted in one row; no cache of compiled code, which would be written too.
  const env = { ...process.env, UV_THREADPOOL_SIZE: '1', NODE_DISABLE_COMPILE_CACHE: '1' };
  const { stdout } = await run('strace', [...args, process.execPath, child, path, name], { env });
  const outcome: unknown = JSON.parse(stdout);
  const injected = (await readFile(log, 'utf8')).includes('(INJECTED)');
  return {
    injected,
    outcome: typeof outcome === 'object' && outcome !== null && 'code' in outcome ? outcome.code : 'BUG',
  };
}

async function names(store: ObjectStore): Promise<string[]> {
  const found: string[] = [];
  for await (const object of store.list('', call)) found.push(object.name);
  return found;
}
