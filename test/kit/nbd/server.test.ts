import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FileSource } from '@holdfast/api';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDiskSink, openDiskSource } from '../../../core/kit/disk/open.ts';
import type { DiskReader } from '../../../core/kit/disk/reader.ts';
import { listExports, NbdClient } from '../../../core/kit/nbd/client.ts';
import { type ServeNbd, serveNbd } from '../../../core/kit/nbd/server.ts';
import { noise } from '../../repository/sample-disks.ts';
import { makePair } from './certificates.ts';
import { missing } from './peers.ts';

const MiB = 1024 * 1024;
// The server runs in this process: whoever waits for a program without letting it work waits for ever.
const run = promisify(execFile);

let folder: string;
let socket: string;
let stack: AsyncDisposableStack;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-nbd-server-'));
  socket = join(folder, 'nbd.sock');
  stack = new AsyncDisposableStack();
});
afterEach(async () => {
  await stack.disposeAsync();
  await rm(folder, { recursive: true, force: true });
});

/** A disk with holes, as a file and open. */
async function sparseDisk(): Promise<{ readonly path: string; readonly bytes: Buffer; readonly reader: DiskReader }> {
  const path = join(folder, 'disk.raw');
  const bytes = Buffer.alloc(24 * MiB + 512);
  noise('served', 2 * MiB).copy(bytes, 3 * MiB);
  noise('served/2', MiB).copy(bytes, 20 * MiB);
  await writeFile(path, '');
  await truncate(path, bytes.length);
  const writer = await openDiskSink({ kind: 'file', path, format: 'raw', sizeBytes: bytes.length });
  await writer.write(bytes.subarray(3 * MiB, 5 * MiB), 3 * MiB);
  await writer.write(bytes.subarray(20 * MiB, 21 * MiB), 20 * MiB);
  await writer.close();
  return { path, bytes, reader: await open(path, bytes.length) };
}

async function open(path: string, sizeBytes: number): Promise<DiskReader> {
  const source: FileSource = { kind: 'file', path, format: 'raw', chain: [], sizeBytes };
  const reader = await openDiskSource(source);
  stack.defer(() => reader.close());
  return reader;
}

async function serve(how: Omit<ServeNbd, 'listen'>): Promise<string[]> {
  const said: string[] = [];
  stack.use(await serveNbd({ listen: { socket }, log: (what, facts) => said.push(`${what} ${facts.reason}`), ...how }));
  return said;
}

const uri = (name = ''): string => `nbd+unix:///${name}?socket=${socket}`;

describe('disks that are served', () => {
  test('are the same to qemu-img, byte for byte, and as sparse', async (ctx) => {
    const absent = missing('qemu-img');
    if (absent !== null) return ctx.skip(absent);
    const { path, reader } = await sparseDisk();
    await serve({ exports: { disk: { reader } } });
    const compared = await run('qemu-img', ['compare', '-f', 'raw', '-F', 'raw', path, uri('disk')]);
    expect(compared.stdout).toContain('Images are identical');
    const copy = join(folder, 'copy.qcow2');
    await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', uri('disk'), copy]);
    await run('qemu-img', ['compare', '-f', 'raw', '-F', 'qcow2', path, copy]);
    expect((await stat(copy)).size).toBeLessThan(5 * MiB);
  });

  test('are told of, mapped and copied over several connections by libnbd', async (ctx) => {
    const absent = missing('nbdinfo', 'nbdcopy');
    if (absent !== null) return ctx.skip(absent);
    const { bytes, reader } = await sparseDisk();
    await serve({ exports: { '': { reader }, weekly: { reader, description: 'of Sunday' } } });
    const { stdout: listed } = await run('nbdinfo', ['--list', '--json', `nbd+unix://?socket=${socket}`]);
    const told = JSON.parse(listed) as {
      exports: { 'export-name': string; description?: string; 'export-size': number }[];
    };
    expect(told.exports.map((one) => [one['export-name'], one.description, one['export-size']])).toEqual([
      ['', undefined, bytes.length],
      ['weekly', 'of Sunday', bytes.length],
    ]);
    const { stdout: map } = await run('nbdinfo', ['--map', '--json', uri('weekly')]);
    const extents = JSON.parse(map) as { offset: number; length: number; type: number }[];
    expect(extents.filter(({ type }) => type === 0).map(({ offset, length }) => [offset, length])).toEqual([
      [3 * MiB, 2 * MiB],
      [20 * MiB, MiB],
    ]);
    const copy = join(folder, 'copy.raw');
    await run('nbdcopy', ['--connections=4', uri('weekly'), copy]);
    expect((await readFile(copy)).equals(bytes)).toBe(true);
    const wrong = await run('nbdinfo', [uri('nothing')]).catch((cause: { stderr: string }) => cause);
    expect(wrong.stderr).toContain('nothing');
  });

  test('can be written where they may, and are flushed; and cannot where they may not', async (ctx) => {
    const absent = missing('nbdcopy');
    if (absent !== null) return ctx.skip(absent);
    const path = join(folder, 'sink.raw');
    await writeFile(path, '');
    await truncate(path, 5 * MiB);
    const reader = await open(path, 5 * MiB);
    const writer = await openDiskSink({ kind: 'file', path, format: 'raw', sizeBytes: 5 * MiB });
    stack.defer(() => writer.close());
    await serve({ exports: { rw: { reader, writer }, ro: { reader, writer, readOnly: true } } });
    const bytes = noise('written', 5 * MiB);
    await writeFile(join(folder, 'from.raw'), bytes);
    await run('nbdcopy', ['--flush', join(folder, 'from.raw'), uri('rw')]);
    expect((await readFile(path)).equals(bytes)).toBe(true);
    await using client = await NbdClient.connect({ socket }, { export: 'ro' });
    expect(client.facts.readOnly).toBe(true);
    await expect(client.write(Buffer.alloc(3 * MiB), 0)).rejects.toMatchObject({ facts: { reason: 'EPERM' } });
    expect((await readFile(path)).equals(bytes)).toBe(true);
    await using other = await NbdClient.connect({ socket }, { export: 'rw' });
    await other.write(Buffer.from('end'), 5 * MiB - 3, { fua: true });
    await other.zero(10, 3 * MiB);
    bytes.fill(0, 10, 3 * MiB + 10).write('end', 5 * MiB - 3);
    expect((await readFile(path)).equals(bytes)).toBe(true);
  });

  test('that cannot be read are an error to the client, never wrong bytes, and the next read is right', async () => {
    let isBroken = true;
    const bytes = noise('broken', 3 * MiB);
    const reader: DiskReader = {
      sizeBytes: bytes.length,
      read: async (into, offset) => {
        if (isBroken && offset >= MiB) throw new Error('EIO');
        bytes.copy(into, 0, offset, offset + into.length);
      },
      allocated: async () => [{ offset: 0, length: bytes.length }],
      close: () => {},
    };
    await serve({ exports: { '': { reader } } });
    await using client = await NbdClient.connect({ socket }, { export: '' });
    const into = Buffer.alloc(bytes.length);
    await expect(client.read(into, 0)).rejects.toMatchObject({ code: 'DISK_UNREADABLE', facts: { reason: 'EIO' } });
    isBroken = false;
    await client.read(into, 0);
    expect(into.equals(bytes)).toBe(true);
  });

  test('are only told of to who speaks TLS, where that is wanted, and shows who it is', async (ctx) => {
    const absent = missing('openssl', 'nbdinfo');
    if (absent !== null) return ctx.skip(absent);
    const { bytes, reader } = await sparseDisk();
    const pair = await makePair(folder, 'pair', 'restore.example');
    await serve({ exports: { '': { reader } }, tls: { key: pair.key, cert: pair.cert } });
    const tls = { ca: pair.ca, serverName: 'restore.example' };
    await using client = await NbdClient.connect({ socket }, { export: '', tls, contexts: ['base:allocation'] });
    const into = Buffer.alloc(bytes.length);
    await client.read(into, 0);
    expect(into.equals(bytes)).toBe(true);
    await expect(listExports({ socket })).rejects.toMatchObject({ facts: { reason: 'tls-required' } });
    const refused = await run('nbdinfo', [uri()]).catch((cause: { stderr: string }) => cause);
    expect(refused.stderr).toMatch(/not supported|TLS/i);

    const inner = join(folder, 'mutual.sock');
    const mutual = await serveNbd({
      listen: { socket: inner },
      exports: { '': { reader } },
      tls: { key: pair.key, cert: pair.cert, ca: pair.ca },
    });
    stack.use(mutual);
    await expect(NbdClient.connect({ socket: inner }, { export: '', tls })).rejects.toMatchObject({
      code: expect.stringMatching(/ENDPOINT_UNREACHABLE|DISK_UNREADABLE/),
    });
  });

  test('are not served to who hides words in the clear behind the agreement to speak TLS', async (ctx) => {
    const absent = missing('openssl');
    if (absent !== null) return ctx.skip(absent);
    const { reader } = await sparseDisk();
    const { key, cert } = await makePair(folder, 'pair', 'restore.example');
    const said = await serve({ exports: { '': { reader } }, tls: { key, cert } });
    const client = connect(socket)
      .on('error', () => {})
      .resume();
    const startTls = Buffer.from('IHAVEOPT\0\0\0\x05\0\0\0\0', 'latin1');
    const list = Buffer.from('IHAVEOPT\0\0\0\x03\0\0\0\0', 'latin1');
    client.write(Buffer.concat([Buffer.from([0, 0, 0, 3]), startTls, list]));
    await new Promise((resolve) => client.once('close', resolve));
    expect(said).toEqual(['a client was hung up on it spoke on before TLS began']);
  });

  test('stay served while other clients are silent, rude or too many', async () => {
    const { bytes, reader } = await sparseDisk();
    const said = await serve({ exports: { '': { reader } }, limits: { connections: 8, handshakeMs: 200 } });
    const silent = Array.from({ length: 20 }, () =>
      connect(socket)
        .on('error', () => {})
        .resume(),
    );
    const ended = Promise.all(silent.map((one) => new Promise((resolve) => one.once('close', resolve))));
    await ended;
    expect(said.some((line) => line.startsWith('too many clients'))).toBe(true);
    expect(said.some((line) => line.includes('takes too long'))).toBe(true);
    await using client = await NbdClient.connect({ socket }, { export: '' });
    const into = Buffer.alloc(MiB);
    await client.read(into, 3 * MiB);
    expect(into.equals(bytes.subarray(3 * MiB, 4 * MiB))).toBe(true);
  });

  test('are let go when the server is closed, which refuses a place that is taken', async () => {
    const { reader } = await sparseDisk();
    const server = await serveNbd({ listen: { host: '127.0.0.1', port: 0 }, exports: { '': { reader } } });
    const { address } = server;
    if (!('port' in address)) throw new Error('it was to listen at a port');
    await expect(serveNbd({ listen: address, exports: {} })).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    const client = await NbdClient.connect(address, { export: '' });
    const reading = client.read(Buffer.alloc(20 * MiB), 0).catch(() => {});
    await server.close();
    await server.close();
    await reading;
    await client.close();
    await expect(NbdClient.connect(address, { export: '' })).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  });

  test('are read by a client that does not take what it asked for, without filling memory', async () => {
    const reader: DiskReader = {
      sizeBytes: 1024 * MiB,
      read: async (into) => void into.fill(1),
      allocated: async () => [],
      close: () => {},
    };
    await serve({ exports: { '': { reader } } });
    let asked = 0;
    const counting: DiskReader = {
      ...reader,
      read: async (into) => {
        asked += into.length;
      },
    };
    const greedy = join(folder, 'greedy.sock');
    stack.use(await serveNbd({ listen: { socket: greedy }, exports: { '': { reader: counting } } }));
    const client = connect(greedy).on('error', () => {});
    stack.defer(() => void client.destroy());
    const name = Buffer.from('IHAVEOPT\0\0\0\x01\0\0\0\0', 'latin1');
    client.write(Buffer.concat([Buffer.from([0, 0, 0, 3]), name]));
    const request = Buffer.alloc(28);
    request.writeUInt32BE(0x25609513);
    request.writeUInt32BE(16 * MiB, 24);
    client.pause();
    client.write(Buffer.concat(Array.from({ length: 1000 }, () => request)));
    await expect.poll(() => asked).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(asked).toBeLessThan(64 * MiB);
  });
});
