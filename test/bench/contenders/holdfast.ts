import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contender, RoundResult, Step } from '../contender.ts';
import { place } from '../contender.ts';
import { measure, sizeOfFolder } from '../measure.ts';
import { type Shares, sharesOf } from '../profile.ts';
import type { Workload } from '../workload.ts';
import { prepare, refuseDifference } from './program.ts';

const root = join(import.meta.dirname, '../../..');

/** Where the processor time of each step goes. */
export type StepShares = Partial<Record<Step, Shares>>;

/**
 * Holdfast by its command line, each command a process of its own: everything from reading the configuration to the last fsync.
 * @param profiled Gets the shares of each step, which then costs more: what is measured meanwhile is no result.
 */
export function holdfast(level: number, profiled: StepShares | null = null): Contender {
  return {
    name: `holdfast, zstd ${level}`,
    version: async () => `holdfast, node ${process.version}`,

    async round(folder: string, workload: Workload): Promise<RoundResult> {
      const at = { folder, warmBytes: workload.sizeBytes };
      const [repository, machines, home] = ['repository', 'machines', 'home'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ];
      const command = (...args: string[]) => [
        process.execPath,
        join(root, 'core/cli/holdfast.js'),
        '--home',
        home,
        ...args,
      ];
      for (const [number, name] of ['vm1', 'vm2'].entries()) {
        await mkdir(join(machines, name), { recursive: true });
        await writeFile(join(machines, name, 'domain.xml'), domain(name, number));
      }
      await place(workload.vm1, join(machines, 'vm1/disk.raw'));
      await place(workload.vm2, join(machines, 'vm2/disk.raw'));
      const words = join(folder, 'words');
      await prepare(command('init', '--target', 'main', '--path', repository, '--recovery-file', words, '--yes'));
      await prepare(command('endpoint', 'add', 'lab', '--use', 'kvm', '--path', machines, '--yes'));
      await appendFile(join(home, 'config/holdfast.config.yaml'), `compression: ${level}\n`);

      let before = sizeOfFolder(repository);
      const step = async (name: Step, ...args: string[]) => {
        const profiles = join(folder, 'profiles', name);
        const [node, ...rest] = command(...args) as [string, ...string[]];
        const argv = profiled === null ? [node, ...rest] : [node, '--cpu-prof', `--cpu-prof-dir=${profiles}`, ...rest];
        const measured = await measure(argv, at);
        if (profiled !== null) profiled[name] = sharesOf(profiles, measured.cpuSeconds);
        const after = sizeOfFolder(repository);
        const storedBytes = after - before;
        before = after;
        return { ...measured, storedBytes };
      };
      const full = await step('full', 'protect', 'vm1', '--yes');
      const again = await step('re-run', 'protect', 'vm1', '--yes');
      await place(workload.vm1c, join(machines, 'vm1/disk.raw'));
      const changed = await step('2 % changed', 'protect', 'vm1', '--yes');
      const sibling = await step('sibling', 'protect', 'vm2', '--yes');
      const restore = await step('restore', 'restore', 'machine', 'vm1', '--as', 'back', '--yes');
      await refuseDifference(join(machines, 'back/vda.raw'), workload.vm1c);
      await rm(join(machines, 'back'), { recursive: true });
      const check = await step('check', 'repository', 'check');
      const checkFull = await step('check, full', 'repository', 'check', '--full');
      return { full, 're-run': again, '2 % changed': changed, sibling, restore, check, 'check, full': checkFull };
    },
  };
}

function domain(name: string, number: number): string {
  return `<domain type='kvm'><name>${name}</name><uuid>00000000-0000-4000-8000-00000000000${number}</uuid><devices>
<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='disk.raw'/><target dev='vda' bus='virtio'/></disk>
</devices></domain>\n`;
}
