import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import type { ErrorFacts, Extent } from '@holdfast/api';
import { plainText, reasonOf } from './errors.ts';
import { Feed } from './feed.ts';
import { type Agreement, BadClient, type ServedDisk, ServerHandshake } from './server-handshake.ts';
import { ServerRequests } from './server-requests.ts';

/** What a session needs to know of its server. */
export interface SessionParts {
  readonly exports: ReadonlyMap<string, ServedDisk>;
  readonly allocated: (disk: ServedDisk) => Promise<readonly Extent[]>;
  /** `null` for a link in the clear. */
  readonly secure: { readonly context: SecureContext; readonly asksWho: boolean } | null;
  readonly handshakeMs: number;
  readonly log: (what: string, facts: ErrorFacts) => void;
}

/** One client, from its greeting to its end. */
export class ServerSession {
  /** Resolves when the connection is gone and nothing is worked on for it. Never rejects. */
  readonly ended: Promise<void>;
  readonly #parts: SessionParts;
  readonly #handshake: ServerHandshake;
  readonly #timer: NodeJS.Timeout;
  #socket: Socket;
  #feed: Feed | null = null;
  #requests: ServerRequests | null = null;
  #outcome: Agreement | 'tls' | null = null;

  constructor(socket: Socket, parts: SessionParts) {
    this.#socket = socket;
    this.#parts = parts;
    this.#handshake = new ServerHandshake(parts.exports, (...said) => void this.#send(said));
    this.#timer = setTimeout(() => this.#fail(new BadClient('it takes too long to choose')), parts.handshakeMs);
    const closed = new Promise<void>((resolve) => {
      socket.once('close', () => resolve());
    });
    this.ended = closed.then(async () => {
      clearTimeout(this.#timer);
      this.#feed = null;
      await this.#requests?.settled();
    });
    this.#listen();
    this.#begin(true);
  }

  end(): void {
    this.#socket.destroy();
  }

  #listen(): void {
    this.#socket.on('data', (bytes: Buffer) => this.#take(bytes));
    this.#socket.on('error', (cause) => this.#fail(cause));
  }

  #begin(isFirst: boolean): void {
    this.#feed = new Feed(this.#program(isFirst));
  }

  *#program(isFirst: boolean): Generator<Uint8Array, void, void> {
    if (isFirst) yield* this.#handshake.greet();
    this.#outcome = yield* this.#handshake.negotiate(isFirst && this.#parts.secure !== null);
    if (this.#outcome === null || this.#outcome === 'tls') return;
    clearTimeout(this.#timer);
    const { disk } = this.#outcome;
    this.#requests = new ServerRequests(this.#outcome, () => this.#parts.allocated(disk), {
      send: (...said) => this.#send(said),
      hold: (isHeld) => (isHeld ? this.#socket.pause() : this.#socket.resume()),
      fail: (cause) => this.#fail(cause),
    });
    yield* this.#requests.read();
  }

  #take(bytes: Uint8Array): void {
    const feed = this.#feed;
    if (feed === null) return;
    try {
      const taken = feed.push(bytes);
      if (!feed.isDone) return;
      this.#feed = null;
      // What was said in the clear must never pass for something that was said under TLS.
      if (this.#outcome === 'tls' && taken < bytes.length) throw new BadClient('it spoke on before TLS began');
      if (this.#outcome === 'tls') this.#secure();
      else void this.#leave();
    } catch (cause) {
      this.#fail(cause);
    }
  }

  #secure(): void {
    const { secure } = this.#parts;
    if (secure === null) return;
    this.#socket.removeAllListeners('data');
    const { context, asksWho } = secure;
    const plain = this.#socket;
    this.#socket = new TLSSocket(plain, {
      isServer: true,
      secureContext: context,
      requestCert: asksWho,
      rejectUnauthorized: asksWho,
    });
    this.#socket.on('close', () => plain.destroy());
    this.#listen();
    this.#begin(false);
  }

  /** The client has said goodbye: what it asked for before is still answered. */
  async #leave(): Promise<void> {
    await this.#requests?.settled();
    this.#socket.end();
  }

  #send(parts: readonly Uint8Array[]): Promise<void> {
    return new Promise((resolve) => {
      const socket = this.#socket;
      // A client that is gone is no failure of what was done for it.
      if (socket.destroyed || !socket.writable) {
        resolve();
        return;
      }
      socket.cork();
      for (const part of parts.slice(0, -1)) socket.write(part);
      socket.write(parts.at(-1) ?? new Uint8Array(0), () => resolve());
      socket.uncork();
    });
  }

  #fail(cause: unknown): void {
    const facts = cause instanceof BadClient ? cause.facts : {};
    if (!this.#socket.destroyed)
      this.#parts.log('a client was hung up on', { ...facts, reason: plainText(reasonOf(cause)) });
    this.#socket.destroy();
  }
}
