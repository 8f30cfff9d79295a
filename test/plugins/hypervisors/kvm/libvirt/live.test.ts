import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hypervisor, NbdSource } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { LibvirtGuest } from '../../../../peers/guest/libvirt.ts';
import { missingPeers } from '../../../../peers/guest/run.ts';
import { all, bytesOf, fill, listening, machineOf, mark, needed, owned, site, updated, World } from './fixture.ts';

const missing = missingPeers(needed);
const call = makeCall();

/** What a file of an ext4 image holds. */
async function fileIn(world: World, image: Buffer, path: string): Promise<string> {
  const file = join(world.folder, 'look.raw');
  await writeFile(file, image);
  return execFileSync('debugfs', ['-R', `cat ${path}`, file], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
}

describe('a machine of libvirt that runs', { timeout: 180_000 }, () => {
  let world: World;
  let guest: LibvirtGuest;
  let kvm: Hypervisor;
  let id: string;

  beforeAll(async () => {
    if (missing !== null) return;
    world = await World.make();
    guest = await world.guest('web', ['qcow2', 'qcow2']);
    kvm = await world.open();
    id = (await machineOf(kvm, 'web')).id;
  }, 180_000);
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach((ctx) => {
    if (missing !== null) ctx.skip(missing);
  });

  test('is listed with its disks, its host and its definition', async () => {
    const machine = await machineOf(kvm, 'web');
    expect(machine).toMatchObject({ name: 'web', power: 'on', cpus: 1, memoryBytes: 160 * 1024 * 1024 });
    expect(machine.host).toBe(machine.place);
    expect(machine.disks.map(({ key, sizeBytes, kind }) => [key, sizeBytes, kind])).toEqual([
      ['vda', 67_108_864, 'virtual'],
      ['vdb', 67_108_864, 'virtual'],
    ]);
    expect(machine.config?.text).toContain('<name>web</name>');
    expect(machine.problem).toBeUndefined();
  });

  test('is frozen with all its disks at one instant, and what is written after that is not in it', async () => {
    await guest.sh('echo before > /mnt/vda/before; sync');
    const snapshot = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark() }, call);
    await guest.sh('echo after > /mnt/vda/after; sync');
    expect(snapshot.consistency).toBe('filesystem');
    expect(snapshot.frozenMs).toBeGreaterThan(0);
    const a = await bytesOf(kvm, { machine: id, snapshot: snapshot.id, disk: 'vda' });
    const b = await bytesOf(kvm, { machine: id, snapshot: snapshot.id, disk: 'vdb' });
    expect(await fileIn(world, a, '/before')).toBe('before\n');
    expect(await fileIn(world, a, '/after')).toBe('');
    const [first, second] = [Number(await fileIn(world, a, '/counter')), Number(await fileIn(world, b, '/counter'))];
    expect(first).toBeGreaterThan(0);
    expect([0, 1]).toContain(first - second);
    expect((await bytesOf(kvm, { machine: id, snapshot: snapshot.id, disk: 'vda' })).equals(a)).toBe(true);
    await kvm.release(snapshot.id, call);
    await kvm.release(snapshot.id, call);
    expect(await owned(kvm)).toEqual([]);
    expect(await world.left()).toEqual([]);
    expect(snapshot.frozenMs).toBeLessThan(10_000);
    console.info(`frozen for ${snapshot.frozenMs} ms`);
  });

  test('what changed since a restore point, put over it, is exactly the new state', async () => {
    const ref = (snapshot: string) => ({ machine: id, snapshot, disk: 'vda' });
    const first = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark() }, call);
    const before = await bytesOf(kvm, ref(first.id));
    await kvm.release(first.id, call);
    const token = first.disks[0]?.changeToken ?? '';
    await guest.sh('dd if=/dev/urandom of=/mnt/vda/new bs=64k count=5 2>/dev/null; sync');
    const between = await kvm.snapshot(id, { quiesce: 'none', owner: mark(), since: [token] }, call);
    await kvm.release(between.id, call);
    const newer = between.disks[0]?.changeToken ?? '';
    await guest.sh('dd if=/dev/urandom of=/mnt/vda/newer bs=64k count=5 2>/dev/null; sync');
    const second = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark(), since: [newer, token] }, call);
    const changes = await all(kvm.changes?.(ref(second.id), token, call) ?? none());
    const after = await bytesOf(kvm, ref(second.id));
    expect(changes.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(16 * 1024 * 1024);
    expect((await updated(before, changes, kvm, ref(second.id))).equals(after)).toBe(true);
    // Of a newer point it may tell more than has changed, never less.
    const more = await all(kvm.changes?.(ref(second.id), newer, call) ?? none());
    expect(more).toEqual(changes);
    expect(await all(kvm.changes?.(ref(second.id), second.disks[0]?.changeToken ?? '', call) ?? none())).toEqual([]);
    await kvm.release(second.id, call);
    await kvm.retainTracking?.(id, { site, tokens: [newer] }, call);
    expect((await world.libvirt.virsh(['checkpoint-list', 'web', '--name'])).trim()).toBe(newer.split('/')[0]);
    await kvm.retainTracking?.(id, { site: 'another-site', tokens: [] }, call);
    expect((await world.libvirt.virsh(['checkpoint-list', 'web', '--name'])).trim()).toBe(newer.split('/')[0]);
    await kvm.retainTracking?.(id, { site, tokens: [] }, call);
    expect((await world.libvirt.virsh(['checkpoint-list', 'web', '--name'])).trim()).toBe('');
  });

  test('the order of restore points is not that of their times: a clock that was set back between them hides no change', async () => {
    const ref = (snapshot: string) => ({ machine: id, snapshot, disk: 'vda' });
    const first = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark() }, call);
    const before = await bytesOf(kvm, ref(first.id));
    await kvm.release(first.id, call);
    await guest.sh('dd if=/dev/urandom of=/mnt/vda/new bs=64k count=5 2>/dev/null; sync');
    const between = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    await kvm.release(between.id, call);
    const [token, newer] = [first.disks[0]?.changeToken ?? '', between.disks[0]?.changeToken ?? ''];
    const file = join(world.folder, 'checkpoint.xml');
    const xml = await world.libvirt.virsh(['checkpoint-dumpxml', 'web', newer.split('/')[0] ?? '']);
    await writeFile(file, xml.replace(/<creationTime>\d+</, '<creationTime>7<'));
    await world.libvirt.virsh(['checkpoint-create', 'web', file, '--redefine']);
    expect(await world.libvirt.virsh(['checkpoint-dumpxml', 'web', newer.split('/')[0] ?? ''])).toContain(
      '>7</creation',
    );
    const second = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark(), since: [token, newer] }, call);
    const changes = await all(kvm.changes?.(ref(second.id), token, call) ?? none());
    const after = await bytesOf(kvm, ref(second.id));
    expect((await updated(before, changes, kvm, ref(second.id))).equals(after)).toBe(true);
    await kvm.release(second.id, call);
    await kvm.retainTracking?.(id, { site, tokens: [] }, call);
  });

  test('a state is known to another process, which can read it, list it and let it go', async () => {
    const owner = mark();
    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner }, call);
    const other = await world.open();
    expect(await owned(other)).toEqual([{ kind: 'export', id: snapshot.id, title: 'export of web', owner }]);
    const bytes = await bytesOf(other, { machine: id, snapshot: snapshot.id, disk: 'vdb' });
    expect(await fileIn(world, bytes, '/known/hello')).toBe('hello from web 1');
    await expect(other.openDisk({ machine: id, snapshot: snapshot.id, disk: 'vdz' }, call)).rejects.toMatchObject({
      code: 'DISK_UNREADABLE',
    });
    await other.removeOwned(snapshot.id, call);
    await other.removeOwned(snapshot.id, call);
    await expect(kvm.openDisk({ machine: id, snapshot: snapshot.id, disk: 'vda' }, call)).rejects.toMatchObject({
      code: 'DISK_CHANGED',
    });
    await kvm.release(snapshot.id, call);
    expect(await world.left()).toEqual([]);
  });

  test('while a backup of somebody else runs it is busy, and that backup is left alone', async () => {
    const xml = join(world.folder, 'theirs.xml');
    await writeFile(
      xml,
      `<domainbackup mode='pull'><server transport='unix' socket='${world.libvirt.folder}/run/theirs.sock'/></domainbackup>`,
    );
    await world.libvirt.virsh(['backup-begin', 'web', xml]);
    await expect(kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call)).rejects.toMatchObject({
      code: 'MACHINE_BUSY',
      message: expect.stringContaining('Backup'),
    });
    expect(await world.libvirt.virsh(['domjobinfo', 'web'])).toContain('Backup');
    await world.libvirt.virsh(['domjobabort', 'web']);
    expect(await world.left()).toEqual([]);
  });

  test('a checkpoint that was deleted behind our back is named as lost, and the next restore point tracks again', async () => {
    const first = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    await kvm.release(first.id, call);
    const token = first.disks[0]?.changeToken ?? '';
    await world.libvirt.virsh(['checkpoint-delete', 'web', token.split('/')[0] ?? '']);
    const second = await kvm.snapshot(id, { quiesce: 'none', owner: mark(), since: [token] }, call);
    const ref = { machine: id, snapshot: second.id, disk: 'vda' };
    await expect(all(kvm.changes?.(ref, token, call) ?? none())).rejects.toMatchObject({
      code: 'TRACKING_LOST',
      message: expect.stringContaining('deleted'),
    });
    await expect(all(kvm.changes?.(ref, 'no-such-token', call) ?? none())).rejects.toMatchObject({
      code: 'TRACKING_LOST',
    });
    expect(second.disks[0]?.changeToken).not.toBeNull();
    await kvm.release(second.id, call);
    await kvm.retainTracking?.(id, { site, tokens: [] }, call);
  });

  test('an agent that hangs is given up in time, and the guest is not left frozen', async () => {
    await guest.sh('kill -STOP $(pidof ld.so qemu-ga 2>/dev/null)');
    const wish = { quiesce: 'filesystem', freezeLimitMs: 2000, owner: mark() } as const;
    await expect(kvm.snapshot(id, wish, call)).rejects.toMatchObject({ code: 'QUIESCE_UNAVAILABLE' });
    await guest.sh('kill -CONT $(pidof ld.so qemu-ga 2>/dev/null); echo alive > /mnt/vda/alive; sync');
    expect(await world.left()).toEqual([]);
  });

  test('a program runs in the guest, and a freeze of it ends by itself', async () => {
    const channel = await kvm.guest?.(id, call);
    if (channel === undefined) throw new Error('no channel');
    expect(await channel.run(['sh', '-c', 'echo "$1"; exit 3', 'sh', "it's"], call)).toMatchObject({
      exitCode: 3,
      stdout: "it's\n",
    });
    expect((await channel.freeze(2000, call)).fileSystems).toBe(2);
    await guest.sh('echo thawed > /mnt/vda/thawed; sync', 20_000);
    await channel.close(call);
  });

  test('QEMU that was killed has no bitmap any more: the reason is told, and the next restore point tracks again', async () => {
    const first = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    await kvm.release(first.id, call);
    const token = first.disks[0]?.changeToken ?? '';
    await guest.kill();
    await guest.start();
    const second = await kvm.snapshot(id, { quiesce: 'none', owner: mark(), since: [token] }, call);
    await expect(
      all(kvm.changes?.({ machine: id, snapshot: second.id, disk: 'vda' }, token, call) ?? none()),
    ).rejects.toMatchObject({
      code: 'TRACKING_LOST',
      message: expect.stringContaining('QEMU was killed'),
    });
    await kvm.release(second.id, call);
    const { call: heard } = listening();
    await kvm.retainTracking?.(id, { site, tokens: [second.disks[0]?.changeToken ?? ''] }, heard);
    const names = (await world.libvirt.virsh(['checkpoint-list', 'web', '--name'])).trim();
    expect(names).toBe(second.disks[0]?.changeToken?.split('/')[0]);
  });

  test('QEMU that is killed while a state of it is read ends the reading, and nothing is left', async () => {
    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    await guest.kill();
    await expect(kvm.openDisk({ machine: id, snapshot: snapshot.id, disk: 'vda' }, call)).rejects.toMatchObject({
      code: 'DISK_CHANGED',
    });
    await kvm.release(snapshot.id, call);
    expect(await owned(kvm)).toEqual([]);
    expect(await world.left()).toEqual([]);
    await guest.start();
  });

  test('that ended in order keeps its bitmaps: what changed is told of it while it is off', async () => {
    await kvm.retainTracking?.(id, { site, tokens: [] }, call);
    const first = await kvm.snapshot(id, { quiesce: 'filesystem', owner: mark() }, call);
    const before = await bytesOf(kvm, { machine: id, snapshot: first.id, disk: 'vda' });
    await kvm.release(first.id, call);
    const token = first.disks[0]?.changeToken ?? '';
    await guest.sh('dd if=/dev/urandom of=/mnt/vda/last bs=64k count=3 2>/dev/null; sync');
    await guest.quit();
    const second = await kvm.snapshot(id, { quiesce: 'none', owner: mark(), since: [token] }, call);
    const ref = { machine: id, snapshot: second.id, disk: 'vda' };
    const changes = await all(kvm.changes?.(ref, token, call) ?? none());
    const after = await bytesOf(kvm, ref);
    expect(after.equals(before)).toBe(false);
    expect((await updated(before, changes, kvm, ref)).equals(after)).toBe(true);
    // What a bitmap that began earlier tells of an older copy that is put back is not all that is missing from it.
    expect(second.disks[0]?.changeToken).toBeNull();
    await expect(kvm.power?.(id, 'on', call)).rejects.toMatchObject({ code: 'MACHINE_BUSY' });
    // QEMU opens the console before it finds its disks locked.
    await world.libvirt.consoles.next();
    await expect(kvm.snapshot(id, { quiesce: 'filesystem', owner: mark() }, call)).rejects.toMatchObject({
      code: 'QUIESCE_UNAVAILABLE',
    });
    await kvm.release(second.id, call);
    expect(await world.left()).toEqual([]);

    const machine = await machineOf(kvm, 'web');
    const disks = machine.disks.map(({ key, sizeBytes, format }) => ({ key, sizeBytes, format }));
    const made =
      (await kvm.create?.(
        { name: 'restored', disks, owner: mark(), ...(machine.config && { config: machine.config }) },
        call,
      )) ?? '';
    for (const { key } of disks) {
      const sink = (await kvm.openDiskForWrite?.({ machine: made, disk: key }, call)) as NbdSource;
      await fill(sink, after);
      await kvm.closeSink?.(sink as never, call);
    }
    await kvm.adopt?.(made, call);
    expect(await owned(kvm)).toEqual([]);
    await kvm.power?.(made, 'on', call);
    const console = await world.libvirt.consoles.next();
    await console.waitFor('GUEST-READY');
    expect(Object.keys(console.known()).length).toBe(2);
    expect(await console.sh('wc -c < /mnt/vda/last')).toBe('196608\n');
    await kvm.power?.(made, 'off', call);
    await guest.start();
    await kvm.retainTracking?.(id, { site, tokens: [] }, call);
    expect((await world.libvirt.virsh(['checkpoint-list', 'web', '--name'])).trim()).toBe('');
  });
});

async function* none(): AsyncGenerator<never> {}
