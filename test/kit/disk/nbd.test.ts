import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NbdSource } from '@holdfast/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDiskSink, openDiskSource } from '../../../core/kit/disk/open.ts';
import { noise } from '../../repository/sample-disks.ts';
import { missing, nbdkit, type Peer, qemuNbd } from '../nbd/peers.ts';
import { newHandshake, playServer, request } from '../nbd/scripted.ts';

const MiB = 1024 * 1024;
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-nbd-disk-'));
  path = join(folder, 'disk.raw');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const at = (peer: Pick<Peer, 'socket'>, sizeBytes: number): NbdSource => ({
  kind: 'nbd',
  address: { socket: peer.socket },
  export: '',
  sizeBytes,
});

describe('a disk on an NBD server', () => {
  test('is read whole and right when the server refuses one read in twenty', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    const disk = noise('refusing', 32 * MiB);
    await writeFile(path, disk);
    await using peer = await nbdkit('--filter=error', 'file', path, 'error=EIO', 'error-pread-rate=5%');
    const reader = await openDiskSource(at(peer, disk.length));
    const into = Buffer.alloc(disk.length);
    const places = Array.from({ length: 128 }, (_, i) => i * 256 * 1024);
    await Promise.all(places.map(async (from) => reader.read(into.subarray(from, from + 256 * 1024), from)));
    expect(into.equals(disk)).toBe(true);
    await reader.close();
  });

  test('that cannot be read at all is given up, and the error names the place', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using peer = await nbdkit('--filter=error', 'memory', '1M', 'error=EIO', 'error-pread-rate=100%');
    const reader = await openDiskSource(at(peer, MiB));
    await expect(reader.read(Buffer.alloc(4096), 8192)).rejects.toMatchObject({
      code: 'DISK_UNREADABLE',
      facts: { reason: 'EIO', offset: 8192 },
    });
    await reader.close();
  });

  test('is read on after its server was killed in mid-read and is there again', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    const disk = noise('killed', 8 * MiB);
    await writeFile(path, disk);
    await using peer = await nbdkit('--filter=delay', 'file', path, 'rdelay=300ms');
    const reader = await openDiskSource(at(peer, disk.length));
    const into = Buffer.alloc(disk.length);
    const reading = reader.read(into, 0);
    await peer.kill();
    await peer.again();
    await reading;
    expect(into.equals(disk)).toBe(true);
    await reader.close();
  });

  test('is DISK_CHANGED when the server comes back with a disk of another size, or had it from the beginning', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await writeFile(path, noise('before', MiB));
    await using peer = await nbdkit('file', path);
    await expect(openDiskSource(at(peer, MiB + 512))).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    const reader = await openDiskSource(at(peer, MiB));
    await peer.kill();
    await writeFile(path, noise('after', 2 * MiB));
    await peer.again();
    await expect(reader.read(Buffer.alloc(10), 0)).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    await reader.close();
  });

  test('is DISK_UNREADABLE when its server does not come back', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using peer = await nbdkit('memory', '1M');
    const reader = await openDiskSource(at(peer, MiB));
    await peer.kill();
    await expect(reader.read(Buffer.alloc(10), 0)).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
    await reader.close();
    await reader.close();
  });

  test('is not read on when its server breaks the protocol', async () => {
    let connections = 0;
    const socket = join(folder, 'strange.sock');
    await using _ = await playServer(socket, function* (say) {
      connections++;
      yield* newHandshake(say, MiB);
      yield* request();
      say(Buffer.alloc(100, 1));
    });
    const reader = await openDiskSource(at({ socket }, MiB));
    await expect(reader.read(Buffer.alloc(10), 0)).rejects.toMatchObject({ code: 'DISK_INVALID' });
    expect(connections).toBe(1);
    await reader.close();
  });

  test('tells what holds data; all of it when the server cannot', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    const fill = ['data', 'data=@1048576 1 2 3', 'size=8M'];
    await using peer = await nbdkit(...fill);
    const reader = await openDiskSource(at(peer, 8 * MiB));
    const [first, ...others] = await reader.allocated();
    expect(others).toEqual([]);
    expect(first?.offset).toBe(MiB);
    expect(first?.length).toBeLessThan(MiB);
    await reader.close();
    await using simple = await nbdkit('--no-sr', ...fill);
    const plain = await openDiskSource(at(simple, 8 * MiB));
    expect(await plain.allocated()).toEqual([{ offset: 0, length: 8 * MiB }]);
    await plain.close();
  });

  test('is written from several places at once, and made durable', async (ctx) => {
    const absent = missing('qemu-nbd');
    if (absent !== null) return ctx.skip(absent);
    const disk = noise('written', 4 * MiB + 512);
    await writeFile(path, Buffer.alloc(disk.length));
    await using peer = await qemuNbd('--format', 'raw', path);
    const sinks = await Promise.all([0, 1].map(() => openDiskSink(at(peer, disk.length))));
    await Promise.all(
      sinks.map(async (sink, i) => {
        for (let from = i * 65_536; from < disk.length; from += 2 * 65_536)
          await sink.write(disk.subarray(from, from + 65_536), from);
        await sink.sync();
        await sink.close();
      }),
    );
    const reader = await openDiskSource(at(peer, disk.length));
    const into = Buffer.alloc(disk.length);
    await reader.read(into, 0);
    await reader.close();
    expect(into.equals(disk)).toBe(true);
  });

  test('is not written when it is read-only or of another size; and nothing is flushed after a write failed', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using readOnly = await nbdkit('--readonly', 'memory', '1M');
    await expect(openDiskSink(at(readOnly, MiB))).rejects.toMatchObject({ code: 'DISK_UNWRITABLE' });
    await expect(openDiskSink(at(readOnly, MiB - 1))).rejects.toMatchObject({ code: 'DISK_CHANGED' });
    const coarse = ['blocksize-minimum=65536', 'blocksize-preferred=65536', 'blocksize-maximum=1M'];
    await using large = await nbdkit('--filter=blocksize-policy', 'memory', '1M', ...coarse);
    await expect(openDiskSink(at(large, MiB))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
    await using full = await nbdkit('--filter=error', 'memory', '1M', 'error=ENOSPC', 'error-pwrite-rate=100%');
    const sink = await openDiskSink(at(full, MiB));
    const failure = { code: 'DISK_UNWRITABLE', facts: { reason: 'ENOSPC' } };
    await expect(sink.write(Buffer.alloc(512), 0)).rejects.toMatchObject(failure);
    await expect(sink.sync()).rejects.toMatchObject(failure);
    await sink.close();
  });
});
