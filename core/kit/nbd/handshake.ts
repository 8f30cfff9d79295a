import { type Place, plainText } from './errors.ts';
import type { Program } from './feed.ts';
import {
  EXPORT,
  FIXED_NEWSTYLE,
  GREETING,
  HANDSHAKE_HEADER_BYTES,
  INFO,
  MOST_TEXT_BYTES,
  NEWSTYLE,
  NO_ZEROES,
  OLDSTYLE,
  OPTION,
  OPTION_HEADER_BYTES,
  OPTION_REPLY,
  OPTION_REPLY_HEADER_BYTES,
  REPLY,
  REPLY_ERROR,
  USUAL_MOST_BYTES,
} from './protocol.ts';

const MOST_REPLY_BYTES = 2 * MOST_TEXT_BYTES + 64;
const MOST_REPLIES = 256;
const MOST_EXPORTS = 10_000;
/** A block is at most this large, says the protocol; larger ones are somebody's mistake. */
const MOST_BLOCK_BYTES = 64 * 1024;

/** What was agreed on. */
export interface NbdFacts {
  /** Whether the server says of each part of an answer where it belongs; without, it cannot tell allocation. */
  readonly structured: boolean;
  readonly readOnly: boolean;
  readonly canFlush: boolean;
  readonly canFua: boolean;
  readonly canTrim: boolean;
  readonly canZero: boolean;
  /** Whether what one connection has flushed is seen by all. */
  readonly canMultiConn: boolean;
  /** Requests lie at and span multiples of this, in bytes; the client sees to it. */
  readonly minBlock: number;
  readonly preferredBlock: number;
  /** Most bytes of one request. */
  readonly maxBlock: number;
  /** Which of the contexts that were asked for there are. */
  readonly contexts: readonly string[];
}

export interface NbdExport {
  readonly name: string;
  readonly description: string;
}

interface Reply {
  readonly type: number;
  readonly data: Buffer;
}

type Exchange<T> = Generator<Uint8Array, T, void>;

/** The client's side of the handshake, as programs over what the server says. */
export class Handshake {
  readonly #place: Place;
  readonly #send: (...parts: Uint8Array[]) => void;
  readonly #contextIds = new Map<number, string>();
  readonly #exports: NbdExport[] = [];
  #noZeroes = false;
  #structured = false;
  #flags = 0;
  #sizeBytes = -1;
  #blocks = { minBlock: 1, preferredBlock: 4096, maxBlock: USUAL_MOST_BYTES };

  constructor(place: Place, send: (...parts: Uint8Array[]) => void) {
    this.#place = place;
    this.#send = send;
  }

  /** Contexts by the number that the server gave them. */
  get contextIds(): ReadonlyMap<number, string> {
    return this.#contextIds;
  }

  get exports(): readonly NbdExport[] {
    return this.#exports;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get facts(): NbdFacts {
    const has = (flag: number): boolean => (this.#flags & flag) !== 0;
    return {
      structured: this.#structured,
      readOnly: has(EXPORT.readOnly),
      canFlush: has(EXPORT.canFlush),
      canFua: has(EXPORT.canFua),
      canTrim: has(EXPORT.canTrim),
      canZero: has(EXPORT.canZero),
      canMultiConn: has(EXPORT.canMultiConn),
      ...this.#blocks,
      contexts: [...this.#contextIds.values()],
    };
  }

  /** Reads the greeting and agrees to the fixed newstyle protocol. */
  *greet(): Program {
    const head = Buffer.alloc(HANDSHAKE_HEADER_BYTES);
    yield head;
    if (head.readBigUInt64BE(0) !== GREETING) throw this.#place.nonsense('it does not greet as an NBD server');
    const style = head.readBigUInt64BE(8);
    const flags = head.readUInt16BE(16);
    if (style === OLDSTYLE || (style === NEWSTYLE && (flags & FIXED_NEWSTYLE) === 0)) {
      throw this.#place.unreachable('speaks a protocol from before 2011, without options', 'oldstyle');
    }
    if (style !== NEWSTYLE) throw this.#place.nonsense('it greets in a style that nobody knows');
    this.#noZeroes = (flags & NO_ZEROES) !== 0;
    const answer = Buffer.alloc(4);
    answer.writeUInt32BE(FIXED_NEWSTYLE | (this.#noZeroes ? NO_ZEROES : 0));
    this.#send(answer);
  }

  /** Nothing else is asked before the server has agreed to TLS, and nothing at all when it does not. */
  *startTls(): Program {
    const { type, data } = yield* this.#ask(OPTION.startTls);
    if (type === REPLY.ack) return;
    throw this.#place.unreachable(`does not offer TLS (${refusal(type, data)}), so nothing was sent to it`, 'no-tls');
  }

  /** Chooses the export, with all that both sides can. */
  *choose(contexts: readonly string[]): Program {
    yield* this.#agreeOnStructure();
    if (this.#structured && contexts.length > 0) yield* this.#agreeOnContexts(contexts);
    const name = nameOf(this.#place.export);
    const wishes = Buffer.alloc(4);
    wishes.writeUInt16BE(1, 0);
    wishes.writeUInt16BE(INFO.blockSize, 2);
    let reply = yield* this.#ask(OPTION.go, name, wishes);
    if (reply.type === REPLY.unsupported) {
      yield* this.#chooseByName();
      return;
    }
    for (let count = 0; reply.type === REPLY.info; count++) {
      if (count === MOST_REPLIES) throw this.#place.nonsense('it tells more about the export than there is to tell');
      this.#learn(reply.data);
      reply = yield* this.#reply(OPTION.go);
    }
    if (reply.type !== REPLY.ack) throw this.#refused(reply);
    this.#assertSize();
  }

  /** Asks for the names of all exports, then says goodbye. */
  *list(): Program {
    let reply = yield* this.#ask(OPTION.list);
    for (; reply.type === REPLY.server; reply = yield* this.#reply(OPTION.list)) {
      if (this.#exports.length === MOST_EXPORTS)
        throw this.#place.nonsense(`it lists more than ${MOST_EXPORTS} exports`);
      const length = reply.data.length < 4 ? -1 : reply.data.readUInt32BE(0);
      if (length < 0 || length > Math.min(MOST_TEXT_BYTES, reply.data.length - 4))
        throw this.#place.nonsense('it lists an export whose name does not fit');
      this.#exports.push({
        name: reply.data.toString('utf8', 4, 4 + length),
        description: reply.data.toString('utf8', 4 + length),
      });
    }
    if (reply.type !== REPLY.ack) throw this.#refused(reply);
    this.#send(optionHeader(OPTION.abort, 0));
  }

  /** What the server can of it is not asked for twice: the oldest servers know none of this. */
  *#agreeOnStructure(): Program {
    const reply = yield* this.#ask(OPTION.structuredReply);
    if (reply.type === REPLY.tlsRequired || reply.type === REPLY.shutdown) throw this.#refused(reply);
    this.#structured = reply.type === REPLY.ack;
  }

  *#agreeOnContexts(wanted: readonly string[]): Program {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(wanted.length);
    let reply = yield* this.#ask(OPTION.setMetaContext, nameOf(this.#place.export), count, ...wanted.map(nameOf));
    for (; reply.type === REPLY.metaContext; reply = yield* this.#reply(OPTION.setMetaContext)) {
      const name = reply.data.toString('utf8', 4);
      if (reply.data.length < 4 || !wanted.includes(name) || this.#contextIds.size === wanted.length)
        throw this.#place.nonsense(`it offers the context ${plainText(name)}, which was not asked for`);
      this.#contextIds.set(reply.data.readUInt32BE(0), name);
    }
    if (reply.type === REPLY.ack) return;
    if (reply.type !== REPLY.unsupported) throw this.#refused(reply);
    this.#contextIds.clear();
  }

  /** The way of old servers: one that does not have the export just hangs up. */
  *#chooseByName(): Program {
    const name = Buffer.from(this.#place.export);
    this.#send(optionHeader(OPTION.exportName, name.length), name);
    const answer = Buffer.alloc(this.#noZeroes ? 10 : 134);
    yield answer;
    this.#setSize(answer.readBigUInt64BE(0));
    this.#flags = answer.readUInt16BE(8);
    this.#assertSize();
  }

  #learn(info: Buffer): void {
    const type = info.length < 2 ? -1 : info.readUInt16BE(0);
    if (type === INFO.export && info.length === 12) {
      this.#setSize(info.readBigUInt64BE(2));
      this.#flags = info.readUInt16BE(10);
    } else if (type === INFO.blockSize && info.length === 14) {
      const [minBlock, preferredBlock, maxBlock] = [2, 6, 10].map((at) => info.readUInt32BE(at)) as [
        number,
        number,
        number,
      ];
      const isPower = minBlock > 0 && (minBlock & (minBlock - 1)) === 0;
      if (!isPower || minBlock > MOST_BLOCK_BYTES || maxBlock < minBlock)
        throw this.#place.nonsense(`it wants blocks of ${minBlock} to ${maxBlock} bytes`);
      this.#blocks = { minBlock, preferredBlock, maxBlock: maxBlock - (maxBlock % minBlock) };
    } else if (type < 0 || type === INFO.export || type === INFO.blockSize) {
      throw this.#place.nonsense('what it tells about the export does not fit');
    }
  }

  #setSize(size: bigint): void {
    if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw this.#place.nonsense(`it claims a disk of ${size} bytes`);
    this.#sizeBytes = Number(size);
  }

  #assertSize(): void {
    if (this.#sizeBytes < 0) throw this.#place.nonsense('it does not say how large the disk is');
  }

  *#ask(option: number, ...data: Buffer[]): Exchange<Reply> {
    this.#send(
      optionHeader(
        option,
        data.reduce((sum, part) => sum + part.length, 0),
      ),
      ...data,
    );
    return yield* this.#reply(option);
  }

  *#reply(option: number): Exchange<Reply> {
    const head = Buffer.alloc(OPTION_REPLY_HEADER_BYTES);
    yield head;
    if (head.readBigUInt64BE(0) !== OPTION_REPLY || head.readUInt32BE(8) !== option)
      throw this.#place.nonsense('it answers what was not asked');
    const length = head.readUInt32BE(16);
    if (length > MOST_REPLY_BYTES) throw this.#place.nonsense(`it answers an option with ${length} bytes`);
    const data = Buffer.alloc(length);
    yield data;
    return { type: head.readUInt32BE(12), data };
  }

  #refused({ type, data }: Reply): Error {
    if (type < REPLY_ERROR) return this.#place.nonsense(`it answers an option with ${type}`);
    if (type === REPLY.tlsRequired) return this.#place.unreachable('is only to be had by TLS', 'tls-required');
    const why = refusal(type, data);
    if (type === REPLY.unknown) {
      return this.#place.error('DISK_UNREADABLE', `is not offered there (${why})`, { facts: { reason: 'no-export' } });
    }
    return this.#place.error('DISK_UNREADABLE', `was refused: ${why}`, { facts: { reason: 'refused' } });
  }
}

function optionHeader(option: number, length: number): Buffer {
  const head = Buffer.alloc(OPTION_HEADER_BYTES);
  head.writeBigUInt64BE(NEWSTYLE, 0);
  head.writeUInt32BE(option, 8);
  head.writeUInt32BE(length, 12);
  return head;
}

/** A text with its length before it. */
function nameOf(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

const refusals: Readonly<Record<number, string>> = {
  [REPLY.unsupported]: 'it does not know how',
  [REPLY.policy]: 'its policy forbids it',
  [REPLY.invalid]: 'it calls the question invalid',
  [REPLY.platform]: 'its platform cannot',
  [REPLY.tlsRequired]: 'it wants TLS first',
  [REPLY.unknown]: 'it has no such export',
  [REPLY.shutdown]: 'it is shutting down',
  [REPLY.blockSizeRequired]: 'it wants its block sizes honoured',
  [REPLY.tooBig]: 'it calls the question too long',
};

function refusal(type: number, data: Buffer): string {
  const said = plainText(data.toString('utf8'));
  const meant = refusals[type] ?? `answer ${(type % REPLY_ERROR).toString()}`;
  return said === '' ? meant : `${meant}: ${said}`;
}
