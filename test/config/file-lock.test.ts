import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFile } from '../../core/config/file-lock.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a lock on a file', () => {
  it.each(['', '999999999\n', 'nobody'])('that a dead process left as %j does not hold', async (left) => {
    const file = join(folder, 'config.yaml');
    await writeFile(`${file}.lock`, left);
    {
      await using _held = await lockFile(file);
      expect(await readdir(folder)).toEqual(['config.yaml.lock']);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is held by one at a time, also when many take a dead one away at once', async () => {
    const file = join(folder, 'config.yaml');
    await writeFile(`${file}.lock`, '999999999\n');
    let holders = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      await using _held = await lockFile(file);
      holders += 1;
      most = Math.max(most, holders);
      await new Promise((resolve) => setTimeout(resolve, 5));
      holders -= 1;
    };
    await Promise.all(Array.from({ length: 12 }, work));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });
});
