import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listExports, NbdClient } from '../../../core/kit/nbd/client.ts';
import { noise } from '../../repository/sample-disks.ts';
import { makePair, type Pair } from './certificates.ts';
import { has, missing, nbdkit, type Peer, qemuNbd, runProgram } from './peers.ts';

const absent = missing('nbdkit', 'openssl');
let folder: string;
let good: Pair;
let other: Pair;
let expired: Pair;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-nbd-tls-'));
  if (!has('openssl')) return;
  good = await makePair(folder, 'good', 'disks.example');
  other = await makePair(folder, 'other', 'disks.example');
  expired = await makePair(folder, 'expired', 'disks.example', -1);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const secured = (pair: Pair, ...rest: readonly string[]): Promise<Peer> =>
  nbdkit('--tls=require', `--tls-certificates=${pair.folder}`, ...rest);

describe('NBD over TLS', () => {
  test('reads and writes as it does in the clear', async (ctx) => {
    if (absent !== null) return ctx.skip(absent);
    await using peer = await secured(good, 'memory', '8M');
    const tls = { ca: good.ca, serverName: 'disks.example' };
    const address = { socket: peer.socket };
    await using client = await NbdClient.connect(address, { export: '', tls, contexts: ['base:allocation'] });
    const bytes = noise('tls', 3_000_001);
    await client.write(bytes, 1234);
    const back = Buffer.alloc(bytes.length);
    await client.read(back, 1234);
    expect(back.equals(bytes)).toBe(true);
    expect((await Array.fromAsync(client.extents('base:allocation'))).length).toBeGreaterThan(1);
    expect(await listExports(address, { tls })).toEqual([{ name: '', description: '' }]);
  });

  test('is spoken with QEMU too', async (ctx) => {
    const without = missing('qemu-nbd', 'openssl');
    if (without !== null) return ctx.skip(without);
    const image = join(folder, 'disk.raw');
    runProgram('qemu-img', ['create', '-q', '-f', 'raw', image, '1M']);
    const creds = `tls-creds-x509,id=tls0,dir=${good.folder},endpoint=server,verify-peer=no`;
    await using peer = await qemuNbd('--object', creds, '--tls-creds', 'tls0', '--format', 'raw', image);
    const tls = { ca: good.ca, serverName: 'disks.example' };
    await using client = await NbdClient.connect({ socket: peer.socket }, { export: '', tls });
    expect(client.sizeBytes).toBe(1024 * 1024);
  });

  test.for<[string, () => Pair, () => string, string, RegExp]>([
    [
      'an authority that is not the one to trust',
      () => good,
      () => other.ca,
      'disks.example',
      /SIGNATURE|SELF_SIGNED|VERIFY/,
    ],
    ['another name', () => good, () => good.ca, 'backup.example', /ALTNAME/],
    ['a name instead of an address', () => good, () => good.ca, '127.0.0.1', /ALTNAME/],
    ['a date that has passed', () => expired, () => expired.ca, 'disks.example', /EXPIRED/],
  ])('refuses a certificate with %s', async ([_what, pair, ca, serverName, reason], ctx) => {
    if (absent !== null) return ctx.skip(absent);
    await using peer = await secured(pair(), 'memory', '1M');
    const connecting = NbdClient.connect({ socket: peer.socket }, { export: '', tls: { ca: ca(), serverName } });
    await expect(connecting).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      facts: { reason: expect.stringMatching(reason) },
    });
  });

  test('trusts nobody when it is given nobody to trust, not even whom this machine trusts', async (ctx) => {
    if (absent !== null) return ctx.skip(absent);
    await using peer = await secured(good, 'memory', '1M');
    const connecting = NbdClient.connect({ socket: peer.socket }, { export: '', tls: { ca: '', serverName: 'x' } });
    await expect(connecting).rejects.toMatchObject({ code: 'ENDPOINT_UNREACHABLE' });
  });

  test('is refused to a client in the clear by a server that wants it', async (ctx) => {
    if (absent !== null) return ctx.skip(absent);
    await using peer = await secured(good, 'memory', '1M');
    await expect(NbdClient.connect({ socket: peer.socket }, { export: '' })).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      facts: { reason: 'tls-required' },
    });
  });

  test('is never given up for the clear: a server without it hears nothing more', async (ctx) => {
    if (absent !== null) return ctx.skip(absent);
    await using peer = await nbdkit('memory', '1M');
    const tls = { ca: good.ca, serverName: 'disks.example' };
    await expect(NbdClient.connect({ socket: peer.socket }, { export: 'secret', tls })).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      facts: { reason: 'no-tls' },
    });
  });

  test.for<[string, boolean]>([
    ['refuses', false],
    ['agrees and speaks on in the clear', true],
  ])('sends no name of an export to somebody in between who %s', async ([_what, agrees], ctx) => {
    if (absent !== null) return ctx.skip(absent);
    let heard = '';
    const server = createServer((socket: Socket) => {
      const greeting = Buffer.from('NBDMAGICIHAVEOPT\0\x03', 'latin1');
      socket.on('error', () => {});
      socket.write(greeting);
      socket.on('data', (bytes) => {
        heard += bytes.toString('latin1');
        if (heard.length < 20 || !heard.endsWith('\0\0\0\x05\0\0\0\0')) return;
        const reply = Buffer.alloc(20);
        reply.writeBigUInt64BE(0x0003e889045565a9n);
        reply.writeUInt32BE(5, 8);
        reply.writeUInt32BE(agrees ? 1 : 0x8000_0001, 12);
        // What follows could pass for words that were spoken under TLS.
        socket.write(agrees ? Buffer.concat([reply, reply]) : reply);
      });
    });
    const socket = join(folder, `between-${agrees}.sock`);
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    const tls = { ca: good.ca, serverName: 'disks.example' };
    const connecting = NbdClient.connect({ socket }, { export: 'secret', tls });
    await expect(connecting).rejects.toMatchObject({ code: agrees ? 'DISK_INVALID' : 'ENDPOINT_UNREACHABLE' });
    expect(heard).not.toContain('secret');
    server.close();
  });
});
