import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Place } from '../../../core/kit/nbd/errors.ts';
import { Feed } from '../../../core/kit/nbd/feed.ts';
import { Handshake } from '../../../core/kit/nbd/handshake.ts';
import { Pending } from '../../../core/kit/nbd/pending.ts';
import { COMMAND } from '../../../core/kit/nbd/protocol.ts';
import { readReplies } from '../../../core/kit/nbd/replies.ts';
import { BadClient, type ServedDisk, ServerHandshake } from '../../../core/kit/nbd/server-handshake.ts';
import { ServerRequests } from '../../../core/kit/nbd/server-requests.ts';
import { noise } from '../../repository/sample-disks.ts';

const runs = 10_000;
const place = new Place({ socket: '/run/peer.sock' }, 'disk');
const disk = noise('malformed', 64 * 1024);
const served: ServedDisk = {
  reader: {
    sizeBytes: disk.length,
    read: (into, offset) => {
      if (offset + into.length > disk.length) throw new RangeError('beyond the disk');
      disk.copy(into, 0, offset, offset + into.length);
    },
    allocated: async () => [
      { offset: 4096, length: 8192 },
      { offset: 60_000, length: 100 },
    ],
    close: () => {},
  },
};
const exports = new Map([
  ['disk', served],
  ['other', { ...served, description: 'another' }],
]);

/** What both say when all goes well. */
function rehearse(wish: 'choose' | 'list'): { readonly byServer: Buffer; readonly byClient: Buffer } {
  const byServer: Buffer[] = [];
  const byClient: Buffer[] = [];
  const server = new ServerHandshake(exports, (...parts) => void byServer.push(Buffer.concat(parts)));
  const client = new Handshake(place, (...parts) => void byClient.push(Buffer.concat(parts)));
  const hearing = new Feed(
    (function* () {
      yield* server.greet();
      yield* server.negotiate(false);
    })(),
  );
  const asking = new Feed(
    (function* () {
      yield* client.greet();
      yield* wish === 'list' ? client.list() : client.choose(['base:allocation']);
    })(),
  );
  for (let [s, c] = [0, 0]; s < byServer.length || c < byClient.length; ) {
    if (s < byServer.length) asking.push(byServer[s++] as Buffer);
    else hearing.push(byClient[c++] as Buffer);
  }
  expect(asking.isDone && hearing.isDone).toBe(true);
  return { byServer: Buffer.concat(byServer), byClient: Buffer.concat(byClient) };
}

/** Ways to spoil bytes: change, leave out, put in, repeat, cut off. */
const spoiling = fc.array(
  fc.record({
    how: fc.constantFrom('flip', 'set', 'remove', 'insert', 'repeat', 'cut'),
    at: fc.nat(4096),
    value: fc.nat(255),
    length: fc.nat(40),
  }),
  { minLength: 1, maxLength: 4 },
);
type Spoiling = typeof spoiling extends fc.Arbitrary<infer T> ? T : never;

function spoil(bytes: Buffer, ways: Spoiling): Buffer {
  let spoiled = Buffer.from(bytes);
  for (const { how, at: where, value, length } of ways) {
    if (spoiled.length === 0) return spoiled;
    const at = where % spoiled.length;
    const [before, after] = [spoiled.subarray(0, at), spoiled.subarray(at)];
    if (how === 'flip') spoiled.writeUInt8((spoiled[at] ?? 0) ^ (1 << (value % 8)), at);
    else if (how === 'set') spoiled.fill(value, at, Math.min(spoiled.length, at + 1 + (length % 8)));
    else if (how === 'remove') spoiled = Buffer.concat([before, after.subarray(length)]);
    else if (how === 'insert') spoiled = Buffer.concat([before, Buffer.alloc(length, value), after]);
    else if (how === 'repeat') spoiled = Buffer.concat([before, after.subarray(0, length), after]);
    else spoiled = Buffer.from(before);
  }
  return spoiled;
}

/** Feeds bytes in pieces of some length. What it throws must be an error that was meant. */
function feed(
  program: () => Generator<Uint8Array, void, void>,
  bytes: Buffer,
  step: number,
  isMeant: (cause: unknown) => boolean,
) {
  try {
    const to = new Feed(program());
    for (let at = 0; at < bytes.length && !to.isDone; at += step) {
      // Nobody is made to take memory for more than a part of what was promised.
      expect(to.missing).toBeLessThanOrEqual(1024 * 1024);
      to.push(bytes.subarray(at, at + step));
    }
  } catch (cause) {
    if (!isMeant(cause)) throw cause;
  }
}

const isKnown = (cause: unknown): boolean => isHoldfastError(cause);
const isBadClient = (cause: unknown): boolean => cause instanceof BadClient;

describe(`${runs.toLocaleString('en')} malformed`, () => {
  test.each(['choose', 'list'] as const)(
    'answers of a server in the handshake (%s) end in an error or in nothing',
    (wish) => {
      const { byServer } = rehearse(wish);
      const before = process.memoryUsage().rss;
      fc.assert(
        fc.property(spoiling, fc.integer({ min: 1, max: 64 }), (ways, step) => {
          const client = new Handshake(place, () => {});
          const program = function* () {
            yield* client.greet();
            yield* wish === 'list' ? client.list() : client.choose(['base:allocation']);
          };
          feed(program, spoil(byServer, ways), step, isKnown);
        }),
        { numRuns: runs / 2 },
      );
      expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
    },
  );

  test('answers of a server to requests never fill a read with what was not sent for it', async () => {
    const chunk = fc.record({
      simple: fc.boolean(),
      flags: fc.constantFrom(0, 1),
      type: fc.constantFrom(0, 1, 1, 1, 1, 2, 2, 5, 6, 7, 0x8001, 0x8002, 0x9000),
      handle: fc.constantFrom(1n, 1n, 1n, 2n, 3n, 9n),
      start: fc.constantFrom(0, 0, 512, 1024, 1536, 4096, 2 ** 31),
      length: fc.constantFrom(0, 512, 512, 1024, 2048, 2 ** 20),
      excess: fc.constantFrom(0, 0, 0, 0, 0, 1, 8, 2 ** 31),
      errno: fc.constantFrom(0, 5, 28, 3_000_000_000),
    });
    const before = process.memoryUsage().rss;
    await fc.assert(
      fc.asyncProperty(
        fc.array(chunk, { maxLength: 6 }),
        fc.boolean(),
        fc.integer({ min: 1, max: 3000 }),
        async (chunks, isStructured, step) => {
          const into = Buffer.alloc(2048, 0xee);
          const pending = new Map([
            [1n, new Pending(place, COMMAND.read, 4096, 2048, into)],
            [2n, new Pending(place, COMMAND.blockStatus, 0, 65_536)],
            [3n, new Pending(place, COMMAND.write, 0, 512)],
          ]);
          const ends = new Map<bigint, string>();
          for (const [handle, one] of pending) {
            one.done.then(
              () => ends.set(handle, 'right'),
              () => ends.set(handle, 'refused'),
            );
          }
          const answered = {
            place,
            isStructured,
            contexts: new Map([[1, 'base:allocation']]),
            find: (handle: bigint) => pending.get(handle),
            finish: (handle: bigint) => {
              pending.get(handle)?.end();
              pending.delete(handle);
            },
          };
          const bytes = Buffer.concat(chunks.map(encode));
          feed(() => readReplies(answered), bytes, step, isKnown);
          await Promise.resolve();
          // Nothing that is sent has this byte. Simple replies do not say what they are.
          if (isStructured && ends.get(1n) === 'right') expect(into.includes(0xee)).toBe(false);
        },
      ),
      { numRuns: runs },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  }, 60_000);

  test('words of a client in the handshake end in its being hung up on, or in nothing', () => {
    const { byClient } = rehearse('choose');
    const before = process.memoryUsage().rss;
    fc.assert(
      fc.property(spoiling, fc.integer({ min: 1, max: 64 }), fc.boolean(), (ways, step, mustSecure) => {
        const server = new ServerHandshake(exports, () => {});
        const program = function* () {
          yield* server.greet();
          yield* server.negotiate(mustSecure);
        };
        feed(program, spoil(byClient, ways), step, isBadClient);
      }),
      { numRuns: runs },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  });

  test('requests of a client are answered or end in its being hung up on, and never read beyond the disk', async () => {
    const request = fc.record({
      command: fc.constantFrom(0, 0, 0, 1, 3, 4, 5, 6, 7, 7, 300),
      flags: fc.constantFrom(0, 1, 4, 8, 0xffff),
      offset: fc.constantFrom(0n, 4096n, 65_000n, 65_536n, 2n ** 63n, 2n ** 64n - 1n),
      length: fc.constantFrom(0, 1, 512, 65_536, 65_537, 2 ** 20, 2 ** 32 - 1),
    });
    const before = process.memoryUsage().rss;
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 5 }),
        spoiling,
        fc.boolean(),
        fc.boolean(),
        async (requests, ways, isStructured, isWhole) => {
          let failure: unknown = null;
          const speech = {
            send: async () => {},
            hold: () => {},
            fail: (cause: unknown) => {
              failure ??= cause;
            },
          };
          const agreed = { disk: served, isStructured, tellsAllocation: isStructured };
          const work = new ServerRequests(agreed, () => served.reader.allocated(), speech);
          const bytes = Buffer.concat(requests.map(encodeRequest));
          feed(() => work.read(), isWhole ? bytes : spoil(bytes, ways), 1000, isBadClient);
          await work.settled();
          expect(failure).toBeNull();
        },
      ),
      { numRuns: runs },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(256 * 1024 * 1024);
  }, 60_000);
});

function encode(chunk: {
  readonly simple: boolean;
  readonly flags: number;
  readonly type: number;
  readonly handle: bigint;
  readonly start: number;
  readonly length: number;
  readonly excess: number;
  readonly errno: number;
}): Buffer {
  if (chunk.simple) {
    const head = Buffer.alloc(16);
    head.writeUInt32BE(0x67446698);
    head.writeUInt32BE(chunk.errno, 4);
    head.writeBigUInt64BE(chunk.handle, 8);
    return Buffer.concat([head, Buffer.alloc(Math.min(chunk.length, 2048), 0xdd)]);
  }
  const offset = Buffer.alloc(8);
  offset.writeBigUInt64BE(BigInt(4096 + chunk.start));
  let body = Buffer.alloc(0);
  if (chunk.type === 1) body = Buffer.concat([offset, Buffer.alloc(Math.min(chunk.length, 4096), 0xdd)]);
  else if (chunk.type === 2) {
    body = Buffer.concat([offset, Buffer.alloc(4)]);
    body.writeUInt32BE(chunk.length, 8);
  } else if (chunk.type === 5) {
    body = Buffer.alloc(4 + (chunk.length % 4096));
    body.writeUInt32BE(chunk.errno === 0 ? 1 : chunk.errno);
  } else if (chunk.type > 0x8000) {
    body = Buffer.alloc(6 + (chunk.start % 100));
    body.writeUInt32BE(chunk.errno);
    body.writeUInt16BE(chunk.length % 5000, 4);
  }
  const head = Buffer.alloc(20);
  head.writeUInt32BE(0x668e33ef);
  head.writeUInt16BE(chunk.flags, 4);
  head.writeUInt16BE(chunk.type, 6);
  head.writeBigUInt64BE(chunk.handle, 8);
  head.writeUInt32BE(body.length + chunk.excess, 16);
  return Buffer.concat([head, body]);
}

function encodeRequest(request: {
  readonly command: number;
  readonly flags: number;
  readonly offset: bigint;
  readonly length: number;
}): Buffer {
  const head = Buffer.alloc(28);
  head.writeUInt32BE(0x25609513);
  head.writeUInt16BE(request.flags, 4);
  head.writeUInt16BE(request.command, 6);
  head.writeBigUInt64BE(request.offset, 16);
  head.writeUInt32BE(request.length, 24);
  return request.command === 1 ? Buffer.concat([head, Buffer.alloc(Math.min(request.length, 65_536))]) : head;
}
