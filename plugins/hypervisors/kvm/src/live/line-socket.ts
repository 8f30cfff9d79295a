import { connect, type Socket } from 'node:net';

/** What went wrong with a socket: `nobody` listens, it is `gone` in mid-word, `silent` for too long, or talks too `much`. */
export class LinkFailure extends Error {
  override readonly name = 'LinkFailure';
  readonly kind: 'nobody' | 'denied' | 'gone' | 'silent' | 'much' | 'cancelled';

  constructor(kind: LinkFailure['kind'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** How a socket is opened. */
export interface LineSocketHow {
  /** How long to wait for somebody to listen, in milliseconds. */
  readonly limitMs: number;
  /** Longest line that is taken, in bytes. */
  readonly maxLineBytes: number;
  readonly signal?: AbortSignal;
}

const newline = 0x0a;
/** Sent by a guest agent before an answer: everything before it is of an earlier talk. */
const sentinel = 0xff;
const retryMs = 20;
/** Lines that wait to be read. More is no talk of ours. */
const mostLines = 10_000;

/** A unix socket that speaks in lines. Lines and their number are bounded, and so is every wait. */
export class LineSocket implements AsyncDisposable {
  readonly #socket: Socket;
  readonly #maxLineBytes: number;
  #parts: Buffer[] = [];
  #partBytes = 0;
  #lines: Buffer[] = [];
  #failure: LinkFailure | null = null;
  #wake: () => void = () => {};

  private constructor(socket: Socket, maxLineBytes: number) {
    this.#socket = socket;
    this.#maxLineBytes = maxLineBytes;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', (cause) => this.#fail(new LinkFailure('gone', 'the connection broke', cause)));
    socket.on('close', () => this.#fail(new LinkFailure('gone', 'the connection was closed')));
  }

  /**
   * Connects. Where a queue of others waits already (`EAGAIN`) it tries again until the limit.
   * @throws {LinkFailure}
   */
  static async connect(path: string, how: LineSocketHow): Promise<LineSocket> {
    const end = performance.now() + how.limitMs;
    for (;;) {
      const outcome = await tryConnect(path, Math.max(1, end - performance.now()), how.signal);
      if (outcome !== 'later') return new LineSocket(outcome, how.maxLineBytes);
      if (performance.now() >= end) throw new LinkFailure('silent', `${path} is busy with others`);
      await new Promise((resolve) => setTimeout(resolve, retryMs));
    }
  }

  /** The next line, without its end. @throws {LinkFailure} when there is none within the limit. */
  async read(limitMs: number, signal?: AbortSignal): Promise<Buffer> {
    const end = performance.now() + limitMs;
    for (;;) {
      const line = this.#lines.shift();
      if (line !== undefined) return line;
      if (this.#failure !== null) throw this.#failure;
      if (signal?.aborted === true) throw new LinkFailure('cancelled', 'the wait was cancelled');
      const left = end - performance.now();
      if (left <= 0) throw new LinkFailure('silent', `no answer within ${Math.round(limitMs)} ms`);
      await this.#something(left, signal);
    }
  }

  write(text: string | Buffer): void {
    if (this.#failure === null) this.#socket.write(text);
  }

  /** Lets go of the socket at once, so that another may have it. */
  close(): void {
    this.#fail(new LinkFailure('gone', 'the connection was closed'));
    this.#socket.destroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  async #something(limitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    // A limit of "as long as it takes" is longer than a timer can count.
    const timer = setTimeout(resolve, Math.min(limitMs, 2 ** 31 - 1));
    const abort = (): void => resolve();
    signal?.addEventListener('abort', abort, { once: true });
    await promise;
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }

  #take(bytes: Buffer): void {
    let from = 0;
    for (let at = 0; at < bytes.length; at++) {
      if (bytes[at] === sentinel) {
        this.#parts = [];
        this.#partBytes = 0;
        this.#lines = [];
        from = at + 1;
      } else if (bytes[at] === newline) {
        this.#keep(bytes.subarray(from, at));
        const line = this.#parts.length === 1 ? this.#parts[0] : Buffer.concat(this.#parts);
        this.#parts = [];
        this.#partBytes = 0;
        from = at + 1;
        if (line !== undefined && line.length > 0) this.#lines.push(line);
      }
    }
    this.#keep(bytes.subarray(from));
    if (this.#partBytes > this.#maxLineBytes || this.#lines.length > mostLines) {
      this.#fail(new LinkFailure('much', `it sends more than ${this.#maxLineBytes} bytes in one line`));
      this.#socket.destroy();
    }
    this.#wake();
  }

  #keep(part: Buffer): void {
    if (part.length === 0) return;
    this.#parts.push(part);
    this.#partBytes += part.length;
  }

  #fail(failure: LinkFailure): void {
    this.#failure ??= failure;
    this.#wake();
  }
}

async function tryConnect(path: string, limitMs: number, signal: AbortSignal | undefined): Promise<Socket | 'later'> {
  if (signal?.aborted === true) throw new LinkFailure('cancelled', 'the connection was cancelled');
  const socket = connect({ path });
  const { promise, resolve, reject } = Promise.withResolvers<Socket | 'later'>();
  const timer = setTimeout(() => reject(new LinkFailure('silent', `${path} does not answer`)), limitMs);
  const abort = (): void => reject(new LinkFailure('cancelled', 'the connection was cancelled'));
  signal?.addEventListener('abort', abort, { once: true });
  socket.once('connect', () => resolve(socket));
  socket.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EAGAIN') return resolve('later');
    const kind = error.code === 'EACCES' || error.code === 'EPERM' ? 'denied' : 'nobody';
    return reject(new LinkFailure(kind, `nobody listens at ${path} (${error.code ?? 'unknown'})`, error));
  });
  try {
    return await promise;
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}
