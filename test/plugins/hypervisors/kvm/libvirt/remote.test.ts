import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hypervisor } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../../peers/guest/child.ts';
import type { LibvirtGuest } from '../../../../peers/guest/libvirt.ts';
import { missingPeers } from '../../../../peers/guest/run.ts';
import { type Sshd, startSshd } from '../../../../peers/guest/sshd.ts';
import { all, bytesOf, machineOf, mark, needed, owned, site, updated, World } from './fixture.ts';

const missing = missingPeers([...needed, 'sshd']);
const call = makeCall();

describe('a machine that runs behind SSH', { timeout: 180_000 }, () => {
  let world: World;
  let sshd: Sshd;
  let guest: LibvirtGuest;
  let kvm: Hypervisor;
  let id: string;

  beforeAll(async () => {
    if (missing !== null) return;
    world = await World.make();
    sshd = await startSshd(join(world.folder, 'sshd'));
    guest = await world.guest('web', ['qcow2', 'raw']);
    const settings = { host: `${sshd.user}@127.0.0.1:${sshd.port}`, hostKey: sshd.hostKeyFingerprint, key: 'file:x' };
    kvm = await world.open(settings, { key: await readFile(sshd.keyFile, 'utf8') });
    id = (await machineOf(kvm, 'web')).id;
  }, 180_000);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await sshd?.close();
  });
  beforeEach((ctx) => {
    if (missing !== null) ctx.skip(missing);
  });

  test('is frozen, read and followed by what changed through the one link, byte for byte', async () => {
    const first = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark() }, call);
    const ref = (snapshot: string) => ({ machine: id, snapshot, disk: 'vda' });
    const before = await bytesOf(kvm, ref(first.id));
    await kvm.release(first.id, call);
    const token = first.disks[0]?.changeToken ?? '';
    expect(first.disks[1]?.changeToken).toBeNull();
    await guest.sh('dd if=/dev/urandom of=/mnt/vda/new bs=64k count=5 2>/dev/null; sync');
    const second = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark(), since: [token] }, call);
    const changes = await all(kvm.changes?.(ref(second.id), token, call) ?? none());
    const after = await bytesOf(kvm, ref(second.id));
    expect(after.equals(before)).toBe(false);
    expect((await updated(before, changes, kvm, ref(second.id))).equals(after)).toBe(true);
    await expect(all(kvm.changes?.({ ...ref(second.id), disk: 'vdb' }, token, call) ?? none())).rejects.toMatchObject({
      code: 'TRACKING_LOST',
      message: expect.stringContaining('raw'),
    });
    await kvm.release(second.id, call);
    await kvm.retainTracking?.(id, { site, tokens: [] }, call);
    expect(await owned(kvm)).toEqual([]);
    expect(await world.left()).toEqual([]);
  });

  test('is thawed by the watchdog on its host when the link is cut while it is frozen', async () => {
    const channel = await kvm.guest?.(id, call);
    expect((await channel?.freeze(60_000, call))?.fileSystems).toBe(2);
    await sshd.cut();
    // With a limit of a minute it is the watchdog that noticed.
    await guest.sh('echo thawed > /mnt/vda/thawed; sync', 30_000);
    await channel?.close(call).catch(() => {});
    expect((await machineOf(kvm, 'web')).power).toBe('on');
  });

  test('a state survives a link that is cut: it is read again over a new one', async () => {
    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    const ref = { machine: id, snapshot: snapshot.id, disk: 'vda' };
    const before = await bytesOf(kvm, ref);
    await sshd.cut();
    await until('it is noticed', async () => (await sshd.sessions()).length === 0);
    expect((await bytesOf(kvm, ref)).equals(before)).toBe(true);
    await kvm.release(snapshot.id, call);
    await kvm.retainTracking?.(id, { site, tokens: [] }, call);
    expect(await world.left()).toEqual([]);
  });
});

async function* none(): AsyncGenerator<never> {}
