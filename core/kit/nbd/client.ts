import { cancelled, type HoldfastError, type NbdSource, type NbdTls } from '@holdfast/api';
import { Conversation } from './conversation.ts';
import { Place } from './errors.ts';
import { Handshake, type NbdExport, type NbdFacts } from './handshake.ts';
import { Link } from './link.ts';
import { Pending } from './pending.ts';
import { COMMAND, REQUEST_FLAG } from './protocol.ts';
import { type FlaggedExtent, statusExtents } from './status.ts';
import { UnevenWrites } from './uneven-writes.ts';

export type { NbdExport, NbdFacts } from './handshake.ts';
export type { FlaggedExtent } from './status.ts';

/** Where a server listens: a socket's absolute path, or a host and port. */
export type NbdAddress = NbdSource['address'];

/** How to connect. */
export interface NbdConnect {
  readonly export: string;
  /** With it, nothing is sent in the clear; without, nothing is encrypted. */
  readonly tls?: NbdTls;
  /** Meta contexts that `extents` will be asked for. Those that the server does not have are missing in `facts.contexts`. */
  readonly contexts?: readonly string[];
  /** Aborting ends the connection: whatever is under way fails with `CANCELLED`. */
  readonly signal?: AbortSignal;
  /**
   * How long the server may be silent, in the handshake and when it is asked something, in milliseconds. A request that makes the server
   * write (flush, zeroes, trim), and one that others overtake, may take four times as long. Default is 30,000.
   */
  readonly timeoutMs?: number;
}

const usualTimeoutMs = 30_000;
/** Large reads and writes are sent in parts, so that disk and network of the server work at the same time. */
const PART_BYTES = 1024 * 1024;
/** Most that a server is told to zero or trim at a time: one that writes them out would not answer in time. */
const MOST_WIPED_BYTES = 256 * 1024 * 1024;

/**
 * A connection to one export of an NBD server. Any number of requests may be under way at a time.
 * Each method that reads throws `DISK_UNREADABLE`, each that writes `DISK_UNWRITABLE`, and all `DISK_INVALID` when the server breaks the
 * protocol and `CANCELLED` by the signal. The fact `reason` is the errno of the server (`EIO`), or `closed`, `timeout`, `ECONNRESET` and the like.
 */
export class NbdClient implements AsyncDisposable {
  /** Of the disk, in bytes; not always a multiple of the least block. */
  readonly sizeBytes: number;
  readonly facts: NbdFacts;
  readonly #place: Place;
  readonly #conversation: Conversation;
  readonly #uneven: UnevenWrites;
  readonly #onEnd: () => void;

  private constructor(place: Place, handshake: Handshake, conversation: Conversation, onEnd: () => void) {
    this.#place = place;
    this.sizeBytes = handshake.sizeBytes;
    this.facts = handshake.facts;
    this.#conversation = conversation;
    this.#onEnd = onEnd;
    this.#uneven = new UnevenWrites(this.facts.minBlock, this.sizeBytes, {
      read: (into, offset) => this.#transfer(COMMAND.read, into, offset, 0),
      write: (bytes, offset, fua) => this.#write(bytes, offset, fua),
    });
  }

  /**
   * @throws `ENDPOINT_UNREACHABLE` when nobody answers, or nobody who can be trusted; `DISK_UNREADABLE` when there is no such export;
   *   `DISK_INVALID` when what answers is not an NBD server; `CANCELLED`.
   */
  static async connect(to: NbdAddress, how: NbdConnect): Promise<NbdClient> {
    const place = new Place(to, how.export);
    return opened(place, to, how, async (link, handshake) => {
      await link.run(handshake.choose(how.contexts ?? []));
      const onAbort = (): void => link.fail(cancelled(`work with ${place.toString()}`));
      how.signal?.addEventListener('abort', onAbort, { once: true });
      const conversation = new Conversation(place, link, handshake, how.timeoutMs ?? usualTimeoutMs);
      return new NbdClient(place, handshake, conversation, () => how.signal?.removeEventListener('abort', onAbort));
    });
  }

  /** Whether the connection has ended: it was closed, or it failed. */
  get isEnded(): boolean {
    return this.#conversation.isOver;
  }

  /** Fills `into` with the bytes from `offset`. While it has not answered `into` may hold anything. */
  async read(into: Uint8Array, offset: number): Promise<void> {
    this.#assertWithin(offset, into.length);
    const { minBlock } = this.facts;
    const end = offset + into.length;
    const start = offset - (offset % minBlock);
    const wholeEnd = Math.min(this.sizeBytes, Math.ceil(end / minBlock) * minBlock);
    if (start === offset && wholeEnd === end) return this.#transfer(COMMAND.read, into, offset, 0);
    // What lies within whole blocks is read in place, the rest around.
    const from = Math.min(end, Math.ceil(offset / minBlock) * minBlock);
    const to = Math.max(from, end === this.sizeBytes ? end : end - (end % minBlock));
    const parts = [this.#around(into.subarray(0, from - offset), offset)];
    if (from < to) parts.push(this.#transfer(COMMAND.read, into.subarray(from - offset, to - offset), from, 0));
    if (to < end) parts.push(this.#around(into.subarray(to - offset), to));
    await allOf(parts);
  }

  /** @param options `fua`: answered only when the bytes survive a power cut. */
  async write(bytes: Uint8Array, offset: number, options: { readonly fua?: boolean } = {}): Promise<void> {
    this.#assertWithin(offset, bytes.length);
    await this.#uneven.write(bytes, offset, options.fua === true);
  }

  /** Makes a range zeros, without sending them where the server can. What is not whole blocks is written. */
  async zero(offset: number, length: number): Promise<void> {
    this.#assertWithin(offset, length);
    const [from, to] = this.#wholeBlocks(offset, length);
    if (!this.facts.canZero || from >= to) return this.#writeZeros(offset, length);
    const parts = [this.#writeZeros(offset, from - offset), this.#writeZeros(to, offset + length - to)];
    await allOf([...parts, this.#wipe(COMMAND.writeZeroes, from, to)]);
  }

  /** Says that a range is no longer needed: it may read as anything then. Does nothing where the server cannot. */
  async trim(offset: number, length: number): Promise<void> {
    this.#assertWithin(offset, length);
    const [from, to] = this.#wholeBlocks(offset, length);
    if (this.facts.canTrim && from < to) await this.#wipe(COMMAND.trim, from, to);
  }

  /** Resolves when all that was answered survives a power cut, as far as the server says. */
  async flush(): Promise<void> {
    if (this.facts.canFlush) await this.#conversation.ask(new Pending(this.#place, COMMAND.flush, 0, 0));
  }

  /**
   * What the server says about a range: extents in ascending order without gaps, neighbours of equal flags put together. Flags of
   * `base:allocation`: 1 hole, 2 reads as zeros; of a dirty bitmap: 1 dirty.
   * @param context One of `facts.contexts`.
   * @throws `UNSUPPORTED` when the server does not have the context.
   */
  extents(context: string, offset = 0, length = this.sizeBytes - offset): AsyncIterable<FlaggedExtent> {
    this.#assertWithin(offset, length);
    if (!this.facts.contexts.includes(context)) {
      throw this.#place.error('UNSUPPORTED', `has no context ${context}`, { facts: { context } });
    }
    const nonsense = (what: string): Error => this.#place.nonsense(what);
    const ask = async (from: number, bytes: number): Promise<Buffer> => {
      const pending = new Pending(this.#place, COMMAND.blockStatus, from, bytes);
      await this.#conversation.ask(pending);
      const answer = pending.status.get(context);
      if (answer === undefined) throw nonsense(`it says nothing of ${context}`);
      return answer;
    };
    return statusExtents(offset, length, this.facts.minBlock, this.sizeBytes, ask, nonsense);
  }

  /** Idempotent. Tells the server, and waits at most a second for it; what is under way fails. */
  async close(): Promise<void> {
    this.#onEnd();
    await this.#conversation.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Reads the blocks around a part, and cuts it out. */
  async #around(into: Uint8Array, offset: number): Promise<void> {
    if (into.length === 0) return;
    const { minBlock } = this.facts;
    const start = offset - (offset % minBlock);
    const end = Math.min(this.sizeBytes, Math.ceil((offset + into.length) / minBlock) * minBlock);
    const blocks = Buffer.alloc(end - start);
    await this.#transfer(COMMAND.read, blocks, start, 0);
    into.set(blocks.subarray(offset - start, offset - start + into.length));
  }

  async #write(bytes: Uint8Array, offset: number, fua: boolean): Promise<void> {
    await this.#transfer(COMMAND.write, bytes, offset, fua && this.facts.canFua ? REQUEST_FLAG.fua : 0);
    if (fua && !this.facts.canFua) await this.flush();
  }

  /** Reads or writes whole blocks, in parts that the server takes. */
  async #transfer(command: number, bytes: Uint8Array, offset: number, flags: number): Promise<void> {
    const { maxBlock } = this.facts;
    const isRead = command === COMMAND.read;
    const partBytes = Math.min(maxBlock, Math.max(PART_BYTES, this.facts.minBlock));
    const parts: Promise<void>[] = [];
    for (let at = 0; at < bytes.length; at += partBytes) {
      const part = bytes.length <= partBytes ? bytes : bytes.subarray(at, Math.min(bytes.length, at + partBytes));
      const pending = new Pending(this.#place, command, offset + at, part.length, isRead ? part : null);
      parts.push(this.#conversation.ask(pending, flags, isRead ? null : part));
    }
    await allOf(parts);
  }

  async #wipe(command: number, from: number, to: number): Promise<void> {
    for (let at = from; at < to; at += MOST_WIPED_BYTES) {
      await this.#conversation.ask(new Pending(this.#place, command, at, Math.min(MOST_WIPED_BYTES, to - at)));
    }
  }

  async #writeZeros(offset: number, length: number): Promise<void> {
    const zeros = Buffer.alloc(Math.min(length, PART_BYTES));
    for (let at = 0; at < length; at += zeros.length) {
      await this.#uneven.write(zeros.subarray(0, Math.min(zeros.length, length - at)), offset + at, false);
    }
  }

  /** The whole blocks within a range; the last one of the disk may be short. */
  #wholeBlocks(offset: number, length: number): readonly [number, number] {
    const { minBlock } = this.facts;
    const end = offset + length;
    const from = Math.min(end, Math.ceil(offset / minBlock) * minBlock);
    return [from, Math.max(from, end === this.sizeBytes ? end : end - (end % minBlock))];
  }

  #assertWithin(offset: number, length: number): void {
    const isSound = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
    if (!isSound || offset + length > this.sizeBytes) {
      throw new RangeError(`${length} bytes at ${offset} of ${this.#place.toString()}, which has ${this.sizeBytes}`);
    }
  }
}

/** Names of the exports that a server offers, at most 10,000. */
export async function listExports(
  address: NbdAddress,
  how: Omit<NbdConnect, 'export' | 'contexts'> = {},
): Promise<readonly NbdExport[]> {
  const place = new Place(address, '');
  return opened(place, address, how, async (link, handshake) => {
    await link.run(handshake.list());
    await link.close();
    return handshake.exports;
  });
}

/** Connects, secures the link when it is to be, and does the rest of the handshake; within the time that is given, or all of it is undone. */
async function opened<T>(
  place: Place,
  to: NbdAddress,
  how: Omit<NbdConnect, 'export'>,
  rest: (link: Link, handshake: Handshake) => Promise<T>,
): Promise<T> {
  const { signal, tls, timeoutMs = usualTimeoutMs } = how;
  const stopped = (): HoldfastError => cancelled(`connecting to ${place.toString()}`);
  if (signal?.aborted === true) throw stopped();
  const link = Link.open(place, to, tls !== undefined);
  const onAbort = (): void => link.fail(stopped());
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => link.fail(place.unreachable('does not answer', 'timeout')), timeoutMs);
  const handshake = new Handshake(place, (...parts) => link.send(...parts));
  try {
    await link.run(handshake.greet());
    if (tls !== undefined) {
      await link.run(handshake.startTls());
      await link.secure(tls);
    }
    return await rest(link, handshake);
  } catch (cause) {
    link.fail(cause as Error);
    throw cause;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Waits for all, so that nobody's memory is in use any more, then throws what failed first. */
async function allOf(parts: readonly Promise<void>[]): Promise<void> {
  if (parts.length === 1) return parts[0];
  const failure = (await Promise.allSettled(parts)).find((end) => end.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}
