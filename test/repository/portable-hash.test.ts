import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { compileCacheFolder } from '../compile-cache.ts';
import { temporaryFolder } from './paper.ts';

const run = promisify(execFile);
const here = join(import.meta.dirname, 'portable');

async function found(...preload: readonly string[]): Promise<unknown> {
  await using folder = await temporaryFolder();
  const { stdout } = await run(process.execPath, [...preload, join(here, 'child.ts'), folder.path], {
    env: { ...process.env, NODE_COMPILE_CACHE: compileCacheFolder },
  });
  return JSON.parse(stdout);
}

test('where the native BLAKE3 module cannot be loaded, new repositories hash with SHA-256 and old ones can still be read', async () => {
  expect(await found('--import', join(here, 'no-native.ts'))).toEqual({
    own: { hash: 'sha256', isWhole: true },
    golden: { hash: 'blake3', isWhole: true },
  });
});

test('where it can, new repositories hash with BLAKE3', async () => {
  expect(await found()).toMatchObject({ own: { hash: 'blake3', isWhole: true } });
});
