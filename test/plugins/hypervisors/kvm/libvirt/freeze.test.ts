import { makeCall } from '@holdfast/api';
import { expect, test } from 'vitest';
import { missingPeers } from '../../../../peers/guest/run.ts';
import { machineOf, mark, needed, World } from './fixture.ts';

const missing = missingPeers(needed);

test('a guest whose agent finds no file system to freeze is not called consistent', {
  timeout: 120_000,
}, async (ctx) => {
  if (missing !== null) ctx.skip(missing);
  await using world = await World.make();
  const guest = await world.guest('bare', ['qcow2'], { writes: false });
  await guest.sh('umount /mnt/vda');
  const kvm = await world.open();
  const { id } = await machineOf(kvm, 'bare');
  await expect(kvm.snapshot(id, { quiesce: 'filesystem', owner: mark() }, makeCall())).rejects.toMatchObject({
    code: 'QUIESCE_UNAVAILABLE',
    message: expect.stringContaining('no file system'),
  });
  expect(await world.left()).toEqual([]);
  expect((await world.libvirt.virsh(['checkpoint-list', 'bare', '--name'])).trim()).toBe('');
});
