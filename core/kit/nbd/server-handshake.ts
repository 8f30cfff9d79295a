import type { ErrorFacts } from '@holdfast/api';
import type { DiskReader, DiskWriter } from '../disk/reader.ts';
import {
  BASE_ALLOCATION,
  EXPORT,
  FIXED_NEWSTYLE,
  GREETING,
  INFO,
  MOST_TEXT_BYTES,
  NEWSTYLE,
  NO_ZEROES,
  OPTION,
  OPTION_HEADER_BYTES,
  OPTION_REPLY,
  OPTION_REPLY_HEADER_BYTES,
  REPLY,
  USUAL_MOST_BYTES,
} from './protocol.ts';

const MOST_OPTIONS = 1000;
const MOST_OPTION_BYTES = 8 * MOST_TEXT_BYTES;
const BLOCK_BYTES = 4096;
/** The one context that is offered has this number. */
export const ALLOCATION_ID = 1;

/** A disk that is served. Who opened it closes it, after the server. */
export interface ServedDisk {
  readonly reader: DiskReader;
  /** Absent, or with `readOnly`: clients may not write. */
  readonly writer?: DiskWriter;
  readonly readOnly?: boolean;
  readonly description?: string;
}

/** A client that does not keep to the protocol: its connection ends. */
export class BadClient extends Error {
  readonly facts: ErrorFacts;
  constructor(what: string, facts: ErrorFacts = {}) {
    super(what);
    this.facts = facts;
  }
}

/** What a client has agreed to. */
export interface Agreement {
  readonly disk: ServedDisk;
  readonly isStructured: boolean;
  readonly tellsAllocation: boolean;
}

interface Option {
  readonly option: number;
  readonly data: Buffer;
}

type Talk<T> = Generator<Uint8Array, T, void>;

/** The server's side of the handshake, as a program over what the client says. */
export class ServerHandshake {
  readonly #exports: ReadonlyMap<string, ServedDisk>;
  readonly #send: (...parts: Uint8Array[]) => void;
  #noZeroes = false;
  #isStructured = false;
  /** The export that allocation was asked for. */
  #allocationOf: string | null = null;

  constructor(exports: ReadonlyMap<string, ServedDisk>, send: (...parts: Uint8Array[]) => void) {
    this.#exports = exports;
    this.#send = send;
  }

  *greet(): Talk<void> {
    const head = Buffer.alloc(18);
    head.writeBigUInt64BE(GREETING, 0);
    head.writeBigUInt64BE(NEWSTYLE, 8);
    head.writeUInt16BE(FIXED_NEWSTYLE | NO_ZEROES, 16);
    this.#send(head);
    const flags = Buffer.alloc(4);
    yield flags;
    const chosen = flags.readUInt32BE(0);
    if ((chosen & ~(FIXED_NEWSTYLE | NO_ZEROES)) !== 0) throw new BadClient('it wants a style that was not offered');
    this.#noZeroes = (chosen & NO_ZEROES) !== 0;
  }

  /**
   * Answers options until the client has chosen an export.
   * @param mustSecure Whether TLS is wanted and has not been agreed on yet.
   * @returns `tls` when it begins now, `null` when the client leaves.
   */
  *negotiate(mustSecure: boolean): Talk<Agreement | 'tls' | null> {
    for (let count = 0; count < MOST_OPTIONS; count++) {
      const asked = yield* this.#option();
      if (asked.option === OPTION.abort) {
        this.#reply(asked.option, REPLY.ack);
        return null;
      }
      if (mustSecure) {
        if (asked.option === OPTION.exportName) throw new BadClient('it wants an export without TLS');
        const isSecuring = asked.option === OPTION.startTls && asked.data.length === 0;
        this.#reply(asked.option, isSecuring ? REPLY.ack : REPLY.tlsRequired);
        if (isSecuring) return 'tls';
        continue;
      }
      const agreement = this.#answer(asked);
      if (agreement !== null) return agreement;
    }
    throw new BadClient('it asks for ever and chooses nothing');
  }

  *#option(): Talk<Option> {
    const head = Buffer.alloc(OPTION_HEADER_BYTES);
    yield head;
    if (head.readBigUInt64BE(0) !== NEWSTYLE) throw new BadClient('what it sends is not an option');
    const length = head.readUInt32BE(12);
    if (length > MOST_OPTION_BYTES) throw new BadClient('it sends an option that is too long', { length });
    const data = Buffer.alloc(length);
    yield data;
    return { option: head.readUInt32BE(8), data };
  }

  /** The agreement, when the client has chosen. */
  #answer({ option, data }: Option): Agreement | null {
    if (option === OPTION.exportName) return this.#chooseOld(data.toString('utf8'));
    if (option === OPTION.info || option === OPTION.go) return this.#choose(option, data);
    if (option === OPTION.list) this.#list(data);
    else if (option === OPTION.structuredReply) {
      this.#isStructured = data.length === 0;
      this.#reply(option, data.length === 0 ? REPLY.ack : REPLY.invalid);
    } else if (option === OPTION.listMetaContext || option === OPTION.setMetaContext) this.#contexts(option, data);
    else this.#reply(option, REPLY.unsupported);
    return null;
  }

  #list(data: Buffer): void {
    if (data.length > 0) {
      this.#reply(OPTION.list, REPLY.invalid);
      return;
    }
    for (const [name, { description = '' }] of this.#exports) {
      this.#reply(OPTION.list, REPLY.server, textWithLength(name), Buffer.from(description));
    }
    this.#reply(OPTION.list, REPLY.ack);
  }

  /** The old way: there is no way to say no but to hang up. */
  #chooseOld(name: string): Agreement {
    const disk = this.#exports.get(name);
    if (disk === undefined) throw new BadClient('it wants an export that is not offered', { export: name });
    const answer = Buffer.alloc(this.#noZeroes ? 10 : 134);
    answer.writeBigUInt64BE(BigInt(disk.reader.sizeBytes), 0);
    answer.writeUInt16BE(flagsOf(disk), 8);
    this.#send(answer);
    return { disk, isStructured: this.#isStructured, tellsAllocation: this.#allocationOf === name };
  }

  #choose(option: number, data: Buffer): Agreement | null {
    const length = data.length < 6 ? data.length : data.readUInt32BE(0);
    if (length > data.length - 6 || data.length !== 6 + length + 2 * data.readUInt16BE(4 + length)) {
      this.#reply(option, REPLY.invalid);
      return null;
    }
    const name = data.toString('utf8', 4, 4 + length);
    const disk = this.#exports.get(name);
    if (disk === undefined) {
      this.#reply(option, REPLY.unknown, Buffer.from('no such export'));
      return null;
    }
    const size = Buffer.alloc(12);
    size.writeUInt16BE(INFO.export, 0);
    size.writeBigUInt64BE(BigInt(disk.reader.sizeBytes), 2);
    size.writeUInt16BE(flagsOf(disk), 10);
    this.#reply(option, REPLY.info, size);
    const blocks = Buffer.alloc(14);
    blocks.writeUInt16BE(INFO.blockSize, 0);
    blocks.writeUInt32BE(1, 2);
    blocks.writeUInt32BE(BLOCK_BYTES, 6);
    blocks.writeUInt32BE(USUAL_MOST_BYTES, 10);
    this.#reply(option, REPLY.info, blocks);
    this.#reply(option, REPLY.ack);
    if (option === OPTION.info) return null;
    return { disk, isStructured: this.#isStructured, tellsAllocation: this.#allocationOf === name };
  }

  #contexts(option: number, data: Buffer): void {
    const asked = this.#isStructured ? readQueries(data) : null;
    if (asked === null) {
      this.#reply(option, REPLY.invalid);
      return;
    }
    const disk = this.#exports.get(asked.name);
    if (disk === undefined) {
      this.#reply(option, REPLY.unknown);
      return;
    }
    const isListing = option === OPTION.listMetaContext;
    const { queries } = asked;
    const isAsked =
      queries.includes(BASE_ALLOCATION) || (isListing && (queries.length === 0 || queries.includes('base:')));
    const isOffered = isAsked && !mayWrite(disk);
    if (!isListing) this.#allocationOf = isOffered ? asked.name : null;
    if (isOffered) {
      const id = Buffer.alloc(4);
      id.writeUInt32BE(isListing ? 0 : ALLOCATION_ID);
      this.#reply(option, REPLY.metaContext, id, Buffer.from(BASE_ALLOCATION));
    }
    this.#reply(option, REPLY.ack);
  }

  #reply(option: number, type: number, ...data: Buffer[]): void {
    const head = Buffer.alloc(OPTION_REPLY_HEADER_BYTES);
    head.writeBigUInt64BE(OPTION_REPLY, 0);
    head.writeUInt32BE(option, 8);
    head.writeUInt32BE(type, 12);
    head.writeUInt32BE(
      data.reduce((sum, part) => sum + part.length, 0),
      16,
    );
    this.#send(head, ...data);
  }
}

/** Whether clients may write to it. What is allocated may change then, so it is not told. */
export function mayWrite(disk: ServedDisk): disk is ServedDisk & { readonly writer: DiskWriter } {
  return disk.writer !== undefined && disk.readOnly !== true;
}

/** All connections see the same disk, at once. */
function flagsOf(disk: ServedDisk): number {
  const writing = mayWrite(disk) ? EXPORT.canFlush | EXPORT.canFua : EXPORT.readOnly;
  return EXPORT.hasFlags | EXPORT.canMultiConn | writing;
}

/** Name of an export and queries, each with its length before it; `null` when that does not fit. */
function readQueries(data: Buffer): { readonly name: string; readonly queries: readonly string[] } | null {
  let at = 0;
  const text = (): string | null => {
    if (at + 4 > data.length) return null;
    const length = data.readUInt32BE(at);
    if (length > data.length - at - 4) return null;
    at += 4 + length;
    return data.toString('utf8', at - length, at);
  };
  const name = text();
  if (name === null || at + 4 > data.length) return null;
  const count = data.readUInt32BE(at);
  at += 4;
  if (count * 4 > data.length - at) return null;
  const queries: string[] = [];
  for (let i = 0; i < count; i++) {
    const query = text();
    if (query === null) return null;
    queries.push(query);
  }
  return at === data.length ? { name, queries } : null;
}

function textWithLength(text: string): Buffer {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
