import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { NbdClient } from '@holdfast/kit/nbd/client';
import { beforeEach, describe, expect, test } from 'vitest';
import { MiB, mark, missing, QemuYard } from './running.ts';

const why = missing();
beforeEach((ctx) => {
  if (why !== null) ctx.skip(why);
});

const machine = 'socket-web';

async function one() {
  const yard = await QemuYard.open();
  const vm = await yard.machine('web', [await yard.disk('a', 'qcow2', 8 * MiB), await yard.disk('b', 'raw', 8 * MiB)]);
  const snapshot = (owner = mark()) => yard.hypervisor.snapshot(machine, { quiesce: 'none', owner }, yard.call);
  /** What is left in QEMU itself: jobs, nodes, exports. */
  const inQemu = async (): Promise<string> =>
    JSON.stringify([
      await vm.execute('query-jobs'),
      await vm.execute('query-block-exports'),
      JSON.stringify(await vm.execute('query-named-block-nodes', { flat: true })).match(/hf-[^"]*/g),
    ]);
  return { yard, vm, snapshot, inQemu, [Symbol.asyncDispose]: () => yard[Symbol.asyncDispose]() };
}
const nothing = '[[],[],null]';

describe('whatever becomes of a snapshot, nothing of it is left', () => {
  test('when QEMU is killed in the middle: reading fails, and its scratch and socket go', async () => {
    await using it = await one();
    const { hypervisor, call } = it.yard;
    const taken = await it.snapshot();
    const source = await hypervisor.openDisk({ machine, snapshot: taken.id, disk: 'vda' }, call);
    if (source.kind !== 'nbd') throw new Error(source.kind);
    await using client = await NbdClient.connect(source.address, { export: source.export });
    await it.vm.kill();
    await expect(client.read(new Uint8Array(4096), 0)).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
    await hypervisor.closeDisk(source, call);
    expect(await it.yard.owned()).toEqual([taken.id]);
    await hypervisor.release(taken.id, call);
    expect(await it.yard.left()).toEqual([]);
    expect(await it.yard.owned()).toEqual([]);
  });

  test('when QEMU was killed and runs again', async () => {
    await using it = await one();
    const taken = await it.snapshot();
    await it.vm.kill();
    await it.vm.start();
    await it.yard.hypervisor.release(taken.id, it.yard.call);
    expect(await it.yard.left()).toEqual([]);
    expect(await it.inQemu()).toBe(nothing);
  });

  test('when Holdfast has died: another process finds it by its mark, and removes it', async () => {
    await using it = await one();
    const owner = mark();
    const taken = await it.snapshot(owner);
    const again = await it.yard.again();
    const things = [];
    for await (const thing of again.owned(it.yard.call)) things.push(thing);
    expect(things).toEqual([{ kind: 'snapshot', id: taken.id, title: 'snapshot of web', owner }]);
    await again.removeOwned(taken.id, it.yard.call);
    await again.removeOwned(taken.id, it.yard.call);
    expect(await it.yard.left()).toEqual([]);
    expect(await it.inQemu()).toBe(nothing);
    // Its server is gone too: QEMU has one, and the next snapshot needs it.
    await again.release((await it.snapshot()).id, it.yard.call);
  });

  test('when the folder of sockets was emptied by a restart of the host: the mark beside the scratch tells', async () => {
    await using it = await one();
    const taken = await it.snapshot();
    await it.vm.kill();
    const { rm } = await import('node:fs/promises');
    await rm(join(it.yard.sockets, '.holdfast'), { recursive: true });
    await it.vm.start();
    expect(await it.yard.owned()).toEqual([taken.id]);
    await it.yard.hypervisor.removeOwned(taken.id, it.yard.call);
    expect(await it.yard.left()).toEqual([]);
  });

  test('when it is cancelled, at any moment', { timeout: 120_000 }, async () => {
    await using it = await one();
    for (let afterMs = 0; afterMs < 40; afterMs += 2) {
      const controller = new AbortController();
      setTimeout(() => controller.abort(), afterMs);
      const call = makeCall({ signal: controller.signal });
      const taking = it.yard.hypervisor.snapshot(machine, { quiesce: 'none', owner: mark() }, call);
      const id = await taking.then(
        (taken) => taken.id,
        (thrown: { readonly code: string }) => thrown.code,
      );
      expect(id).toMatch(/^(CANCELLED$|qemu-)/);
      if (id === 'CANCELLED') expect(await it.vm.bitmaps()).toEqual([]);
      else {
        await it.yard.hypervisor.release(id, it.yard.call);
        await it.yard.hypervisor.retainTracking?.(machine, { site: mark().site, tokens: [] }, it.yard.call);
      }
      expect(await it.yard.left()).toEqual([]);
      expect(await it.inQemu()).toBe(nothing);
    }
  });

  test('when the disks of a machine are served to somebody else already: the second is refused and the first goes on', async () => {
    await using it = await one();
    const first = await it.snapshot();
    const theirs = mark('07e4e400-0000-4000-8000-000000000000');
    await expect(it.snapshot(theirs)).rejects.toMatchObject({ code: 'MACHINE_BUSY' });
    const { call, hypervisor } = it.yard;
    const source = await hypervisor.openDisk({ machine, snapshot: first.id, disk: 'vdb' }, call);
    if (source.kind !== 'nbd') throw new Error(source.kind);
    {
      await using client = await NbdClient.connect(source.address, { export: source.export });
      await client.read(new Uint8Array(4096), 0);
    }
    await hypervisor.closeDisk(source, call);
    expect(await it.yard.owned()).toEqual([first.id]);
    await hypervisor.release(first.id, call);
    expect(await it.yard.left()).toEqual([]);
  });

  test('when scratch cannot be written: nothing is begun, and the error names what to do', async () => {
    await using yard = await QemuYard.open({ scratch: '/proc/no-such-folder' });
    await yard.machine('web', [await yard.disk('a', 'qcow2', MiB)]);
    await expect(
      yard.hypervisor.snapshot(machine, { quiesce: 'none', owner: mark() }, yard.call),
    ).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE', remedy: expect.stringContaining('scratch') });
    expect(await yard.left()).toEqual([]);
  });
});

describe('a snapshot', () => {
  test('that somebody else has ended in QEMU is noticed before anything is committed', async () => {
    await using it = await one();
    const { hypervisor, call } = it.yard;
    const taken = await it.snapshot();
    const source = await hypervisor.openDisk({ machine, snapshot: taken.id, disk: 'vda' }, call);
    if (source.kind !== 'nbd') throw new Error(source.kind);
    await it.vm.execute('block-job-cancel', { device: source.export });
    while (JSON.stringify(await it.vm.execute('query-jobs')).includes(source.export));
    await expect(hypervisor.closeDisk(source, call)).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await hypervisor.release(taken.id, call);
    expect(await it.yard.left()).toEqual([]);
    expect(await it.inQemu()).toBe(nothing);
  });

  test('is never found in files that only look like a mark, and nothing that they name is removed', async () => {
    await using it = await one();
    const victim = join(it.yard.disks, 'precious');
    await writeFile(victim, 'mine');
    const taken = await it.snapshot();
    const home = join(it.yard.sockets, '.holdfast');
    const { readFile } = await import('node:fs/promises');
    const [name = ''] = await readdir(home);
    const text = await readFile(join(home, name, 'owner.json'), 'utf8');
    const record = JSON.parse(text) as { id: string; disks: { scratch: string }[] };
    for (const [forged, change] of Object.entries({
      aaaaaaaaaaaaaaa1: (one: typeof record) => ({
        ...one,
        id: 'qemu-aaaaaaaaaaaaaaa1',
        disks: [{ ...one.disks[0], scratch: victim }],
      }),
      aaaaaaaaaaaaaaa2: (one: typeof record) => one,
      aaaaaaaaaaaaaaa3: () => 'nonsense',
    })) {
      await mkdir(join(home, forged));
      await writeFile(join(home, forged, 'owner.json'), JSON.stringify(change(record)));
      await it.yard.hypervisor.removeOwned(`qemu-${forged}`, it.yard.call);
    }
    expect(await it.yard.owned()).toEqual([taken.id]);
    expect(await readFile(victim, 'utf8')).toBe('mine');
    for (const hostile of ['qemu-../../../../d', '..', '', 'qemu-aaaa']) {
      await it.yard.hypervisor.removeOwned(hostile, it.yard.call);
    }
    expect(await it.yard.owned()).toEqual([taken.id]);
  });
});
