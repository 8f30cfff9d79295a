import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hypervisor, MachineChange, NbdSource } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encode } from '../../../../../plugins/hypervisors/kvm/src/domain/xml.ts';
import { until } from '../../../../peers/guest/child.ts';
import { missingPeers, run } from '../../../../peers/guest/run.ts';
import { type Sshd, startSshd } from '../../../../peers/guest/sshd.ts';
import { all, bytesOf, fill, listening, machineOf, mark, needed, owned, World } from './fixture.ts';

const missing = missingPeers([...needed, 'sshd']);
const call = makeCall();
const MiB = 1024 * 1024;

describe.each([['here'], ['behind SSH']])('machines of a libvirt %s', { timeout: 120_000 }, (where) => {
  let world: World;
  let sshd: Sshd;
  let kvm: Hypervisor;

  const settings = () =>
    where === 'here'
      ? {}
      : { host: `${sshd.user}@127.0.0.1:${sshd.port}`, hostKey: sshd.hostKeyFingerprint, key: 'file:x' };
  const open = async () => await world.open(settings(), { key: await readFile(sshd.keyFile, 'utf8') });

  /** Defines a machine that is off, with a disk that holds something. */
  async function define(name: string, more = '', format = 'qcow2'): Promise<string> {
    const file = join(world.libvirt.folder, 'images', `${name}.${format}`);
    await run('qemu-img', ['create', '-q', '-f', format, file, `${MiB}`]);
    await run('qemu-io', ['-f', format, '-c', 'write -P 7 64k 64k', file]);
    await world.libvirt.give(file);
    const xml = join(world.folder, 'define.xml');
    await writeFile(
      xml,
      `<domain type='qemu'><name>${encode(name)}</name>${more}<memory unit='MiB'>64</memory><vcpu>1</vcpu>
      <os><type arch='x86_64' machine='pc'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>
      <disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${encode(file)}'/><target dev='vda' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><target dev='sda' bus='sata'/></disk></devices></domain>`,
    );
    await world.libvirt.virsh(['define', xml]);
    return (await world.libvirt.virsh(['domuuid', name])).trim();
  }

  beforeAll(async () => {
    if (missing !== null) return;
    world = await World.make();
    sshd = await startSshd(join(world.folder, 'sshd'));
    kvm = await open();
  }, 60_000);
  afterAll(async () => {
    await world?.[Symbol.asyncDispose]();
    await sshd?.close();
  });
  beforeEach((ctx) => {
    if (missing !== null) ctx.skip(missing);
  });

  test('that are off are read as they are, locked meanwhile, and nothing is left', async () => {
    const id = await define('off');
    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    expect(snapshot).toMatchObject({
      consistency: 'crash',
      frozenMs: 0,
      disks: [{ key: 'vda', sizeBytes: MiB, changeToken: null }],
    });
    const ref = { machine: id, snapshot: snapshot.id, disk: 'vda' };
    const bytes = await bytesOf(kvm, ref);
    expect(bytes.subarray(65_536, 131_072).every((byte) => byte === 7)).toBe(true);
    expect(await all(kvm.allocated?.(ref, call) ?? none())).toEqual([{ offset: 65_536, length: 65_536 }]);
    await expect(world.libvirt.virsh(['start', 'off'])).rejects.toThrow('lock');
    const other = await open();
    expect((await owned(other)).map(({ id: one }) => one)).toEqual([snapshot.id]);
    await other.removeOwned(snapshot.id, call);
    await kvm.release(snapshot.id, call);
    await kvm.release(snapshot.id, call);
    expect(await world.left()).toEqual([]);
    const source = (await kvm.openDisk({ machine: id, disk: 'vda' }, call)) as NbdSource;
    expect(source.sizeBytes).toBe(MiB);
    await kvm.closeDisk(source, call);
    await kvm.closeDisk(source, call);
    expect(await world.left()).toEqual([]);
  });

  test('that are raw say that their changes are not tracked', async () => {
    const id = await define('plain', '', 'raw');
    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    const ref = { machine: id, snapshot: snapshot.id, disk: 'vda' };
    await expect(
      all(kvm.changes?.(ref, 'holdfast-x-y/1048576/0123456789abcdef', call) ?? none()),
    ).rejects.toMatchObject({
      code: 'TRACKING_LOST',
      message: expect.stringContaining('only qcow2'),
    });
    await kvm.release(snapshot.id, call);
  });

  test('carry the tags and the folder that were noted down for them, and keep their identity when they are renamed', async () => {
    const note = `<metadata><t:tags xmlns:t='urn:holdfast:tags:1' folder='/prod'><t:tag>gold</t:tag></t:tags></metadata>`;
    const id = await define("old 'name'; id #", note);
    expect(await machineOf(kvm, "old 'name'; id #")).toMatchObject({ id, tags: ['gold'], folder: '/prod' });
    await world.libvirt.virsh(['domrename', "old 'name'; id #", 'new name']);
    expect((await machineOf(kvm, 'new name')).id).toBe(id);
  });

  test('whose image is missing are listed, and say why they cannot be protected', async () => {
    const id = await define('broken');
    const file = join(world.libvirt.folder, 'images', 'broken.qcow2');
    await rename(file, `${file}.away`);
    expect((await machineOf(kvm, 'broken')).problem).toContain('vda');
    await expect(kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call)).rejects.toMatchObject({
      code: 'MACHINE_UNPROTECTABLE',
    });
    await rename(`${file}.away`, file);
    expect((await machineOf(kvm, 'broken')).problem).toBeUndefined();
  });

  test('that are made carry their mark until they are adopted, and a name is taken once', async () => {
    const spec = {
      name: 'made & <new>',
      disks: [{ key: 'vda', sizeBytes: MiB, format: 'qcow2' as const }],
      memoryBytes: 64 * MiB,
      owner: mark(),
    };
    const id = (await kvm.create?.(spec, call)) ?? '';
    expect((await machineOf(kvm, spec.name)).tags).toEqual(['being-restored']);
    await expect(kvm.create?.(spec, call)).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const sink = (await kvm.openDiskForWrite?.({ machine: id, disk: 'vda' }, call)) as NbdSource;
    await fill(sink, Buffer.alloc(MiB, 3));
    await kvm.closeSink?.(sink as never, call);
    await kvm.closeSink?.(sink as never, call);
    await kvm.adopt?.(id, call);
    await kvm.adopt?.(id, call);
    expect(await owned(kvm)).toEqual([]);
    expect((await machineOf(kvm, spec.name)).tags).toEqual([]);
    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    expect((await bytesOf(kvm, { machine: id, snapshot: snapshot.id, disk: 'vda' })).equals(Buffer.alloc(MiB, 3))).toBe(
      true,
    );
    await kvm.release(snapshot.id, call);
    await expect(kvm.openDiskForWrite?.({ machine: id, disk: 'vda' }, call)).rejects.toMatchObject({
      code: 'MACHINE_NOT_FOUND',
    });
    expect(await world.left()).toEqual([]);
  });

  test('that are half made are taken away with their files and nothing else, by another process too', async () => {
    const before = await readdir(join(world.libvirt.folder, 'images'));
    const id =
      (await kvm.create?.(
        { name: 'half', disks: [{ key: 'vda', sizeBytes: MiB, format: 'raw' }], owner: mark() },
        call,
      )) ?? '';
    await kvm.openDiskForWrite?.({ machine: id, disk: 'vda' }, call);
    const other = await open();
    const [thing] = await owned(other);
    expect(thing).toMatchObject({ kind: 'machine', title: 'machine half, half restored' });
    await other.removeOwned(thing?.id ?? '', call);
    await other.removeOwned(thing?.id ?? '', call);
    expect((await world.libvirt.virsh(['list', '--all', '--name'])).split('\n')).not.toContain('half');
    expect(await readdir(join(world.libvirt.folder, 'images'))).toEqual(before);
  });

  test('come and go as they are watched', async () => {
    const controller = new AbortController();
    const seen: MachineChange[] = [];
    const watched = '0b5a3c1e-0d7c-4d0e-9a55-3a1d6c1f7e21';
    const watching = (async () => {
      const changes = kvm.watch?.(makeCall({ signal: controller.signal })) ?? none();
      for await (const change of changes) seen.push(change);
    })();
    let id = '';
    // The first is made again and again until watching has begun.
    for (let n = 0; seen.length === 0 && n < 100; n += 1) {
      id = await define('watched', `<uuid>${watched}</uuid>`);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    expect(seen[0]).toMatchObject({ kind: 'seen', machine: { id, name: 'watched' } });
    await world.libvirt.virsh(['undefine', 'watched']);
    await until('it is gone', () => seen.some((change) => change.kind === 'gone' && change.machine === id));
    controller.abort();
    await watching;
  });

  test('are checked, and what is missing has a remedy', async () => {
    const { call: heard } = listening();
    for (const { state, remedy, title } of await kvm.check(heard)) {
      expect([title, state]).not.toEqual([title, 'failed']);
      if (state !== 'ok') expect(remedy).not.toBe('');
    }
    const lost = await world.open(
      { ...settings(), uri: `qemu:///session?socket=${world.folder}/none` },
      { key: await readFile(sshd.keyFile, 'utf8') },
    );
    expect((await lost.check(heard))[0]).toMatchObject({ state: 'failed' });
    await expect(all(lost.machines(call))).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  });
});

async function* none(): AsyncGenerator<never> {}
