import { isHoldfastError } from '@holdfast/api';
import { type Place, reasonOf } from './errors.ts';
import { Gate } from './gate.ts';
import type { Handshake } from './handshake.ts';
import type { Link } from './link.ts';
import type { Pending } from './pending.ts';
import { COMMAND, REQUEST, REQUEST_BYTES } from './protocol.ts';
import { readReplies } from './replies.ts';

const MOST_REQUESTS = 64;
const MOST_BYTES = 16 * 1024 * 1024;
/** Ticks of the clock within one limit of time. */
const TICKS = 8;
/** A request may take so many limits of time as long as the server is busy with something: with others, or with a whole disk. */
const LONG = 4;

/** The requests of one connection that are under way. */
export class Conversation {
  readonly #link: Link;
  readonly #gate = new Gate(MOST_REQUESTS, MOST_BYTES);
  readonly #pending = new Map<bigint, Pending>();
  readonly #timer: NodeJS.Timeout;
  #handle = 0n;
  #tick = 0;
  #heardAt = 0;
  #received = 0;
  #isClosed = false;

  constructor(place: Place, link: Link, shaken: Handshake, timeoutMs: number) {
    this.#link = link;
    // Ticks stand still while this process does, so that a server is not blamed for it.
    this.#timer = setInterval(() => this.#watch(), Math.max(5, timeoutMs / TICKS));
    this.#timer.unref();
    link.onFailure((cause) => this.#lost(cause));
    const program = readReplies({
      place,
      isStructured: shaken.facts.structured,
      contexts: shaken.contextIds,
      find: (handle) => this.#pending.get(handle),
      finish: (handle) => this.#finish(handle),
    });
    // It never ends well: its failure is told to `onFailure`.
    link.run(program).catch(() => {});
  }

  /** Whether nothing can be asked any more. */
  get isOver(): boolean {
    return this.#isClosed || this.#link.failure !== null;
  }

  /** Sends a request when there is room for it. Resolves when it is answered; until then `payload` and the memory of a read are in use. */
  async ask(pending: Pending, flags = 0, payload: Uint8Array | null = null): Promise<void> {
    const room = this.#gate.enter(pending.weight);
    if (room !== undefined) await room;
    try {
      this.#assertOpen(pending);
      if (this.#pending.size === 0) this.#heardAt = this.#tick;
      pending.sentAt = this.#tick;
      const head = requestHeader(pending, flags, ++this.#handle);
      this.#pending.set(this.#handle, pending);
      if (payload === null) this.#link.send(head);
      else this.#link.send(head, payload);
      await pending.done;
    } finally {
      this.#gate.leave(pending.weight);
    }
  }

  /** Idempotent. What is under way fails. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearInterval(this.#timer);
    const goodbye = Buffer.alloc(REQUEST_BYTES);
    goodbye.writeUInt32BE(REQUEST, 0);
    goodbye.writeUInt16BE(COMMAND.disconnect, 6);
    await this.#link.close(goodbye);
  }

  #assertOpen(pending: Pending): void {
    if (this.#isClosed) throw pending.error('the connection has been closed', 'closed');
    if (this.#link.failure !== null) throw explain(pending, this.#link.failure);
  }

  #finish(handle: bigint): void {
    const pending = this.#pending.get(handle);
    this.#pending.delete(handle);
    pending?.end();
  }

  #lost(cause: Error): void {
    clearInterval(this.#timer);
    const all = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of all) pending.fail(explain(pending, cause));
  }

  /** Gives a server up that is silent for too long, or leaves one request out. */
  #watch(): void {
    this.#tick++;
    if (this.#received !== this.#link.received) this.#heardAt = this.#tick;
    this.#received = this.#link.received;
    let isSlow = false;
    for (const pending of this.#pending.values()) {
      isSlow ||= pending.isSlow;
      if (this.#tick - pending.sentAt > TICKS * LONG) this.#giveUp(pending);
    }
    const [oldest] = this.#pending.values();
    if (oldest !== undefined && this.#tick - this.#heardAt > TICKS * (isSlow ? LONG : 1)) this.#giveUp(oldest);
  }

  #giveUp(pending: Pending): void {
    this.#link.fail(pending.error('the server does not answer', 'timeout'));
  }
}

/** Why a request fails when its connection does. */
function explain(pending: Pending, cause: Error): Error {
  if (!isHoldfastError(cause) || cause.code === 'DISK_INVALID' || cause.code === 'CANCELLED') return cause;
  const reason = typeof cause.facts.reason === 'string' ? cause.facts.reason : reasonOf(cause);
  const why = reason === 'timeout' ? 'the server does not answer' : `the connection was lost (${reason})`;
  return pending.error(why, reason, cause);
}

function requestHeader(pending: Pending, flags: number, handle: bigint): Buffer {
  const head = Buffer.allocUnsafe(REQUEST_BYTES);
  head.writeUInt32BE(REQUEST, 0);
  head.writeUInt16BE(flags, 4);
  head.writeUInt16BE(pending.command, 6);
  head.writeBigUInt64BE(handle, 8);
  head.writeBigUInt64BE(BigInt(pending.offset), 16);
  head.writeUInt32BE(pending.length, 24);
  return head;
}
