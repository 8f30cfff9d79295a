import { cancelled } from '@holdfast/api';
import type { WatchdogPipes } from '../live/watchdog.ts';
import { forwardSocket } from './forward.ts';
import type { Host, Reached, Running, RunOptions, RunResult } from './host.ts';
import { Collected, defaultMaxBytes, defaultTimeoutMs, linesOf } from './host.ts';
import type { SshLink } from './link.ts';
import { languageWords, saidTooMuch, tookTooLong } from './local.ts';
import { quoteArgv } from './quote.ts';

/** Programs like qemu-nbd and virsh may lie where the login of a plain user does not look. */
const path = 'PATH="$PATH:/usr/sbin:/sbin:/usr/local/bin" exec';

/** A host behind SSH. */
export class RemoteHost implements Host {
  readonly isLocal = false;
  readonly title: string;
  readonly #link: SshLink;
  readonly #sockets: () => Promise<string>;

  /** @param sockets Makes a path for a socket on this machine. */
  constructor(link: SshLink, sockets: () => Promise<string>) {
    this.#link = link;
    this.#sockets = sockets;
    this.title = link.title;
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const { signal, timeoutMs = defaultTimeoutMs, maxBytes = defaultMaxBytes, input = '' } = options;
    const program = argv[0] ?? '';
    const line = lineOf(argv);
    if (signal?.aborted) throw cancelled(program);
    const channel = await this.#link.exec(line);
    return await new Promise<RunResult>((resolve, reject) => {
      const out = new Collected(maxBytes);
      const err = new Collected(maxBytes);
      let exitCode: number | null = null;
      let why: unknown = null;
      const end = (error: unknown): void => {
        why ??= error;
        // sshd ends nothing when a channel closes; the signal does.
        channel.signal('KILL');
        channel.close();
      };
      const cancel = (): void => end(cancelled(program));
      const timer = setTimeout(() => end(tookTooLong(program, this.title, timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
      channel.on('data', (part: Buffer) => out.add(part) || end(saidTooMuch(program, this.title)));
      channel.stderr.on('data', (part: Buffer) => err.add(part) || end(saidTooMuch(program, this.title)));
      channel.on('error', (thrown: unknown) => {
        why ??= thrown;
      });
      channel.on('exit', (code: number | null) => {
        exitCode = code ?? 137;
      });
      channel.once('close', () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        if (why !== null) reject(why);
        else if (exitCode === null) reject(this.#link.cut(null));
        else resolve({ exitCode, stdout: out.text(), stderr: err.text() });
      });
      channel.end(input);
    });
  }

  async start(argv: readonly string[], signal: AbortSignal): Promise<Running> {
    const channel = await this.#link.exec(lineOf(argv));
    channel.stderr.resume();
    const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
    const end = (): void => {
      channel.signal('TERM');
      channel.close();
    };
    channel.on('error', () => {});
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    return {
      lines: linesOf(channel),
      async [Symbol.asyncDispose]() {
        signal.removeEventListener('abort', end);
        end();
        channel.destroy();
        await closed;
      },
    };
  }

  async detach(argv: readonly string[]): Promise<WatchdogPipes> {
    const channel = await this.#link.exec(lineOf(argv));
    channel.stderr.resume();
    channel.on('error', () => {});
    return { input: channel, output: channel };
  }

  async reach(socket: string): Promise<Reached> {
    return await forwardSocket(this.#link, socket, await this.#sockets());
  }

  async close(): Promise<void> {
    await this.#link.close();
  }
}

const lineOf = (argv: readonly string[]): string => `${path} ${quoteArgv([...languageWords, ...argv])}`;
