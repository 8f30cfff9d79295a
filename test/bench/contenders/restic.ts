import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, RoundResult } from '../contender.ts';
import { place } from '../contender.ts';
import { measure, sizeOfFolder } from '../measure.ts';
import type { Workload } from '../workload.ts';
import { prepare, refuseDifference, versionOf } from './program.ts';

/** restic with its automatic compression. `--force` reads the image again, as a backup without change tracking must. */
export const restic: Contender = {
  name: 'restic',
  version: () => versionOf(['restic', 'version']),

  async round(folder: string, workload: Workload): Promise<RoundResult> {
    const at = { folder, warmBytes: workload.sizeBytes };
    const repository = join(folder, 'repository');
    const env = {
      RESTIC_REPOSITORY: repository,
      RESTIC_PASSWORD: 'benchmark',
      RESTIC_CACHE_DIR: join(folder, 'cache'),
    };
    await prepare(['restic', 'init'], env);
    const [one, two] = [join(folder, 'in/vm1.raw'), join(folder, 'in/vm2.raw')];
    let before = sizeOfFolder(repository);
    const step = async (...args: string[]) => {
      const measured = await measure(['restic', '--quiet', ...args], at, { env });
      const after = sizeOfFolder(repository);
      const storedBytes = after - before;
      before = after;
      return { ...measured, storedBytes };
    };
    await place(workload.vm1, one);
    const full = await step('backup', '--force', one);
    const again = await step('backup', '--force', one);
    await place(workload.vm1c, one);
    const changed = await step('backup', '--force', one);
    await place(workload.vm2, two);
    const sibling = await step('backup', '--force', two);
    const out = join(folder, 'out');
    const restore = await step('restore', 'latest', '--path', one, '--target', out);
    await refuseDifference(join(out, one), workload.vm1c);
    await rm(out, { recursive: true });
    const check = await step('check', '--read-data');
    return { full, 're-run': again, '2 % changed': changed, sibling, restore, check, 'check, full': check };
  },
};
