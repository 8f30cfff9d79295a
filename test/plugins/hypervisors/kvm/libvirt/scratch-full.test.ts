import { execFileSync } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { until } from '../../../../peers/guest/child.ts';
import { missingPeers } from '../../../../peers/guest/run.ts';
import { all, listening, machineOf, mark, needed, World } from './fixture.ts';

const missing = missingPeers(needed);

test('a guest that stands still because scratch is full goes on, while Holdfast runs and when a janitor comes', {
  timeout: 180_000,
}, async (ctx) => {
  if (missing !== null) ctx.skip(missing);
  await using world = await World.make();
  const scratch = join(world.folder, 'scratch');
  await mkdir(scratch, { mode: 0o711 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=711', 'tmpfs', scratch], { stdio: 'ignore' });
  } catch {
    ctx.skip('no right to mount a small file system here');
  }
  try {
    const guest = await world.guest('web', ['qcow2'], { agent: false });
    const state = () => world.libvirt.virsh(['domstate', 'web', '--reason']);
    const stands = () => until('it stands still', async () => (await state()).includes('I/O error'), 60_000);
    const runs = () => until('it goes on', async () => (await state()).includes('running'), 30_000);
    // What held nothing costs no scratch: it has to overwrite.
    const fill = () => guest.sh('dd if=/dev/zero bs=64k count=128 conv=notrunc of=/mnt/vda/filled 2>&1; sync', 120_000);
    await guest.sh('head -c 8388608 /dev/urandom > /mnt/vda/filled; sync', 120_000);
    const { call, said } = listening();

    const gone = await world.open({ scratch });
    const { id } = await machineOf(gone, 'web');
    const left = await gone.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    // As when its process had died.
    await gone.close(call);
    const first = fill();
    await stands();
    const kvm = await world.open({ scratch });
    await kvm.removeOwned(left.id, makeCall());
    await runs();
    await first;

    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    const second = fill();
    await until('it is given up', () => said.some((line) => line.includes('is given up')), 60_000);
    await runs();
    await second;
    await expect(kvm.openDisk({ machine: id, snapshot: snapshot.id, disk: 'vda' }, call)).rejects.toMatchObject({
      code: 'DISK_CHANGED',
    });
    await kvm.release(snapshot.id, call);
    expect(await all(kvm.owned(call))).toEqual([]);
    expect(await guest.sh('dmesg | grep -c "I/O error" || true')).toBe('0\n');
  } finally {
    // Its QEMU may have a file there still.
    execFileSync('umount', ['--lazy', scratch]);
  }
});
