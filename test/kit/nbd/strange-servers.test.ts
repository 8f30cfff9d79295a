import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NbdClient } from '../../../core/kit/nbd/client.ts';
import { noise } from '../../repository/sample-disks.ts';
import { newHandshake, numbers, oldHandshake, playServer, request, type Script } from './scripted.ts';

const disk = noise('strange', 65_536);
let folder: string;
let socket: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-nbd-strange-'));
  socket = join(folder, 'nbd.sock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const simple = (handle: Buffer, errno = 0): Buffer => Buffer.concat([numbers([0x67446698, 4], [errno, 4]), handle]);
const chunk = (handle: Buffer, flags: number, type: number, ...data: Buffer[]): Buffer => {
  const body = Buffer.concat(data);
  return Buffer.concat([numbers([0x668e33ef, 4], [flags, 2], [type, 2]), handle, numbers([body.length, 4]), body]);
};

describe('an old server', () => {
  test('that only knows exports by name is read all the same', async () => {
    await using _ = await playServer(socket, function* (say) {
      yield* oldHandshake(say, disk.length);
      for (;;) {
        const { handle, offset, length } = yield* request();
        say(simple(handle), disk.subarray(offset, offset + length));
      }
    });
    await using client = await NbdClient.connect({ socket }, { export: 'x', contexts: ['base:allocation'] });
    expect(client.facts).toMatchObject({ structured: false, contexts: [], canFlush: false });
    const into = Buffer.alloc(disk.length);
    await client.read(into, 0);
    expect(into.equals(disk)).toBe(true);
  });

  test('that knows no options at all is refused by name', async () => {
    await using _ = await playServer(socket, function* (say) {
      say(Buffer.from('NBDMAGIC', 'latin1'), numbers([0x0000420281861253n, 8], [disk.length, 8]), Buffer.alloc(128));
      yield Buffer.alloc(4);
    });
    await expect(NbdClient.connect({ socket }, { export: '' })).rejects.toMatchObject({
      code: 'ENDPOINT_UNREACHABLE',
      facts: { reason: 'oldstyle' },
    });
  });
});

describe('a server', () => {
  test('that sends the parts of an answer in any order, with holes, is understood', async () => {
    await using _ = await playServer(socket, function* (say) {
      yield* newHandshake(say, disk.length);
      const { handle } = yield* request();
      const data = (from: number, to: number): Buffer => Buffer.concat([numbers([from, 8]), disk.subarray(from, to)]);
      say(chunk(handle, 0, 1, data(40_000, 65_536)), chunk(handle, 0, 2, numbers([1000, 8], [9000, 4])));
      say(chunk(handle, 0, 1, data(0, 1000)), chunk(handle, 0, 1, data(10_000, 40_000)), chunk(handle, 1, 0));
    });
    await using client = await NbdClient.connect({ socket }, { export: '' });
    const into = Buffer.alloc(disk.length, 1);
    await client.read(into, 0);
    expect(into.equals(Buffer.from(disk).fill(0, 1000, 10_000))).toBe(true);
  });

  const wrong: [string, (handle: Buffer) => Buffer][] = [
    ['leaves out a part of a read', (handle) => chunk(handle, 1, 1, numbers([0, 8]), disk.subarray(0, 100))],
    ['sends more than was asked for', (handle) => chunk(handle, 1, 1, numbers([0, 8]), disk, Buffer.alloc(1))],
    ['sends bytes of another place', (handle) => chunk(handle, 1, 1, numbers([2n ** 63n, 8]), disk)],
    ['sends a part twice', (handle) => Buffer.concat([0, 0].map(() => chunk(handle, 0, 1, numbers([0, 8]), disk)))],
    ['answers another request', () => chunk(Buffer.alloc(8, 9), 1, 0)],
    ['does not say which bytes it sends, though it could', (handle) => Buffer.concat([simple(handle), disk])],
    ['speaks another language', () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['tells of allocation when it was asked to read', (handle) => chunk(handle, 1, 5, Buffer.alloc(12))],
    [
      'explains an error at length',
      (handle) => chunk(handle, 1, 0x8001, numbers([5, 4], [60_000, 2]), Buffer.alloc(60_000)),
    ],
  ];
  test.each(wrong)('that %s is not believed any more', async (_what, answer) => {
    await using _ = await playServer(socket, function* (say) {
      yield* newHandshake(say, disk.length);
      const { handle } = yield* request();
      say(answer(handle));
      yield* request();
    });
    await using client = await NbdClient.connect({ socket }, { export: '' });
    await expect(client.read(Buffer.alloc(disk.length), 0)).rejects.toMatchObject({ code: 'DISK_INVALID' });
    expect(client.isEnded).toBe(true);
    await expect(client.read(Buffer.alloc(1), 0)).rejects.toMatchObject({ code: 'DISK_INVALID' });
  });

  const talks: [string, Script][] = [
    [
      'greets as something else',
      function* (say) {
        say(Buffer.alloc(200, 65));
        yield Buffer.alloc(4);
      },
    ],
    [
      'says how large a disk is that nobody can have',
      function* (say) {
        yield* newHandshake(say, Number.MAX_SAFE_INTEGER + 1);
      },
    ],
    [
      'answers an option with more than there is to say',
      function* (say) {
        say(Buffer.from('NBDMAGICIHAVEOPT\0\x03', 'latin1'));
        yield Buffer.alloc(20);
        say(numbers([0x0003e889045565a9n, 8], [8, 4], [1, 4], [2 ** 31, 4]));
      },
    ],
    [
      'speaks out of turn',
      function* (say) {
        yield* newHandshake(say, disk.length);
        say(Buffer.alloc(5));
        yield Buffer.alloc(28);
      },
    ],
  ];
  test.each(talks)('that %s is left', async (_what, script) => {
    await using _ = await playServer(socket, script);
    const using = async (): Promise<void> => {
      await using client = await NbdClient.connect({ socket }, { export: '' });
      await client.read(Buffer.alloc(1), 0);
    };
    await expect(using()).rejects.toMatchObject({ code: 'DISK_INVALID' });
  });

  test('says nothing that could change a screen', async () => {
    await using _ = await playServer(socket, function* (say) {
      yield* newHandshake(say, disk.length);
      const { handle } = yield* request();
      const said = Buffer.from('no \u001b[2Jroom\u0007\u202e\n');
      say(chunk(handle, 1, 0x8001, numbers([28, 4], [said.length, 2]), said));
      yield* request();
    });
    await using client = await NbdClient.connect({ socket }, { export: '' });
    const failure = await client.read(Buffer.alloc(1), 0).catch((cause: Error) => cause);
    expect(String((failure as Error).message)).toMatch(/ENOSPC, no {2}?\[2Jroom$/);
  });
});
