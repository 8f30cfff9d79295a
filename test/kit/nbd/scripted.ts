import { createServer, type Socket } from 'node:net';
import { Feed } from '../../../core/kit/nbd/feed.ts';

/** A server that says what a test wants it to say. */
export type Script = (
  say: (...parts: readonly Uint8Array[]) => void,
  socket: Socket,
) => Generator<Uint8Array, void, void>;

/** Plays a script to each client, at a socket. */
export async function playServer(socket: string, script: Script): Promise<AsyncDisposable> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => {});
    const feed = new Feed(script((...parts) => void client.write(Buffer.concat(parts)), client));
    client.on('data', (bytes) => void feed.push(bytes));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    [Symbol.asyncDispose]: async () => {
      for (const client of open) client.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Numbers of some width, one after another: `[value, bytes]`. */
export function numbers(...values: readonly (readonly [number | bigint, 2 | 4 | 8])[]): Buffer {
  return Buffer.concat(
    values.map(([value, width]) => {
      const bytes = Buffer.alloc(width);
      if (width === 8) bytes.writeBigUInt64BE(BigInt(value));
      else bytes.writeUIntBE(Number(value), 0, width);
      return bytes;
    }),
  );
}

/** The handshake of a server from before 2016: it only knows how to choose an export by its name. */
export function* oldHandshake(
  say: (...parts: readonly Uint8Array[]) => void,
  sizeBytes: number,
): Generator<Uint8Array, void, void> {
  say(Buffer.from('NBDMAGICIHAVEOPT\0\x01', 'latin1'));
  yield Buffer.alloc(4);
  for (;;) {
    const head = Buffer.alloc(16);
    yield head;
    yield Buffer.alloc(head.readUInt32BE(12));
    if (head.readUInt32BE(8) === 1) break;
    say(numbers([0x0003e889045565a9n, 8], [head.readUInt32BE(8), 4], [0x8000_0001, 4], [0, 4]));
  }
  say(numbers([sizeBytes, 8], [1, 2]), Buffer.alloc(124));
}

/** The handshake of a server with structured replies. */
export function* newHandshake(
  say: (...parts: readonly Uint8Array[]) => void,
  sizeBytes: number,
): Generator<Uint8Array, void, void> {
  say(Buffer.from('NBDMAGICIHAVEOPT\0\x03', 'latin1'));
  yield Buffer.alloc(4);
  for (;;) {
    const head = Buffer.alloc(16);
    yield head;
    yield Buffer.alloc(head.readUInt32BE(12));
    const option = head.readUInt32BE(8);
    const reply = (type: number, ...data: Buffer[]): void =>
      say(numbers([0x0003e889045565a9n, 8], [option, 4], [type, 4], [Buffer.concat(data).length, 4]), ...data);
    if (option === 7) reply(3, numbers([0, 2], [sizeBytes, 8], [1, 2]));
    reply(1);
    if (option === 7) return;
  }
}

/** One request of a client. */
export function* request(): Generator<
  Uint8Array,
  { readonly command: number; readonly handle: Buffer; readonly offset: number; readonly length: number },
  void
> {
  const head = Buffer.alloc(28);
  yield head;
  return {
    command: head.readUInt16BE(6),
    handle: head.subarray(8, 16),
    offset: Number(head.readBigUInt64BE(16)),
    length: head.readUInt32BE(24),
  };
}
