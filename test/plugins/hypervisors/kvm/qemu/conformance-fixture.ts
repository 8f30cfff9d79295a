import type { Fixture } from '@holdfast/api/testing';
import { MiB, QemuYard } from './running.ts';

/** An endpoint with one machine that runs: a qcow2 disk with a little data on it, and a raw one. */
export const qemuFixture: Fixture = {
  async prepare() {
    const yard = await QemuYard.open();
    const disks = [await yard.disk('a', 'qcow2', 32 * MiB), await yard.disk('b', 'raw', 16 * MiB)];
    const vm = await yard.machine('alpha', disks);
    await vm.write('vda', 20 * MiB, 65_536, 7);
    return { settings: { sockets: yard.sockets }, dispose: () => yard[Symbol.asyncDispose]() };
  },
};
