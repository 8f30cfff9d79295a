import type { WatchdogPipes } from '../live/watchdog.ts';

/** How a program is run. */
export interface RunOptions {
  /** Goes to its standard input, which is empty without it. */
  readonly input?: string | Uint8Array;
  /** Ends the program: it throws `CANCELLED`. */
  readonly signal?: AbortSignal;
  /** How long it may take, in milliseconds; then it is ended and throws `TIMEOUT`. Default is 60,000. */
  readonly timeoutMs?: number;
  /** Most bytes that are read of what it prints, of each of both; more throws `ENDPOINT_UNREACHABLE`. Default is 4 MiB. */
  readonly maxBytes?: number;
}

/** What a program did. */
export interface RunResult {
  /** 127 when there is no such program; 128 and more when a signal ended it. */
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs on until it is ended. */
export interface Running extends AsyncDisposable {
  /** Its standard output, line by line; ends when it ends. A line is cut at 64 KiB. */
  readonly lines: AsyncIterable<string>;
}

/** A socket of the host, as this machine reaches it. */
export interface Reached extends AsyncDisposable {
  /** Path on this machine, short enough for any program. */
  readonly path: string;
}

/** A host that programs are run on: this machine, or one behind SSH. */
export interface Host {
  /** For people. */
  readonly title: string;
  readonly isLocal: boolean;
  /**
   * Runs a program, by an argument vector that no shell of ours takes apart.
   * @throws `ENDPOINT_UNREACHABLE` when the host cannot be reached or the link is cut, `CANCELLED`, `TIMEOUT`
   */
  run(argv: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts a program whose output is read as it comes. */
  start(argv: readonly string[], signal: AbortSignal): Promise<Running>;
  /** Starts a program that outlives this process: its input then ends, and that is all that it hears of it. */
  detach(argv: readonly string[]): Promise<WatchdogPipes>;
  /** Makes a unix socket of the host reachable on this machine. Each connection to it is one of its own there. */
  reach(socket: string): Promise<Reached>;
  close(): Promise<void>;
}

export const defaultTimeoutMs = 60_000;
export const defaultMaxBytes = 4 * 1024 * 1024;

/** Collects what a program prints, up to a limit. */
export class Collected {
  readonly #parts: Buffer[] = [];
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Answers whether it is still within the limit. */
  add(part: Buffer): boolean {
    this.#bytes += part.length;
    if (this.#bytes > this.#most) return false;
    this.#parts.push(part);
    return true;
  }

  text(): string {
    return Buffer.concat(this.#parts).toString('utf8');
  }
}

/** Lines of a stream of bytes; each is cut at 64 KiB, so that a peer that never ends one costs no more. */
export async function* linesOf(stream: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const most = 64 * 1024;
  const decoder = new TextDecoder();
  let rest = '';
  let isCut = false;
  for await (const part of stream) {
    rest += typeof part === 'string' ? part : decoder.decode(part, { stream: true });
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      if (!isCut) yield rest.slice(0, Math.min(end, most));
      isCut = false;
      rest = rest.slice(end + 1);
    }
    if (rest.length > most) {
      if (!isCut) yield rest.slice(0, most);
      isCut = true;
      rest = '';
    }
  }
  if (rest !== '' && !isCut) yield rest;
}
