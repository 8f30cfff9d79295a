import { join } from 'node:path';
import { type DiskSink, type DiskSource, makeCall } from '@holdfast/api';
import { describe, expect, it } from 'vitest';
import { openDiskSink, openDiskSource } from '../../../core/kit/disk/open.ts';
import type { DataPlane } from '../../../core/repository/data-plane.ts';
import type { DiskContents } from '../../../core/repository/disk-contents.ts';
import { missing, nbdkit, type Peer, qemuNbd } from '../../kit/nbd/peers.ts';
import { changedDisk, emptyImage, rawImage, sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';
import { expectRestored, newLease, openPlaneLab, smallSuite, writeDisk } from './plane-lab.ts';

const MiB = 1024 * 1024;

const offered = (peer: Peer, sizeBytes: number): DiskSource & DiskSink => ({
  kind: 'nbd',
  address: { socket: peer.socket },
  export: '',
  sizeBytes,
});

async function write(
  plane: DataPlane,
  from: DiskSource,
  how: Parameters<typeof writeDisk>[3] = {},
  base: DiskContents | null = null,
) {
  await plane.refresh(makeCall());
  const writer = plane.openWriter(newLease());
  try {
    const written = await writer.writeDisk(from, base, how, makeCall());
    await writer.flush(makeCall());
    return written;
  } finally {
    await writer.abandon();
  }
}

describe('a disk that is read over the network', () => {
  it('becomes the same restore point as the same disk in a file', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers: 2 });
    // Not a whole number of blocks, windows or segments.
    const disk = sampleDisk('network', 9 * MiB + 1234);
    const file = await rawImage(lab.folder, 'disk.raw', disk);
    await using peer = await nbdkit('file', file.path);
    const { contents: local } = await writeDisk(lab, lab.plane, disk);
    const { contents } = await write(lab.plane, offered(peer, disk.length));
    expect(contents).toEqual(local);
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it('is read whole and right from a server that refuses one read in twenty', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers: 2 });
    const disk = sampleDisk('refused', 24 * MiB);
    const file = await rawImage(lab.folder, 'disk.raw', disk);
    await using peer = await nbdkit('--filter=error', 'file', file.path, 'error=EIO', 'error-pread-rate=5%');
    const { contents } = await write(lab.plane, offered(peer, disk.length));
    await expectRestored(lab, lab.plane, contents, disk);
  });

  it.for([0, 1, 12, 200])(
    'gives the same increment as a file when %i blocks of it have changed',
    async (blocks, ctx) => {
      const absent = missing('nbdkit');
      if (absent !== null) return ctx.skip(absent);
      await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers: 2 });
      const old = sampleDisk('tracked', 12 * MiB + 4096);
      const { disk, extents } = changedDisk(old, 'tracked/change', blocks);
      const { contents: base } = await writeDisk(lab, lab.plane, old);
      const file = await rawImage(lab.folder, 'disk.raw', disk);
      await using peer = await nbdkit('--filter=delay', 'file', file.path, 'rdelay=2ms');
      const { contents, moved } = await write(lab.plane, offered(peer, disk.length), { extents }, base);
      await expectRestored(lab, lab.plane, contents, disk);
      const local = await writeDisk(lab, lab.plane, disk, { extents }, base);
      expect(contents).toEqual(local.contents);
      // A little more is read ahead than turns out to be needed.
      expect(moved.readBytes).toBeLessThanOrEqual(local.moved.readBytes * 1.3 + MiB);
    },
  );

  it('is only read where its server says that it holds data', async (ctx) => {
    const absent = missing('qemu-nbd');
    if (absent !== null) return ctx.skip(absent);
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers: 2 });
    const disk = Buffer.alloc(20 * MiB);
    sampleDisk('sparse', 2 * MiB).copy(disk, 5 * MiB);
    sampleDisk('sparse/2', MiB).copy(disk, 17 * MiB + 4096);
    const image = await emptyImage(lab.folder, 'sparse.raw', disk.length);
    const sink = await openDiskSink(image.sink);
    for (const [from, to] of [
      [5, 7],
      [17, 19],
    ] as const)
      await sink.write(disk.subarray(from * MiB, to * MiB), from * MiB);
    await sink.close();
    await using peer = await qemuNbd('--format', 'raw', image.sink.path);
    const { contents, moved } = await write(lab.plane, offered(peer, disk.length));
    await expectRestored(lab, lab.plane, contents, disk);
    expect(moved.readBytes).toBeLessThan(10 * MiB);
  });

  it('does not keep anybody waiting who cancels while its server is silent', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers: 2 });
    await using peer = await nbdkit('--filter=delay', 'pattern', '16M', 'rdelay=600');
    const abort = new AbortController();
    await lab.plane.refresh(makeCall());
    const writer = lab.plane.openWriter(newLease());
    const writing = writer.writeDisk(offered(peer, 16 * MiB), null, {}, makeCall({ signal: abort.signal }));
    setTimeout(() => abort.abort(), 200);
    // The server would answer in ten minutes, and the client would wait for half of one.
    await expect(writing).rejects.toMatchObject({ code: 'CANCELLED' });
    await writer.abandon();
  }, 15_000);

  it('can be restored to a server, whose empty disk then holds every byte', async (ctx) => {
    const absent = missing('qemu-nbd');
    if (absent !== null) return ctx.skip(absent);
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers: 2 });
    const disk = sampleDisk('restored', 9 * MiB + 512);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    const image = await emptyImage(lab.folder, 'sink.raw', disk.length);
    await using peer = await qemuNbd('--format', 'raw', join(lab.folder, 'sink.raw'));
    await lab.plane.restoreDisk(contents, offered(peer, disk.length) as DiskSink, makeCall());
    expect((await image.bytes()).equals(disk)).toBe(true);
    const reader = await openDiskSource(offered(peer, disk.length));
    const found = Buffer.alloc(disk.length);
    await reader.read(found, 0);
    await reader.close();
    expect(found.equals(disk)).toBe(true);
  });

  it('is restored nowhere when the server refuses a write, and the restore says so', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using lab = await openPlaneLab(new MemoryStore(), { suite: smallSuite, workers: 2 });
    const disk = sampleDisk('refusing', 4 * MiB);
    const { contents } = await writeDisk(lab, lab.plane, disk);
    await using peer = await nbdkit('--filter=error', 'memory', '4M', 'error=ENOSPC', 'error-pwrite-rate=20%');
    const restoring = lab.plane.restoreDisk(contents, offered(peer, disk.length) as DiskSink, makeCall());
    await expect(restoring).rejects.toMatchObject({ code: 'DISK_UNWRITABLE', facts: { reason: 'ENOSPC' } });
  });
});
