import { cancelled } from '@holdfast/api';
import type { ClientChannel } from 'ssh2';
import type { WatchdogPipes } from '../live/watchdog.ts';
import { forwardSocket } from './forward.ts';
import type { Host, Reached, Running, RunOptions, RunResult } from './host.ts';
import { Collected, defaultMaxBytes, defaultTimeoutMs, linesOf } from './host.ts';
import type { SshLink } from './link.ts';
import { languageWords, saidTooMuch, tookTooLong } from './local.ts';
import { quoteArgv } from './quote.ts';

/**
 * What stands before each program. The shell says its number first, which is that of the program and of its process group: sshd passes on no
 * signals to a program of root. Programs like qemu-nbd and virsh may lie where the login of a plain user does not look.
 */
const before = 'echo $$ >&2; PATH="$PATH:/usr/sbin:/sbin:/usr/local/bin" exec';
const numberShape = /^(\d{1,10})\r?\n/;
/** How long a channel may take to close once its program was ended. */
const closeMs = 3_000;

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
    let exitCode: number | null = null;
    const channel = await this.#link.exec(line, (opened) => {
      opened.on('exit', (code: number | null) => {
        exitCode = code ?? 137;
      });
    });
    return await new Promise<RunResult>((resolve, reject) => {
      const out = new Collected(maxBytes);
      const err = new Collected(maxBytes);
      let why: unknown = null;
      const end = (error: unknown): void => {
        if (why !== null) return;
        why = error;
        void this.#end(channel, program === 'kill' ? '' : err.text()).then(() => over());
      };
      const cancel = (): void => end(cancelled(program));
      const timer = setTimeout(() => end(tookTooLong(program, this.title, timeoutMs)), timeoutMs);
      signal?.addEventListener('abort', cancel, { once: true });
      channel.on('data', (part: Buffer) => out.add(part) || end(saidTooMuch(program, this.title)));
      channel.stderr.on('data', (part: Buffer) => err.add(part) || end(saidTooMuch(program, this.title)));
      channel.on('error', (thrown: unknown) => {
        why ??= thrown;
      });
      const over = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', cancel);
        if (why !== null) reject(why);
        else if (exitCode === null) reject(this.#link.cut(null));
        else resolve({ exitCode, stdout: out.text(), stderr: err.text().replace(numberShape, '') });
      };
      channel.once('close', over);
      channel.end(input);
    });
  }

  async start(argv: readonly string[], signal: AbortSignal): Promise<Running> {
    const channel = await this.#link.exec(lineOf(argv));
    let said = '';
    channel.stderr.on('data', (part: Buffer) => {
      if (said.length < 64) said += part.toString('latin1');
    });
    channel.on('error', () => {});
    let ended: Promise<void> | null = null;
    const end = (): Promise<void> => {
      ended ??= this.#end(channel, said);
      return ended;
    };
    const cancel = (): void => void end();
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
    return {
      lines: linesOf(channel),
      async [Symbol.asyncDispose]() {
        signal.removeEventListener('abort', cancel);
        await end();
        channel.destroy();
      },
    };
  }

  async detach(argv: readonly string[]): Promise<WatchdogPipes> {
    const channel = await this.#link.exec(lineOf(argv));
    channel.stderr.resume();
    channel.on('error', () => {});
    return { input: channel, output: channel };
  }

  /** Ends the program of a channel with all that it has started, and waits until the channel is closed. */
  async #end(channel: ClientChannel, said: string): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      if (channel.destroyed) resolve();
      channel.once('close', () => resolve());
      setTimeout(resolve, closeMs).unref();
    });
    const number = numberShape.exec(said)?.[1];
    channel.close();
    if (number !== undefined)
      await this.run(['kill', '-9', '--', `-${number}`], { timeoutMs: closeMs }).catch(() => {});
    await closed;
  }

  async reach(socket: string): Promise<Reached> {
    return await forwardSocket(this.#link, socket, await this.#sockets());
  }

  async close(): Promise<void> {
    await this.#link.close();
  }
}

const lineOf = (argv: readonly string[]): string => `${before} ${quoteArgv([...languageWords, ...argv])}`;
