import { type DiskSource, type Hypervisor, makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { Handouts, rememberHandouts } from '../../core/engine/endpoints/handouts.ts';

const disk: DiskSource = { kind: 'file', path: '/vda.raw', format: 'raw', chain: [], sizeBytes: 512 };

/** Only what handing out disks needs, with a `this` of its own. */
class OneDisk {
  #closed = 0;
  async openDisk(): Promise<DiskSource> {
    return disk;
  }
  async close(): Promise<void> {
    this.#closed += 1;
  }
  async check(): Promise<number> {
    return this.#closed;
  }
}

test('a run may move the disks that it was handed, from where it was handed them, and no others', async () => {
  const [mine, others] = [new Handouts(), new Handouts()];
  const hypervisor = rememberHandouts(new OneDisk() as unknown as Hypervisor, 'lab', mine);
  const source = await hypervisor.openDisk({ machine: 'm', disk: 'vda' }, makeCall());
  expect(mine.originOf(source)).toBe('lab');
  // It may have crossed to a worker and back, and its keys come in another order.
  const { kind, path, ...rest } = disk as Extract<DiskSource, { kind: 'file' }>;
  expect(mine.originOf({ ...rest, path, kind })).toBe('lab');
  const refused = expect.objectContaining({ code: 'PERMISSION_DENIED' });
  expect(() => mine.originOf({ ...disk, path: '/etc/shadow' } as DiskSource)).toThrow(refused);
  expect(() => others.originOf(source)).toThrow(refused);
});

test('a step cannot close the endpoint that others use too, and what a hypervisor lacks is still lacking', async () => {
  const real = new OneDisk() as unknown as Hypervisor;
  const hypervisor = rememberHandouts(real, 'lab', new Handouts());
  await hypervisor.close(makeCall());
  expect(await real.check(makeCall())).toBe(0);
  expect(await hypervisor.check(makeCall())).toBe(0);
  expect(hypervisor.openDiskForWrite).toBeUndefined();
  expect(hypervisor.changes).toBeUndefined();
});
