import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { NbdClient } from '@holdfast/kit/nbd/client';
import { expect, test } from 'vitest';
import { openQemu } from '../../../../../plugins/hypervisors/kvm/src/qemu/open.ts';
import { makeGuestDisk } from '../../../../peers/guest/disk.ts';
import { startQemu } from '../../../../peers/guest/qemu.ts';
import { missingPeers } from '../../../../peers/guest/run.ts';
import { MiB, mark } from '../qemu/running.ts';

test('a guest that stands still because scratch is full goes on at the cost of its snapshot, which cannot be read any more', {
  timeout: 180_000,
}, async (ctx) => {
  const why = missingPeers();
  if (why !== null) ctx.skip(why);
  const root = await mkdtemp('/tmp/hff-');
  const scratch = join(root, 'scratch');
  const folder = join(root, 's');
  for (const one of [folder, scratch]) await mkdir(one);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=70m', 'tmpfs', scratch], { stdio: 'ignore' });
  } catch {
    await rm(root, { recursive: true });
    ctx.skip('no right to mount a small file system here');
  }
  try {
    const file = join(root, 'a.qcow2');
    await makeGuestDisk(file, { sizeBytes: 64 * MiB, format: 'qcow2', files: {} });
    await using guest = await startQemu({ folder, name: 'web', disks: [{ file, format: 'qcow2' }] });
    const lines: string[] = [];
    const call = makeCall({ log: (level, message) => void lines.push(`${level}: ${message}`) });
    const opening = {
      name: 'here',
      settings: { sockets: folder, scratch },
      secret: () => Promise.reject(new Error('none')),
    };
    const hypervisor = await openQemu(opening, join(root, 'data'), call);
    const machine = 'socket-web';
    const snapshot = await hypervisor.snapshot(machine, { quiesce: 'none', owner: mark() }, call);
    const source = await hypervisor.openDisk({ machine, snapshot: snapshot.id, disk: 'disk0' }, call);
    if (source.kind !== 'nbd') throw new Error(source.kind);
    await using client = await NbdClient.connect(source.address, { export: source.export });
    await client.read(new Uint8Array(4096), 0);
    try {
      execFileSync('dd', ['if=/dev/zero', `of=${scratch}/fill`, 'bs=64k'], { stdio: 'ignore' });
    } catch {
      // It ends when there is no room left: that is what it is for.
    }
    while (!lines.some((line) => line.includes('is given up')))
      await new Promise((resolve) => setTimeout(resolve, 100));
    const written = async (): Promise<number> => Number(await guest.sh('cat /tmp/written'));
    const before = await written();
    while ((await written()) <= before) await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(client.read(new Uint8Array(4096), 0)).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
    await expect(hypervisor.closeDisk(source, call)).rejects.toMatchObject({
      code: 'DISK_CHANGED',
      message: expect.stringContaining('scratch had no room'),
    });
    expect(await guest.sh('dmesg | grep -c "I/O error" || true')).toBe('0\n');
    await hypervisor.release(snapshot.id, call);
    // There is no room: nothing is begun.
    await expect(hypervisor.snapshot(machine, { quiesce: 'none', owner: mark() }, call)).rejects.toMatchObject({
      code: 'DISK_SPACE',
    });
    await hypervisor.close(call);
  } finally {
    execFileSync('umount', [scratch]);
    await rm(root, { recursive: true, force: true });
  }
});
