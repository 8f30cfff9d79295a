import { copyFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Hypervisor } from '@holdfast/api';
import { makeCall } from '@holdfast/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readDisks } from '../../../../../plugins/hypervisors/kvm/src/libvirt/images.ts';
import { until } from '../../../../peers/guest/child.ts';
import { missingPeers, run } from '../../../../peers/guest/run.ts';
import { all, bytesOf, mark, needed, updated, World } from './fixture.ts';

const missing = missingPeers(needed);
const call = makeCall();
const MiB = 1024 * 1024;

test('paths of images are read whatever is in them', () => {
  const text = ' vda      /images/a disk.qcow2\n vdb   /x\n sda      -\n vdc      volume\n';
  expect([...readDisks(text)]).toEqual([
    ['vda', '/images/a disk.qcow2'],
    ['vdb', '/x'],
  ]);
});

describe('images that were exchanged behind our back are read in full', { timeout: 120_000 }, () => {
  let world: World;
  let kvm: Hypervisor;

  beforeAll(async () => {
    if (missing !== null) return;
    world = await World.make();
    kvm = await world.open();
  }, 60_000);
  afterAll(() => world?.[Symbol.asyncDispose]());
  beforeEach((ctx) => {
    if (missing !== null) ctx.skip(missing);
  });

  const image = (name: string): string => join(world.libvirt.folder, 'images', name);

  /** Defines a machine with two disks of one size. Nothing runs in it. */
  async function define(name: string, files: readonly string[], uuid = ''): Promise<string> {
    const disks = files.map(
      (file, n) =>
        `<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='${image(file)}'/><target dev='vd${'ab'[n]}' bus='virtio'/></disk>`,
    );
    const xml = join(world.folder, 'define.xml');
    await writeFile(
      xml,
      `<domain type='qemu'><name>${name}</name>${uuid === '' ? '' : `<uuid>${uuid}</uuid>`}<memory unit='MiB'>64</memory><vcpu>1</vcpu>
      <os><type arch='x86_64' machine='pc'>hvm</type></os><devices><emulator>/usr/bin/qemu-system-x86_64</emulator>${disks.join('')}</devices></domain>`,
    );
    await world.libvirt.virsh(['define', xml]);
    return (await world.libvirt.virsh(['domuuid', name])).trim();
  }

  async function make(file: string): Promise<void> {
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', image(file), `${MiB}`]);
    await world.libvirt.give(image(file));
  }

  /** Ends QEMU in order: bitmaps are saved. */
  async function quit(name: string): Promise<void> {
    await world.libvirt.virsh(['qemu-monitor-command', name, '{"execute":"quit"}']).catch(() => {});
    await until('it is off', async () => (await world.libvirt.virsh(['domstate', name])).includes('shut off'));
  }

  async function write(name: string, disk: number, pattern: number, at: string): Promise<void> {
    const line = `qemu-io -d /machine/peripheral/virtio-disk${disk}/virtio-backend "write -P ${pattern} ${at} 64k"`;
    await world.libvirt.virsh(['qemu-monitor-command', name, '--hmp', line]);
  }

  /** What is known of changes of a disk since its token. */
  async function since(id: string, disk: string, token: string): Promise<string> {
    const snapshot = await kvm.snapshot(id, { quiesce: 'none', owner: mark(), since: [token] }, call);
    try {
      const ref = { machine: id, snapshot: snapshot.id, disk };
      return `known: ${JSON.stringify(await all(kvm.changes?.(ref, token, call) ?? none()))}`;
    } catch (thrown) {
      return (thrown as Error).message;
    } finally {
      await kvm.release(snapshot.id, call);
    }
  }

  test('when the disks of a machine change places, in its definition or by their names', async () => {
    for (const file of ['a.qcow2', 'b.qcow2']) await make(file);
    const id = await define('swapped', ['a.qcow2', 'b.qcow2']);
    await world.libvirt.virsh(['start', '--paused', 'swapped']);
    await write('swapped', 0, 1, '0');
    await write('swapped', 1, 2, '0');
    const first = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    await kvm.release(first.id, call);
    const token = first.disks[0]?.changeToken ?? '';
    await write('swapped', 0, 3, '128k');
    expect(await since(id, 'vda', token)).toBe('known: [{"offset":131072,"length":65536}]');
    await quit('swapped');
    await define('swapped', ['b.qcow2', 'a.qcow2'], id);
    expect(await since(id, 'vda', token)).toContain('another image');
    await world.libvirt.virsh(['start', '--paused', 'swapped']);
    expect(await since(id, 'vda', token)).toContain('another image');
    await quit('swapped');

    await define('swapped', ['a.qcow2', 'b.qcow2'], id);
    await rename(image('a.qcow2'), image('c.qcow2'));
    await rename(image('b.qcow2'), image('a.qcow2'));
    await rename(image('c.qcow2'), image('b.qcow2'));
    await world.libvirt.virsh(['start', '--paused', 'swapped']);
    expect(await since(id, 'vda', token)).toContain('another image');
    await world.libvirt.virsh(['destroy', 'swapped']);
  });

  test('when an older copy of the image of a machine that was off is put back', async () => {
    await make('old.qcow2');
    const id = await define('back', ['old.qcow2']);
    await world.libvirt.virsh(['start', '--paused', 'back']);
    const first = await kvm.snapshot(id, { quiesce: 'none', owner: mark() }, call);
    await kvm.release(first.id, call);
    const token = first.disks[0]?.changeToken ?? '';
    await quit('back');
    await copyFile(image('old.qcow2'), image('copy'));
    await world.libvirt.virsh(['start', '--paused', 'back']);
    await write('back', 0, 9, '512k');
    await quit('back');
    const off = await kvm.snapshot(id, { quiesce: 'none', owner: mark(), since: [token] }, call);
    const point = await bytesOf(kvm, { machine: id, snapshot: off.id, disk: 'vda' });
    await kvm.release(off.id, call);
    const next = off.disks[0]?.changeToken ?? null;

    await copyFile(image('copy'), image('old.qcow2'));
    await world.libvirt.virsh(['start', '--paused', 'back']);
    const second = await kvm.snapshot(id, { quiesce: 'none', owner: mark(), since: next === null ? [] : [next] }, call);
    const ref = { machine: id, snapshot: second.id, disk: 'vda' };
    const now = await bytesOf(kvm, ref);
    expect(now.equals(point)).toBe(false);
    // Without a token all is read; with one it must tell of the difference.
    const changed =
      next === null ? now : await updated(point, await all(kvm.changes?.(ref, next, call) ?? none()), kvm, ref);
    expect(changed.equals(now)).toBe(true);
    await kvm.release(second.id, call);
    await world.libvirt.virsh(['destroy', 'back']);
  });
});

async function* none(): AsyncGenerator<never> {}
