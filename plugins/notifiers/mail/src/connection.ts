import { readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import { cancelled, HoldfastError } from '@holdfast/api';
import { type Answer, AnswerReader, wordsOf } from './answers.ts';

/** Where the server is and how it is spoken to. */
export interface Server {
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  /** PEM file with the certificates that vouch for it; `null` for those of this system. */
  readonly caFile: string | null;
  readonly limitMs: number;
}

/** A connection to a mail server: one line is said, one answer is heard. */
export class Connection implements Disposable {
  readonly #server: Server;
  readonly #ca: string | null;
  #socket: net.Socket;
  #reader = new AnswerReader();
  #problem: Error | null = null;
  #wake: (() => void) | null = null;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;

  private constructor(server: Server, ca: string | null, signal: AbortSignal) {
    this.#server = server;
    this.#ca = ca;
    this.#signal = signal;
    this.#socket =
      server.security === 'tls' ? tls.connect({ ...this.#tlsOptions(), port: server.port }) : this.#plain(server);
    this.#listen(this.#socket);
    this.#onAbort = () => this.#break(cancelled(`speaking to ${server.host}`));
    signal.addEventListener('abort', this.#onAbort, { once: true });
    if (signal.aborted) this.#onAbort();
    const late = `did not take the mail within ${server.limitMs / 1000} s`;
    this.#timer = setTimeout(() => this.#break(this.#failure(late)), server.limitMs);
  }

  /** Connects and hears the greeting. Throws `NOTIFY_FAILED`, `CANCELLED`. */
  static async open(server: Server, signal: AbortSignal): Promise<Connection> {
    if (signal.aborted) throw cancelled(`speaking to ${server.host}`);
    const connection = new Connection(server, await certificates(server), signal);
    try {
      const greeting = await connection.hear();
      if (greeting.code !== 220) throw connection.refusal('does not want to be spoken to', greeting);
      return connection;
    } catch (thrown) {
      connection[Symbol.dispose]();
      throw thrown;
    }
  }

  /** Says one line and hears the answer. */
  async say(line: string): Promise<Answer> {
    if (/[\r\n\0]/.test(line)) throw new HoldfastError('NOTIFY_REFUSED', 'a setting has a line end in it');
    return await this.write(`${line}\r\n`);
  }

  /** Sends text as it stands and hears the answer. */
  async write(text: string): Promise<Answer> {
    if (this.#problem !== null) throw this.#problem;
    this.#socket.write(text);
    return await this.hear();
  }

  async hear(): Promise<Answer> {
    for (;;) {
      const answer = this.#reader.next();
      if (answer !== null) return answer;
      if (this.#problem !== null) throw this.#problem;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Goes on encrypted, after the server has agreed to STARTTLS. */
  async encrypt(): Promise<void> {
    // What came in the clear after the answer would be taken for the server's own words.
    if (!this.#reader.isEmpty) throw this.#failure('said more than it was asked before the connection was encrypted');
    const plain = this.#socket;
    plain.removeAllListeners();
    plain.on('error', () => {});
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const secure = tls.connect({ ...this.#tlsOptions(), socket: plain }, resolve);
    this.#socket = secure;
    this.#reader = new AnswerReader();
    this.#listen(secure);
    this.#wake = () => reject(this.#problem);
    await promise;
  }

  /** The error for an answer that is not the one that is needed. */
  refusal(what: string, answer: Answer, code: 'NOTIFY_FAILED' | 'NOTIFY_REFUSED' = 'NOTIFY_FAILED'): HoldfastError {
    const { host } = this.#server;
    return new HoldfastError(code, `the mail server ${host} ${what}: ${wordsOf(answer)}`, {
      facts: { host, code: answer.code },
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#onAbort);
    this.#break(this.#failure('is not spoken to any more'));
  }

  #plain({ host, port }: Server): net.Socket {
    return net.connect(port, host);
  }

  #tlsOptions(): tls.ConnectionOptions {
    const { host } = this.#server;
    const named = net.isIP(host) === 0 ? { servername: host } : {};
    return {
      host,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...named,
      ...(this.#ca === null ? {} : { ca: this.#ca }),
    };
  }

  #listen(socket: net.Socket): void {
    socket.on('data', (chunk) => {
      try {
        this.#reader.add(chunk);
        this.#wakeUp();
      } catch (thrown) {
        this.#break(thrown instanceof Error ? thrown : this.#failure('cannot be understood'));
      }
    });
    socket.on('error', (cause) => {
      const code = 'code' in cause ? String(cause.code) : '';
      this.#break(this.#failure(`cannot be reached: ${cause.message || code}`, cause));
    });
    socket.on('close', () => this.#break(this.#failure('closed the connection')));
  }

  #wakeUp(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  #break(problem: Error): void {
    this.#problem ??= problem;
    this.#socket.destroy();
    this.#wakeUp();
  }

  #failure(what: string, cause?: unknown): HoldfastError {
    const { host, port } = this.#server;
    return new HoldfastError('NOTIFY_FAILED', `the mail server ${host}:${port} ${what}`, {
      facts: { host, port },
      cause,
    });
  }
}

async function certificates({ caFile }: Server): Promise<string | null> {
  if (caFile === null) return null;
  try {
    return await readFile(caFile, 'utf8');
  } catch (cause) {
    throw new HoldfastError('NOTIFY_FAILED', `cannot read the certificates in ${caFile}`, { cause });
  }
}
