import type { Place } from './errors.ts';
import { plainText } from './errors.ts';
import type { Program } from './feed.ts';
import type { Pending } from './pending.ts';
import {
  CHUNK,
  CHUNK_DONE,
  CHUNK_ERROR,
  COMMAND,
  errnoName,
  MOST_TEXT_BYTES,
  SIMPLE_REPLY,
  SIMPLE_REPLY_BYTES,
  STRUCTURED_REPLY,
  STRUCTURED_REPLY_BYTES,
} from './protocol.ts';

/** nbdkit sends no more than a million extents at a time, and the others fewer. */
const MOST_STATUS_BYTES = 4 + 8 * 1024 * 1024;
const MOST_ERROR_BYTES = 6 + MOST_TEXT_BYTES + 8;
const EXTENTS_AT_ONCE = 8192;

/** What answers are matched with. */
export interface Answered {
  readonly place: Place;
  readonly isStructured: boolean;
  readonly contexts: ReadonlyMap<number, string>;
  /** The request of a handle; `undefined` for one that was never sent or is answered already. */
  find(handle: bigint): Pending | undefined;
  /** The request has its whole answer. */
  finish(handle: bigint): void;
}

interface Chunk {
  readonly flags: number;
  readonly type: number;
  readonly handle: bigint;
  readonly length: number;
}

/** Reads answers for as long as the connection lives. Whatever does not fit ends it by throwing. */
export function* readReplies(to: Answered): Program {
  const head = Buffer.alloc(STRUCTURED_REPLY_BYTES);
  const first = head.subarray(0, SIMPLE_REPLY_BYTES);
  const rest = head.subarray(SIMPLE_REPLY_BYTES);
  for (;;) {
    yield first;
    const magic = first.readUInt32BE(0);
    if (magic === SIMPLE_REPLY) {
      yield* simpleReply(to, first.readUInt32BE(4), first.readBigUInt64BE(8));
    } else if (magic === STRUCTURED_REPLY && to.isStructured) {
      yield rest;
      const [flags, type] = [head.readUInt16BE(4), head.readUInt16BE(6)];
      yield* structuredReply(to, { flags, type, handle: head.readBigUInt64BE(8), length: head.readUInt32BE(16) });
    } else throw to.place.nonsense('what it sends is not an answer');
  }
}

function* simpleReply(to: Answered, errno: number, handle: bigint): Program {
  const pending = findIn(to, handle);
  if (errno !== 0) pending.refused = pending.error(errnoName(errno), errnoName(errno));
  else if (pending.into !== null) {
    if (to.isStructured) throw to.place.nonsense('it does not say which bytes it sends');
    yield pending.into;
  } else if (pending.command === COMMAND.blockStatus) throw to.place.nonsense('it does not say what is allocated');
  to.finish(handle);
}

function* structuredReply(to: Answered, chunk: Chunk): Program {
  const pending = findIn(to, chunk.handle);
  const isDone = (chunk.flags & CHUNK_DONE) !== 0;
  if (chunk.type >= CHUNK_ERROR) yield* errorChunk(to, pending, chunk);
  else if (chunk.type === CHUNK.none) {
    if (chunk.length !== 0 || !isDone) throw to.place.nonsense('an answer without content has some');
  } else if (chunk.type === CHUNK.offsetData) yield* dataChunk(to, pending, chunk);
  else if (chunk.type === CHUNK.offsetHole) yield* holeChunk(to, pending, chunk);
  else if (chunk.type === CHUNK.blockStatus) yield* statusChunk(to, pending, chunk);
  else throw to.place.nonsense(`it sends an answer of kind ${chunk.type}`);
  if (!isDone) return;
  const isWhole = pending.refused !== null || pending.covered === null || pending.covered.isWhole;
  if (!isWhole) throw to.place.nonsense(`it left out a part of ${pending.length} bytes at ${pending.offset}`);
  to.finish(chunk.handle);
}

function* dataChunk(to: Answered, pending: Pending, { length }: Chunk): Program {
  const offset = Buffer.alloc(8);
  if (length <= 8) throw to.place.nonsense('it sends data without any');
  yield offset;
  const room = cover(to, pending, offset.readBigUInt64BE(0), length - 8);
  yield room;
}

function* holeChunk(to: Answered, pending: Pending, { length }: Chunk): Program {
  if (length !== 12) throw to.place.nonsense('it sends a hole that is none');
  const hole = Buffer.alloc(12);
  yield hole;
  cover(to, pending, hole.readBigUInt64BE(0), hole.readUInt32BE(8)).fill(0);
}

/** The part of the reader's memory that a chunk fills. */
function cover(to: Answered, pending: Pending, offset: bigint, length: number): Uint8Array {
  const start = Number(offset) - pending.offset;
  if (pending.into === null || pending.covered?.add(start, length) !== true) {
    throw to.place.nonsense(`it sends ${length} bytes at ${offset}, which were not asked for`);
  }
  return pending.into.subarray(start, start + length);
}

function* statusChunk(to: Answered, pending: Pending, { length }: Chunk): Program {
  const isSound = length >= 12 && length <= MOST_STATUS_BYTES && (length - 4) % 8 === 0;
  if (!isSound || pending.command !== COMMAND.blockStatus)
    throw to.place.nonsense(`it tells of extents in ${length} bytes, which were not asked for`);
  const head = Buffer.alloc(4);
  yield head;
  const context = to.contexts.get(head.readUInt32BE(0));
  if (context === undefined || pending.status.has(context))
    throw to.place.nonsense('it tells of extents nobody knows whose');
  const parts: Buffer[] = [];
  // Piece by piece, so that memory is only taken for what has really been sent.
  for (let left = length - 4; left > 0; ) {
    const part = Buffer.alloc(Math.min(left, EXTENTS_AT_ONCE * 8));
    yield part;
    parts.push(part);
    left -= part.length;
  }
  pending.status.set(context, parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts));
}

function* errorChunk(to: Answered, pending: Pending, { length }: Chunk): Program {
  if (length < 6 || length > MOST_ERROR_BYTES) throw to.place.nonsense(`it explains an error in ${length} bytes`);
  const error = Buffer.alloc(length);
  yield error;
  const errno = error.readUInt32BE(0);
  const said = 6 + error.readUInt16BE(4);
  if (said > length || errno === 0) throw to.place.nonsense('it tells of an error that is none');
  const why = plainText(error.toString('utf8', 6, said));
  const name = errnoName(errno);
  pending.refused ??= pending.error(why === '' ? name : `${name}, ${why}`, name);
}

function findIn(to: Answered, handle: bigint): Pending {
  const pending = to.find(handle);
  if (pending === undefined) throw to.place.nonsense('it answers what was not asked');
  return pending;
}
