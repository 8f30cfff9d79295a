import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listExports, NbdClient } from '../../../core/kit/nbd/client.ts';
import { noise } from '../../repository/sample-disks.ts';
import { missing, nbdkit, type Peer, qemuNbd } from './peers.ts';

const MiB = 1024 * 1024;
const none = { export: '' };

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-nbd-client-'));
  path = join(folder, 'disk.raw');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function readAll(peer: Peer, sizeBytes: number): Promise<Buffer> {
  await using client = await NbdClient.connect({ socket: peer.socket }, none);
  expect(client.sizeBytes).toBe(sizeBytes);
  const bytes = Buffer.alloc(sizeBytes);
  await client.read(bytes, 0);
  return bytes;
}

const variants: [string, readonly string[], readonly string[]][] = [
  ['that sends structured replies', [], []],
  ['that only knows simple replies', ['--no-sr'], []],
  ['that takes its time', ['--filter=delay'], ['rdelay=20ms', 'wdelay=10ms']],
];

describe('the NBD client with nbdkit', () => {
  test.for(variants)(
    'reads and writes at any place, many at a time, from a server %s',
    async ([_how, first, last], ctx) => {
      const absent = missing('nbdkit');
      if (absent !== null) return ctx.skip(absent);
      const disk = noise('client', 3 * MiB + 777);
      await writeFile(path, disk);
      await using peer = await nbdkit(...first, 'file', path, ...last);
      expect((await readAll(peer, disk.length)).equals(disk)).toBe(true);
      await using client = await NbdClient.connect({ socket: peer.socket }, none);
      const places = [
        [0, 1],
        [4095, 4098],
        [disk.length - 1, 1],
        [MiB - 3, 2 * MiB],
        [disk.length, 0],
      ] as const;
      const parts = places.map(([offset, length]) => ({ offset, bytes: Buffer.alloc(length) }));
      await Promise.all(parts.map(({ offset, bytes }) => client.read(bytes, offset)));
      for (const { offset, bytes } of parts)
        expect(bytes.equals(disk.subarray(offset, offset + bytes.length))).toBe(true);
      const news = noise('news', 2 * MiB + 5);
      news.copy(disk, 12_345);
      await client.write(news, 12_345);
      await client.write(Buffer.from('!'), disk.length - 1, { fua: true });
      disk.write('!', disk.length - 1);
      await client.zero(500_000, 100_001);
      disk.fill(0, 500_000, 600_001);
      await client.flush();
      await client.close();
      expect((await readFile(path)).equals(disk)).toBe(true);
    },
  );

  test('refuses to read beyond the disk before it asks', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using peer = await nbdkit('memory', '1000');
    await using client = await NbdClient.connect({ socket: peer.socket }, none);
    await expect(client.read(Buffer.alloc(2), 999)).rejects.toThrow(RangeError);
    await expect(client.write(Buffer.alloc(2), -1)).rejects.toThrow(RangeError);
    await client.read(Buffer.alloc(1000), 0);
  });

  test('honours the least and the largest block that the server takes, on a disk of odd size too', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    const blocks = ['blocksize-minimum=4096', 'blocksize-preferred=65536', 'blocksize-maximum=65536'];
    const disk = noise('blocks', MiB);
    await writeFile(path, disk);
    await using peer = await nbdkit(
      '--filter=blocksize-policy',
      'file',
      path,
      ...blocks,
      'blocksize-error-policy=error',
    );
    await using client = await NbdClient.connect({ socket: peer.socket }, none);
    expect(client.facts).toMatchObject({ minBlock: 4096, maxBlock: 65_536 });
    for (const [offset, length] of [
      [1, 1],
      [4095, 2],
      [100, 300_000],
      [0, MiB],
      [8192, 4096],
      [MiB - 1, 1],
    ] as const) {
      const into = Buffer.alloc(length);
      await client.read(into, offset);
      expect(into.equals(disk.subarray(offset, offset + length))).toBe(true);
    }
    // Each of these changes a part of the same few blocks: none may undo another.
    const writes = Array.from({ length: 40 }, (_, i) => ({ offset: 1000 + i * 700, bytes: noise(`write ${i}`, 650) }));
    for (const { offset, bytes } of writes) bytes.copy(disk, offset);
    await Promise.all(writes.map(({ offset, bytes }) => client.write(bytes, offset)));
    await client.zero(300_001, 70_000);
    disk.fill(0, 300_001, 370_001);
    await client.close();
    expect((await readFile(path)).equals(disk)).toBe(true);
  });

  test('reads the last bytes of a disk that is not a whole number of blocks', async (ctx) => {
    const absent = missing('qemu-nbd');
    if (absent !== null) return ctx.skip(absent);
    const disk = noise('odd', MiB + 1536);
    await writeFile(path, disk);
    await using peer = await qemuNbd('--format', 'raw', path);
    const into = Buffer.alloc(disk.length);
    await using client = await NbdClient.connect({ socket: peer.socket }, none);
    await client.read(into, 0);
    expect(into.equals(disk)).toBe(true);
    await client.read(into.subarray(0, 1), disk.length - 1);
    expect(into[0]).toBe(disk.at(-1));
  });

  test('names the error of the server, the disk and the place', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using peer = await nbdkit('--filter=error', 'memory', '1M', 'error=EIO', 'error-rate=100%');
    await using client = await NbdClient.connect({ socket: peer.socket }, none);
    await expect(client.read(Buffer.alloc(10), 4096)).rejects.toMatchObject({
      code: 'DISK_UNREADABLE',
      message: expect.stringMatching(/the default export at .*nbd\.sock could not be read at 4096, 10 bytes: EIO/),
      facts: { reason: 'EIO', offset: 4096, length: 10 },
    });
    await expect(client.write(Buffer.alloc(10), 0)).rejects.toMatchObject({ code: 'DISK_UNWRITABLE' });
    expect(client.isEnded).toBe(false);
  });
});

describe('the NBD client with qemu-nbd', () => {
  test('finds what is allocated, and which blocks a bitmap calls dirty', async (ctx) => {
    const absent = missing('qemu-nbd', 'qemu-img', 'qemu-io');
    if (absent !== null) return ctx.skip(absent);
    const { runProgram } = await import('./peers.ts');
    const image = join(folder, 'disk.qcow2');
    runProgram('qemu-img', ['create', '-q', '-f', 'qcow2', image, '64M']);
    runProgram('qemu-io', ['-c', 'write -q -P 7 1M 64k', image]);
    runProgram('qemu-img', ['bitmap', '--add', image, 'since']);
    runProgram('qemu-io', ['-c', 'write -q -P 8 10M 128k', image]);
    await using peer = await qemuNbd('--format', 'qcow2', '--read-only', '--bitmap', 'since', image);
    const contexts = ['base:allocation', 'qemu:dirty-bitmap:since', 'qemu:dirty-bitmap:other'];
    await using client = await NbdClient.connect({ socket: peer.socket }, { ...none, contexts });
    expect(client.facts.contexts).toEqual(contexts.slice(0, 2));
    const dirty = await Array.fromAsync(client.extents('qemu:dirty-bitmap:since'));
    expect(dirty).toEqual([
      { offset: 0, length: 10 * MiB, flags: 0 },
      { offset: 10 * MiB, length: 128 * 1024, flags: 1 },
      { offset: 10 * MiB + 128 * 1024, length: 54 * MiB - 128 * 1024, flags: 0 },
    ]);
    const data = (await Array.fromAsync(client.extents('base:allocation'))).filter(({ flags }) => flags === 0);
    expect(data).toEqual([
      { offset: MiB, length: 65_536, flags: 0 },
      { offset: 10 * MiB, length: 131_072, flags: 0 },
    ]);
    const part = await Array.fromAsync(client.extents('qemu:dirty-bitmap:since', 10 * MiB - 10, 20));
    expect(part).toEqual([
      { offset: 10 * MiB - 10, length: 10, flags: 0 },
      { offset: 10 * MiB, length: 10, flags: 1 },
    ]);
    expect(() => client.extents('qemu:dirty-bitmap:other')).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }));
  });

  test('lists exports, and says which one is not there', async (ctx) => {
    const absent = missing('qemu-nbd');
    if (absent !== null) return ctx.skip(absent);
    await writeFile(path, '');
    await truncate(path, MiB);
    await using peer = await qemuNbd('--format', 'raw', '-x', 'räume', '-D', 'a disk', path);
    expect(await listExports({ socket: peer.socket })).toEqual([{ name: 'räume', description: 'a disk' }]);
    await expect(NbdClient.connect({ socket: peer.socket }, { export: 'other' })).rejects.toMatchObject({
      code: 'DISK_UNREADABLE',
      facts: { export: 'other', reason: 'no-export' },
    });
  });

  test('trims and zeroes a whole disk, and zeros are what is left', async (ctx) => {
    const absent = missing('qemu-nbd');
    if (absent !== null) return ctx.skip(absent);
    await writeFile(path, noise('zero', 3 * MiB + 512));
    await using peer = await qemuNbd('--format', 'raw', '--discard=unmap', path);
    await using client = await NbdClient.connect({ socket: peer.socket }, none);
    await client.trim(0, MiB);
    await client.zero(0, 3 * MiB + 512);
    await client.flush();
    expect((await readFile(path)).every((byte) => byte === 0)).toBe(true);
  });
});

describe('a server that is no longer there', () => {
  test('ends what is under way with the reason, in mid-read', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using peer = await nbdkit('--filter=delay', 'memory', '64M', 'rdelay=5');
    const client = await NbdClient.connect({ socket: peer.socket }, none);
    const reads = [0, 1, 2].map((i) => client.read(Buffer.alloc(2 * MiB), i * 2 * MiB));
    const failed = Promise.allSettled(reads);
    await peer.kill();
    for (const end of await failed) expect(end).toMatchObject({ reason: { code: 'DISK_UNREADABLE' } });
    expect(client.isEnded).toBe(true);
    await expect(client.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'DISK_UNREADABLE' });
    await client.close();
  });

  test('and one that was never there is unreachable', async () => {
    const address = { socket: join(folder, 'nobody.sock') };
    const failure = { code: 'ENDPOINT_UNREACHABLE', facts: { reason: 'ENOENT' } };
    await expect(NbdClient.connect(address, none)).rejects.toMatchObject(failure);
    await expect(NbdClient.connect({ socket: `/${'x'.repeat(200)}` }, none)).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
    });
  });

  test('and one that accepts and says nothing is given up, by its time or by the caller', async () => {
    const silent = createServer(() => {});
    const socket = join(folder, 'silent.sock');
    await new Promise<void>((resolve) => silent.listen(socket, resolve));
    await expect(NbdClient.connect({ socket }, { ...none, timeoutMs: 50 })).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      facts: { reason: 'timeout' },
    });
    const abort = new AbortController();
    const connecting = NbdClient.connect({ socket }, { ...none, signal: abort.signal });
    abort.abort();
    await expect(connecting).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(NbdClient.connect({ socket }, { ...none, signal: abort.signal })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    silent.close();
  });

  test('and one that stops to answer is given up, and so is one that the caller has enough of', async (ctx) => {
    const absent = missing('nbdkit');
    if (absent !== null) return ctx.skip(absent);
    await using peer = await nbdkit('--filter=delay', 'memory', '64M', 'rdelay=60');
    const slow = await NbdClient.connect({ socket: peer.socket }, { ...none, timeoutMs: 200 });
    await expect(slow.read(Buffer.alloc(512), 0)).rejects.toMatchObject({
      code: 'DISK_UNREADABLE',
      facts: { reason: 'timeout' },
    });
    expect(slow.isEnded).toBe(true);
    const abort = new AbortController();
    const client = await NbdClient.connect({ socket: peer.socket }, { ...none, signal: abort.signal });
    const reading = client.read(Buffer.alloc(512), 0);
    abort.abort();
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    await client.close();
  });
});
