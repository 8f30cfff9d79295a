import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeSite } from './site.ts';

const launcher = new URL('../../core/cli/holdfast.js', import.meta.url).pathname;

test('secrets are sealed, listed and removed from the command line, and none is ever printed', async () => {
  await using site = await makeSite();
  const env = { ...site.options.env, HOLDFAST_SEAL_PASSPHRASE: 'canary-key', PLANTED: 'canary-value' };
  const run = (...args: string[]) => runHoldfast(['config', 'secret', ...args], env, site.project);
  const set = await run('set', 'disk-main', '--from', 'env:PLANTED', '--json');
  expect(JSON.parse(set.stdout)).toMatchObject({ name: 'disk-main', reference: 'sealed:disk-main' });
  const again = await run('set', 'disk-main', '--from', 'env:PLANTED');
  expect(again).toMatchObject({ exit: 2, stderr: expect.stringContaining('replaces the sealed secret disk-main') });
  const list = await run('list', '--json');
  expect(JSON.parse(list.stdout)).toMatchObject({ names: ['disk-main'] });
  const gone = await run('remove', 'disk-main', '--yes');
  expect(gone.exit).toBe(0);
  const printed = [set, again, list, gone].map(({ stdout, stderr }) => stdout + stderr).join('\n');
  expect(printed).not.toContain('canary');
  expect(join(site.home, '.local/share/holdfast/sealed-secrets.json')).toBe(JSON.parse(set.stdout).file);
});

interface Ended {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function runHoldfast(args: readonly string[], env: NodeJS.ProcessEnv, cwd: string): Promise<Ended> {
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const child = execFile(process.execPath, [launcher, ...args], { env, cwd }, (error, stdout, stderr) => {
    resolve({ exit: error === null ? 0 : Number(error.code), stdout, stderr });
  });
  child.stdin?.end();
  return await promise;
}
