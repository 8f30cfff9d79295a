import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHoldfastError } from '@holdfast/api';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../repository/paper.ts';
import { noise } from '../repository/sample-disks.ts';
import { BALLAST, backup, makeRepository, prove, withRepository } from './backup.ts';

const MIB = 1024 * 1024;
const SIZE_BYTES = 3 * MIB;

/** Why no small file system can be mounted here; `null` when it can. */
function whyNoMount(): string | null {
  if (process.getuid?.() !== 0) return 'mounting a small tmpfs needs root';
  try {
    execFileSync('mount', ['--version'], { stdio: 'ignore' });
    return process.platform === 'linux' ? null : 'there is no tmpfs here';
  } catch {
    return 'mount is not installed';
  }
}

const missing = whyNoMount();
if (missing !== null) console.log(`NOT RUN: backups to a full disk, because ${missing}`);
const unless = missing === null ? '' : ` (NOT RUN: ${missing})`;

test.skipIf(missing !== null)(
  `a full disk ends a backup with TARGET_FULL, loses nothing, and the next one succeeds once there is room${unless}`,
  async () => {
    await using folder = await temporaryFolder();
    const target = join(folder.path, 'target');
    const places = { target, work: join(folder.path, 'work'), sizeBytes: SIZE_BYTES };
    await mkdir(target);
    await mkdir(places.work);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', target]);
    try {
      await makeRepository(places);
      await writeFile(join(target, BALLAST), noise('ballast', 4 * MIB));
      const acknowledged: string[] = [];
      let refused = 0;
      for (let round = 0; refused < 3; round++) {
        try {
          acknowledged.push(await backup({ ...places, round }, () => {}));
        } catch (failure) {
          if (!isHoldfastError(failure, 'TARGET_FULL')) throw failure;
          refused++;
        }
        expect(round).toBeLessThan(100);
      }
      const full = await withRepository(places, (repository) => prove(repository, places, new Set(acknowledged)));
      await rm(join(target, BALLAST));
      acknowledged.push(await backup({ ...places, round: 1000 }, () => {}));
      const after = await withRepository(places, (repository) => prove(repository, places, new Set(acknowledged)));
      expect([...after.points].sort()).toEqual([...acknowledged].sort());
      const left = (await readdir(target, { recursive: true })).filter((name) => name.endsWith('.tmp'));
      expect(left).toEqual([]);
      console.log(
        `full disk: ${acknowledged.length} restore points, ${refused} backups refused with TARGET_FULL, ` +
          `${full.restores + after.restores} restores byte for byte, 0 lost`,
      );
    } finally {
      execFileSync('umount', [target]);
    }
  },
  120_000,
);
