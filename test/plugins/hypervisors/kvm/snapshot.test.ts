import { appendFile, mkdir, readdir, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDiskSource } from '@holdfast/kit/disk/open';
import { describe, expect, test } from 'vitest';
import { call, list, makeFolder, open, owned, owner } from './fixture.ts';

const wish = { quiesce: 'none', owner } as const;

async function oneMachine() {
  const folder = await makeFolder();
  const home = join(folder.path, 'web');
  await mkdir(home);
  await writeFile(join(home, 'a.raw'), Buffer.alloc(100_000, 1));
  await writeFile(join(home, 'b.raw'), Buffer.alloc(50_000, 2));
  const hypervisor = await open(folder.path);
  const [machine] = await list(hypervisor);
  if (machine === undefined) throw new Error('no machine');
  return { folder, home, hypervisor, id: machine.id, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

describe('the state of a machine that is off', () => {
  test('is read as it was, and leaves nothing behind when it is released', async () => {
    await using it = await oneMachine();
    const snapshot = await it.hypervisor.snapshot(it.id, wish, call);
    expect(snapshot).toMatchObject({
      machine: it.id,
      takenAt: 1_700_000_000_000,
      consistency: 'crash',
      frozenMs: 0,
      disks: [
        { key: 'vda', sizeBytes: 100_000, changeToken: null },
        { key: 'vdb', sizeBytes: 50_000, changeToken: null },
      ],
    });
    const source = await it.hypervisor.openDisk({ machine: it.id, snapshot: snapshot.id, disk: 'vdb' }, call);
    const reader = await openDiskSource(source);
    const bytes = Buffer.alloc(50_000);
    await reader.read(bytes, 0);
    expect(bytes.equals(Buffer.alloc(50_000, 2))).toBe(true);
    await reader.close();
    await it.hypervisor.closeDisk(source, call);
    await it.hypervisor.closeDisk(source, call);
    await it.hypervisor.release(snapshot.id, call);
    await it.hypervisor.release(snapshot.id, call);
    await it.hypervisor.release('snapshot-00000000000000000000000000000000', call);
    expect(await owned(it.hypervisor)).toEqual([]);
    expect(await readdir(it.folder.path)).toEqual(['web']);
  });

  test('is still known to another process', async () => {
    await using it = await oneMachine();
    const snapshot = await it.hypervisor.snapshot(it.id, wish, call);
    const other = await open(it.folder.path);
    expect(await other.openDisk({ machine: it.id, snapshot: snapshot.id, disk: 'vda' }, call)).toMatchObject({
      sizeBytes: 100_000,
    });
    await other.release(snapshot.id, call);
  });

  test('is not quiesced any further than it is, and says so instead of giving less', async () => {
    await using it = await oneMachine();
    for (const quiesce of ['filesystem', 'application'] as const) {
      await expect(it.hypervisor.snapshot(it.id, { quiesce, owner }, call)).rejects.toMatchObject({
        code: 'QUIESCE_UNAVAILABLE',
      });
    }
  });

  test.each([
    ['grew', (image: string) => appendFile(image, 'more')],
    ['shrank', (image: string) => truncate(image, 512)],
    ['was written', (image: string) => utimes(image, 1, 1)],
  ])('is over when another of its disks %s before it is opened', async (_what, change) => {
    await using it = await oneMachine();
    const snapshot = await it.hypervisor.snapshot(it.id, wish, call);
    if (!snapshot.id.startsWith('held-')) return;
    await change(join(it.home, 'a.raw'));
    await expect(
      it.hypervisor.openDisk({ machine: it.id, snapshot: snapshot.id, disk: 'vdb' }, call),
    ).rejects.toMatchObject({
      code: 'DISK_CHANGED',
    });
  });

  test('is noticed to have changed while it was read, by the reader and when the disk is closed', async () => {
    await using it = await oneMachine();
    const source = await it.hypervisor.openDisk({ machine: it.id, disk: 'vda' }, call);
    const reader = await openDiskSource(source);
    await reader.read(Buffer.alloc(1000), 0);
    await writeFile(join(it.home, 'a.raw'), Buffer.alloc(100_000, 9));
    expect(() => reader.read(Buffer.alloc(1000), 5000)).toThrow(expect.objectContaining({ code: 'DISK_CHANGED' }));
    await expect(it.hypervisor.closeDisk(source, call)).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await expect(openDiskSource(source)).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await reader.close();
  });

  test('that vanishes in mid-run is an error that names the disk', async () => {
    await using it = await oneMachine();
    const snapshot = await it.hypervisor.snapshot(it.id, wish, call);
    const source = await it.hypervisor.openDisk({ machine: it.id, disk: 'vda' }, call);
    const reader = await openDiskSource(source);
    await rm(it.home, { recursive: true });
    expect(() => reader.read(Buffer.alloc(1000), 0)).toThrow(expect.objectContaining({ code: 'DISK_UNREADABLE' }));
    await expect(openDiskSource(source)).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
    const opened = it.hypervisor.openDisk({ machine: it.id, snapshot: snapshot.id, disk: 'vdb' }, call);
    // A copy that shares its blocks outlives what it was copied from.
    if (snapshot.id.startsWith('held-')) await expect(opened).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
    else await openDiskSource(await opened).then((copy) => copy.close());
    await expect(it.hypervisor.snapshot(it.id, wish, call)).rejects.toMatchObject({ code: 'MACHINE_NOT_FOUND' });
    await it.hypervisor.release(snapshot.id, call);
    await reader.close();
  });

  test('a disk that grew between two runs is read in its new size', async () => {
    await using it = await oneMachine();
    const first = await it.hypervisor.snapshot(it.id, wish, call);
    await it.hypervisor.release(first.id, call);
    await appendFile(join(it.home, 'a.raw'), Buffer.alloc(4096, 3));
    const second = await it.hypervisor.snapshot(it.id, wish, call);
    expect(second.disks[0]?.sizeBytes).toBe(104_096);
    expect(second.id).not.toBe(first.id);
  });

  test('a machine that was renamed in mid-run is still found', async () => {
    await using it = await oneMachine();
    const snapshot = await it.hypervisor.snapshot(it.id, wish, call);
    await rename(it.home, join(it.folder.path, 'renamed'));
    expect(await it.hypervisor.openDisk({ machine: it.id, snapshot: snapshot.id, disk: 'vda' }, call)).toMatchObject({
      sizeBytes: 100_000,
    });
  });
});
