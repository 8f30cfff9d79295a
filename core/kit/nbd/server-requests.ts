import { type Extent, isHoldfastError } from '@holdfast/api';
import { Gate } from './gate.ts';
import {
  CHUNK,
  CHUNK_DONE,
  COMMAND,
  HOLE,
  REQUEST,
  REQUEST_BYTES,
  REQUEST_FLAG,
  SIMPLE_REPLY,
  SIMPLE_REPLY_BYTES,
  STRUCTURED_REPLY,
  STRUCTURED_REPLY_BYTES,
  USUAL_MOST_BYTES,
  ZERO,
} from './protocol.ts';
import { type Agreement, ALLOCATION_ID, BadClient, mayWrite } from './server-handshake.ts';

const MOST_REQUESTS = 32;
const MOST_BYTES = 8 * 1024 * 1024;
/** Large requests are worked on in such parts. */
const PART_BYTES = 1024 * 1024;
const MOST_EXTENTS = 64 * 1024;
const [EPERM, EIO, EINVAL, ENOSPC, EOVERFLOW] = [1, 5, 22, 28, 75];

interface Request {
  readonly flags: number;
  readonly command: number;
  readonly handle: Buffer;
  readonly offset: number;
  readonly length: number;
}

/** How a client is spoken to. */
export interface Speech {
  /** Resolves when the network has taken it. */
  send(...parts: readonly Uint8Array[]): Promise<void>;
  /** Nothing more is to be received for now. */
  hold(isHeld: boolean): void;
  /** It ends here. */
  fail(cause: unknown): void;
}

/** Works on the requests of one client, several at a time. */
export class ServerRequests {
  readonly #agreed: Agreement;
  readonly #allocated: () => Promise<readonly Extent[]>;
  readonly #speech: Speech;
  readonly #gate = new Gate(MOST_REQUESTS, MOST_BYTES);
  readonly #underWay = new Set<Promise<void>>();
  #waiting = 0;

  constructor(agreed: Agreement, allocated: () => Promise<readonly Extent[]>, speech: Speech) {
    this.#agreed = agreed;
    this.#allocated = allocated;
    this.#speech = speech;
  }

  /** Reads requests until the client says goodbye. */
  *read(): Generator<Uint8Array, void, void> {
    for (;;) {
      const head = Buffer.alloc(REQUEST_BYTES);
      yield head;
      if (head.readUInt32BE(0) !== REQUEST) throw new BadClient('what it sends is not a request');
      const request: Request = {
        flags: head.readUInt16BE(4),
        command: head.readUInt16BE(6),
        handle: head.subarray(8, 16),
        // Beyond what can be counted it is beyond any disk too.
        offset: Number(head.readBigUInt64BE(16)),
        length: head.readUInt32BE(24),
      };
      if (request.command === COMMAND.disconnect) return;
      if (request.command === COMMAND.write) yield* this.#receive(request);
      else void this.#begin(Math.min(request.length, this.#weight(request)), () => this.#work(request));
    }
  }

  /** Resolves when nothing is worked on any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  #weight({ command }: Request): number {
    if (command !== COMMAND.read) return 0;
    return this.#agreed.isStructured ? PART_BYTES : USUAL_MOST_BYTES;
  }

  #begin(bytes: number, work: () => Promise<void>): Promise<void> {
    const room = this.#gate.enter(bytes);
    if (room !== undefined && this.#waiting++ === 0) this.#speech.hold(true);
    const done = (async () => {
      if (room !== undefined) {
        await room;
        if (--this.#waiting === 0) this.#speech.hold(false);
      }
      try {
        await work();
      } finally {
        this.#gate.leave(bytes);
      }
    })()
      .catch((cause: unknown) => this.#speech.fail(cause))
      .finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
    return done;
  }

  /** Writes part after part as they come in, and answers when all are written. */
  *#receive(request: Request): Generator<Uint8Array, void, void> {
    const { length, offset } = request;
    if (length > USUAL_MOST_BYTES) throw new BadClient('it writes more at a time than was agreed', { length });
    const { disk } = this.#agreed;
    let errno = 0;
    if (!mayWrite(disk)) errno = EPERM;
    else if (offset + length > disk.reader.sizeBytes) errno = ENOSPC;
    const parts: Promise<void>[] = [];
    for (let at = 0; at < length; at += PART_BYTES) {
      const part = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, length - at));
      yield part;
      if (errno !== 0 || !mayWrite(disk)) continue;
      const { writer } = disk;
      const write = async (): Promise<void> => {
        try {
          await writer.write(part, offset + at);
        } catch (cause) {
          errno = errnoOf(cause);
        }
      };
      parts.push(this.#begin(part.length, write));
    }
    void this.#begin(0, async () => {
      await Promise.all(parts);
      if (errno === 0 && (request.flags & REQUEST_FLAG.fua) !== 0) errno = await this.#sync();
      await this.#answer(request, errno);
    });
  }

  async #work(request: Request): Promise<void> {
    const { command, length, offset } = request;
    const { sizeBytes } = this.#agreed.disk.reader;
    if (command === COMMAND.flush) return this.#answer(request, await this.#sync());
    if (command !== COMMAND.read && command !== COMMAND.blockStatus) return this.#answer(request, EINVAL);
    if (length === 0 || offset + length > sizeBytes) return this.#refuse(request, EINVAL);
    if (command === COMMAND.blockStatus) return this.#status(request);
    if (length > USUAL_MOST_BYTES) return this.#refuse(request, EOVERFLOW);
    if (this.#agreed.isStructured) return this.#readInParts(request);
    const bytes = Buffer.allocUnsafeSlow(length);
    const errno = await this.#fill(bytes, offset);
    return errno === 0 ? this.#speech.send(simple(request, 0), bytes) : this.#answer(request, errno);
  }

  async #readInParts(request: Request): Promise<void> {
    const { offset, length } = request;
    for (let at = 0; at < length; at += PART_BYTES) {
      const bytes = Buffer.allocUnsafeSlow(Math.min(PART_BYTES, length - at));
      const errno = await this.#fill(bytes, offset + at);
      if (errno !== 0) return this.#refuse(request, errno);
      const head = Buffer.alloc(8);
      head.writeBigUInt64BE(BigInt(offset + at));
      const isLast = at + PART_BYTES >= length;
      await this.#speech.send(chunk(request, CHUNK.offsetData, 8 + bytes.length, isLast), head, bytes);
    }
  }

  async #fill(into: Buffer, offset: number): Promise<number> {
    try {
      await this.#agreed.disk.reader.read(into, offset);
      return 0;
    } catch (cause) {
      return errnoOf(cause);
    }
  }

  async #status(request: Request): Promise<void> {
    if (!this.#agreed.tellsAllocation) return this.#answer(request, EINVAL);
    let extents: readonly Extent[];
    try {
      extents = await this.#allocated();
    } catch (cause) {
      return this.#refuse(request, errnoOf(cause));
    }
    const most = (request.flags & REQUEST_FLAG.oneExtent) !== 0 ? 1 : MOST_EXTENTS;
    const told = statusOf(extents, request.offset, request.length, most);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(ALLOCATION_ID);
    await this.#speech.send(chunk(request, CHUNK.blockStatus, 4 + told.length, true), head, told);
  }

  async #sync(): Promise<number> {
    const { disk } = this.#agreed;
    if (!mayWrite(disk)) return 0;
    try {
      await disk.writer.sync();
      return 0;
    } catch (cause) {
      return errnoOf(cause);
    }
  }

  async #answer(request: Request, errno: number): Promise<void> {
    await this.#speech.send(simple(request, errno));
  }

  /** Says no to a question whose answer would be in chunks. */
  async #refuse(request: Request, errno: number): Promise<void> {
    if (!this.#agreed.isStructured) return this.#answer(request, errno);
    const error = Buffer.alloc(6);
    error.writeUInt32BE(errno);
    await this.#speech.send(chunk(request, CHUNK.error, error.length, true), error);
  }
}

function simple(request: Request, errno: number): Buffer {
  const head = Buffer.alloc(SIMPLE_REPLY_BYTES);
  head.writeUInt32BE(SIMPLE_REPLY, 0);
  head.writeUInt32BE(errno, 4);
  request.handle.copy(head, 8);
  return head;
}

function chunk(request: Request, type: number, length: number, isLast: boolean): Buffer {
  const head = Buffer.alloc(STRUCTURED_REPLY_BYTES);
  head.writeUInt32BE(STRUCTURED_REPLY, 0);
  head.writeUInt16BE(isLast ? CHUNK_DONE : 0, 4);
  head.writeUInt16BE(type, 6);
  request.handle.copy(head, 8);
  head.writeUInt32BE(length, 16);
  return head;
}

/** Length and flags of each extent of a range in turn: data, or a hole that reads as zeros. */
function statusOf(extents: readonly Extent[], offset: number, length: number, most: number): Buffer {
  const end = offset + length;
  const words: number[] = [];
  let low = 0;
  for (let high = extents.length; low < high; ) {
    const middle = (low + high) >> 1;
    const extent = extents[middle] as Extent;
    if (extent.offset + extent.length <= offset) low = middle + 1;
    else high = middle;
  }
  for (let at = offset, i = low; at < end && words.length < 2 * most; ) {
    const extent = extents[i];
    const isData = extent !== undefined && extent.offset <= at;
    const next = Math.min(end, extent === undefined ? end : isData ? extent.offset + extent.length : extent.offset);
    if (isData) i++;
    if (next > at) words.push(next - at, isData ? 0 : HOLE | ZERO);
    at = Math.max(at, next);
  }
  const told = Buffer.alloc(words.length * 4);
  for (const [i, word] of words.entries()) told.writeUInt32BE(word, i * 4);
  return told;
}

function errnoOf(cause: unknown): number {
  if (cause instanceof RangeError) return EINVAL;
  return isHoldfastError(cause, 'DISK_SPACE') ? ENOSPC : EIO;
}
