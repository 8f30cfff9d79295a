import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { thawScript } from '../../../../../plugins/hypervisors/kvm/src/libvirt/agent.ts';

const uuid = '6dff11a9-e942-47ff-a358-22d643f52651';

test('a watchdog gives up when the libvirt of its guest has gone for good, and tries again when it only does not answer', (ctx) => {
  if (spawnSync('virsh', ['--version']).error !== undefined) ctx.skip('no virsh here');
  const thaw = (socket: string) =>
    spawnSync('sh', ['-c', thawScript, 'x', `qemu:///session?socket=${socket}`, uuid]).status;
  expect(thaw('/no/such/folder/libvirt-sock')).toBe(3);
  expect(thaw('/tmp/no-such-libvirt-sock')).toBe(1);
});
