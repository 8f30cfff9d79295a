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
  it('that a killed process has left does not hold', async () => {
    const file = join(folder, 'config.yaml');
    await writeFile(`${file}.hold`, '');
    {
      await using _held = await lockFile(file);
      expect(await readdir(folder)).toEqual(['config.yaml.hold']);
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is held by one at a time, although its file goes and comes, and nothing is left of it', async () => {
    const file = join(folder, 'config.yaml');
    await writeFile(`${file}.hold`, '');
    let holders = 0;
    let most = 0;
    const work = async (_: unknown, index: number): Promise<void> => {
      for (let time = 0; time < 5; time++) {
        await using _held = await lockFile(file);
        holders += 1;
        most = Math.max(most, holders);
        await new Promise((resolve) => setTimeout(resolve, index % 3));
        holders -= 1;
      }
    };
    await Promise.all(Array.from({ length: 12 }, work));
    expect(most).toBe(1);
    expect(await readdir(folder)).toEqual([]);
  });
});
