import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, RoundResult } from '../contender.ts';
import { place } from '../contender.ts';
import { measure, sizeOfFolder } from '../measure.ts';
import type { Workload } from '../workload.ts';
import { prepare, refuseDifference, versionOf } from './program.ts';

/** borg, encrypted, zstd 3, without its cache of unchanged files: it reads the image again, as a backup without change tracking must. */
export const borg: Contender = {
  name: 'borg',
  version: () => versionOf(['borg', '--version']),

  async round(folder: string, workload: Workload): Promise<RoundResult> {
    const at = { folder, warmBytes: workload.sizeBytes };
    const repository = join(folder, 'repository');
    const env = { BORG_PASSPHRASE: 'benchmark', BORG_BASE_DIR: join(folder, 'base'), BORG_REPO: repository };
    await prepare(['borg', 'init', '-e', 'repokey-blake2', repository], env);
    const input = join(folder, 'in');
    let before = sizeOfFolder(repository);
    const step = async (cwd: string, ...args: string[]) => {
      const measured = await measure(['borg', ...args], at, { env, cwd });
      const after = sizeOfFolder(repository);
      const storedBytes = after - before;
      before = after;
      return { ...measured, storedBytes };
    };
    const create = (archive: string, file: string) =>
      step(input, 'create', '--compression', 'zstd,3', '--files-cache', 'disabled', `::${archive}`, file);
    await place(workload.vm1, join(input, 'vm1.raw'));
    const full = await create('full', 'vm1.raw');
    const again = await create('again', 'vm1.raw');
    await place(workload.vm1c, join(input, 'vm1.raw'));
    const changed = await create('changed', 'vm1.raw');
    await place(workload.vm2, join(input, 'vm2.raw'));
    const sibling = await create('sibling', 'vm2.raw');
    const out = join(folder, 'out');
    await mkdir(out);
    const restore = await step(out, 'extract', '--sparse', '::changed');
    await refuseDifference(join(out, 'vm1.raw'), workload.vm1c);
    await rm(out, { recursive: true });
    const check = await step(input, 'check', '--verify-data');
    return { full, 're-run': again, '2 % changed': changed, sibling, restore, check, 'check, full': check };
  },
};
