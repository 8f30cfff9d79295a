import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hypervisorChecks } from '@holdfast/api/testing';
import { expect, test } from 'vitest';
import { missingPeers, run } from '../../../../peers/guest/run.ts';
import { needed, World } from './fixture.ts';

test.for(['runs', 'is off'])(
  'libvirt keeps what techniques rely on, for a machine that %s',
  { timeout: 240_000 },
  async (state, ctx) => {
    const missing = missingPeers(needed);
    if (missing !== null) ctx.skip(missing);
    await using world = await World.make();
    const file = join(world.libvirt.folder, 'images', 'm.qcow2');
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', file, '16M']);
    await run('qemu-io', ['-f', 'qcow2', '-c', 'write -P 7 64k 64k', file]);
    await world.libvirt.give(file);
    const xml = join(world.folder, 'm.xml');
    await writeFile(
      xml,
      `<domain type='qemu'><name>m</name><memory unit='MiB'>32</memory><vcpu>1</vcpu>
    <os><type arch='x86_64' machine='pc'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
    <disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${file}'/><target dev='vda' bus='virtio'/></disk></devices></domain>`,
    );
    await world.libvirt.virsh(['define', xml]);
    if (state === 'runs') await world.libvirt.virsh(['start', 'm']);
    const hypervisor = await world.open();
    const failed: string[] = [];
    for (const check of hypervisorChecks({ hypervisor, machine: 'm' })) {
      try {
        await check.run();
      } catch (thrown) {
        failed.push(`${check.name}: ${thrown instanceof Error ? thrown.message : 'unknown'}`);
      }
    }
    expect(failed).toEqual([]);
    expect(await world.left()).toEqual([]);
  },
);
