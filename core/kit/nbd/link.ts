import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { NbdSource, NbdTls } from '@holdfast/api';
import { type Place, reasonOf } from './errors.ts';
import { Feed, type Program } from './feed.ts';

/** From this size on bytes are received straight to where they belong; smaller pieces are cut out of what came in one go. */
const DIRECT_BYTES = 16 * 1024;
const STAGING_BYTES = 16 * 1024;
const CLOSE_MS = 1000;

/** A connection to a server: runs one program after another over what comes in. */
export class Link {
  readonly #place: Place;
  readonly #staging = Buffer.allocUnsafeSlow(STAGING_BYTES);
  #socket: Socket;
  #feed: Feed | null = null;
  #isDirect = false;
  #failure: Error | null = null;
  #waiting: { readonly resolve: () => void; readonly reject: (cause: Error) => void } | null = null;
  #onFailure: (cause: Error) => void = () => {};
  #isEnding = false;
  /** Grows whenever bytes come in. */
  received = 0;

  /** @param willSecure Whether TLS follows: then bytes are received by Node's streams. */
  private constructor(place: Place, address: NbdSource['address'], willSecure: boolean) {
    this.#place = place;
    const where = 'socket' in address ? { path: address.socket } : { host: address.host, port: address.port };
    if (willSecure) {
      this.#socket = connect({ ...where, noDelay: true, keepAlive: true });
      this.#listen();
      return;
    }
    this.#socket = connect({
      ...where,
      noDelay: true,
      keepAlive: true,
      onread: {
        buffer: () => this.#nextBuffer(),
        callback: (count) => {
          this.#received(count);
          return true;
        },
      },
    });
    this.#listen();
  }

  /** What is sent before it is connected waits. @throws `ENDPOINT_UNREACHABLE` for an address that is none. */
  static open(place: Place, address: NbdSource['address'], willSecure: boolean): Link {
    try {
      return new Link(place, address, willSecure);
    } catch (cause) {
      throw place.unreachable(`cannot be reached: ${reasonOf(cause)}`, reasonOf(cause), cause);
    }
  }

  get failure(): Error | null {
    return this.#failure;
  }

  /** Called once, when the link fails or is closed by the other side. */
  onFailure(listener: (cause: Error) => void): void {
    this.#onFailure = listener;
    if (this.#failure !== null) listener(this.#failure);
  }

  /** Runs a program to its end. The server must be silent after it until it is spoken to. */
  run(program: Program): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) {
        reject(this.#failure);
        return;
      }
      this.#waiting = { resolve, reject };
      try {
        this.#feed = new Feed(program);
      } catch (cause) {
        this.fail(cause as Error);
        return;
      }
      this.#settle();
    });
  }

  /** Sends bytes, which must stay as they are until the server has answered. */
  send(...parts: readonly Uint8Array[]): void {
    if (this.#failure !== null) return;
    this.#socket.cork();
    for (const part of parts) this.#socket.write(part);
    this.#socket.uncork();
  }

  /**
   * Goes on under TLS. The certificate is verified against the authorities that are given and no others.
   * @throws `ENDPOINT_UNREACHABLE`
   */
  async secure(tls: NbdTls): Promise<void> {
    if (!tls.ca.includes('-----BEGIN CERTIFICATE-----')) {
      throw this.#place.error('ENDPOINT_UNREACHABLE', 'is to be reached by TLS, but no authority to trust was given');
    }
    const plain = this.#socket;
    plain.removeAllListeners('data');
    await new Promise<void>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket = connectTls({
        socket: plain,
        ca: tls.ca,
        // What the certificate must name. An address is not sent as a name.
        host: tls.serverName,
        servername: isIP(tls.serverName) === 0 ? tls.serverName : '',
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
      });
      this.#socket.on('secureConnect', () => {
        this.#waiting = null;
        resolve();
      });
      this.#listen('could not be secured by TLS');
    });
  }

  /** Ends it: who waits gets the cause, and nothing is written to anybody's memory any more. */
  fail(cause: Error): void {
    if (this.#failure !== null) return;
    this.#failure = cause;
    this.#feed = null;
    this.#socket.destroy();
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.reject(cause);
    this.#onFailure(cause);
  }

  /** Says the last words and closes. Resolves when it is closed, in any case within a second. */
  async close(...last: readonly Uint8Array[]): Promise<void> {
    if (this.#failure !== null || this.#isEnding) return;
    this.#isEnding = true;
    const socket = this.#socket;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => socket.destroy(), CLOSE_MS);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.send(...last);
      socket.end();
    });
  }

  #listen(failing = 'cannot be reached'): void {
    const socket = this.#socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', (cause) =>
      this.fail(this.#place.unreachable(`${failing}: ${reasonOf(cause)}`, reasonOf(cause), cause)),
    );
    const closed = (): void => this.fail(this.#place.unreachable('closed the connection', 'closed'));
    socket.on('end', closed);
    socket.on('close', closed);
  }

  /** Where the next bytes go: straight to their place when that is large. */
  #nextBuffer(): Uint8Array {
    this.#isDirect = this.#feed !== null && this.#feed.missing >= DIRECT_BYTES;
    return this.#isDirect && this.#feed !== null ? this.#feed.room : this.#staging;
  }

  #received(count: number): void {
    if (!this.#isDirect) {
      this.#take(this.#staging.subarray(0, count));
      return;
    }
    this.received += count;
    this.#guarded(() => this.#feed?.filled(count));
  }

  #take(bytes: Uint8Array): void {
    this.received += bytes.length;
    this.#guarded(() => {
      const taken = this.#feed?.push(bytes) ?? 0;
      // Words that wait behind an agreement to speak TLS would be taken for words that were spoken under it.
      if (taken < bytes.length && !this.#isEnding) throw this.#place.nonsense('it spoke out of turn');
    });
  }

  #guarded(work: () => void): void {
    if (this.#failure !== null) return;
    try {
      work();
      this.#settle();
    } catch (cause) {
      this.fail(cause as Error);
    }
  }

  #settle(): void {
    if (this.#feed?.isDone !== true) return;
    this.#feed = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    waiting?.resolve();
  }
}
