import { cancelled, isHoldfastError } from '@holdfast/api';
import type { AcceptSftpConnection, ServerChannel, Session } from 'ssh2';
import { safeText } from '../../model/text/safe-text.ts';
import type { Actor } from '../../shell/access/contract.ts';
import { runSftp } from '../sftp/run.ts';
import { ChannelTty } from './channel-tty.ts';
import type { IdleWatch } from './idle.ts';
import { exitCodeOf, runExec, wordsOf } from './run-exec.ts';
import { runPlain } from './run-plain.ts';
import { type Ending, runWorkbench } from './run-workbench.ts';
import { windowSize } from './window-size.ts';
import type { Wire } from './wire.ts';
import type { ChannelWork, ServerParts, WantedTerminal } from './work.ts';

export interface SessionChannelParts {
  readonly server: ServerParts;
  readonly wire: Wire;
  readonly idle: IdleWatch;
  /** Who it is, with an identity of its own for this channel. */
  readonly actor: Actor;
  /** Looks the person up again; throws `ACCESS_DENIED` when they may not be here any more. */
  check(): Promise<Actor>;
}

const longestTerm = 64;

/** One channel of a connection: a terminal may be asked for, then one piece of work begins. Environment, agent, X11 and other subsystems are refused. */
export class SessionChannel {
  /** The work is done. */
  readonly ended: Promise<void>;
  /** The client has closed its side. */
  readonly closed: Promise<void>;
  readonly #parts: SessionChannelParts;
  readonly #gone = new AbortController();
  readonly #ending = Promise.withResolvers<Ending>();
  readonly #over = Promise.withResolvers<void>();
  readonly #close: () => void;
  readonly #blamed = Promise.withResolvers<never>();
  #channel: ServerChannel | null = null;
  #terminal: WantedTerminal | null = null;
  #tty: ChannelTty | null = null;
  #hasBegun = false;
  #isWorkbench = false;

  constructor(session: Session, parts: SessionChannelParts) {
    this.#parts = parts;
    this.ended = this.#over.promise;
    const closed = Promise.withResolvers<void>();
    this.closed = closed.promise;
    this.#close = closed.resolve;
    session.on('pty', (accept, _reject, { term, cols, rows }) => {
      const given: unknown = term;
      this.#terminal = {
        size: windowSize(cols, rows),
        term: typeof given === 'string' ? given.slice(0, longestTerm) : '',
      };
      (accept as (() => void) | undefined)?.();
    });
    session.on('window-change', (accept, _reject, { cols, rows }) => {
      (accept as (() => void) | undefined)?.();
      this.#tty?.resize(windowSize(cols, rows));
    });
    session.on('signal', (_accept, _reject, { name }) => {
      if (['INT', 'TERM', 'HUP', 'QUIT'].includes(name) && !this.#isWorkbench) this.#abort();
    });
    session.on('shell', (accept) =>
      this.#begin(accept, (work) => (this.#terminal === null ? runPlain(work) : this.#workbench(work))),
    );
    session.on('exec', (accept, _reject, { command }) => {
      this.#begin(accept, (work) =>
        this.#meansWorkbench(command) ? this.#workbench(work) : runExec(work, command, () => this.#abort()),
      );
    });
    session.on('sftp', (accept, reject) => this.#sftp(accept, reject));
    // Before anything has begun nobody else says that it has ended. Standard input may have ended long before.
    session.on('close', () => {
      this.leave();
      this.#close();
    });
    this.#blamed.promise.catch(() => {});
    session.on('error', () => {});
  }

  /** What the client sent and nobody has read. */
  get unreadBytes(): number {
    return this.#channel?.readableLength ?? 0;
  }

  /** The client has gone: work is cancelled, the terminal is dead. Idempotent. */
  leave(): void {
    this.#tty?.die();
    this.#abort();
    if (!this.#hasBegun) this.#over.resolve();
  }

  /** Ends a workbench with words, and cancels anything else. */
  end(reason: string): void {
    this.#ending.resolve({ reason });
    if (!this.#isWorkbench) this.leave();
  }

  notice(text: string): void {
    this.#parts.server.sessions.notice(this.#parts.actor.session, text);
  }

  #meansWorkbench(command: string): boolean {
    if (this.#terminal === null) return false;
    try {
      return wordsOf(command).length === 0;
    } catch {
      return false;
    }
  }

  #abort(): void {
    if (!this.#gone.signal.aborted) this.#gone.abort(cancelled('the command'));
  }

  #begin(accept: () => ServerChannel, run: (work: ChannelWork) => Promise<number>): void {
    if (this.#hasBegun) return;
    const channel = accept() as ServerChannel | undefined;
    if (channel === undefined) return;
    this.#hasBegun = true;
    // ssh2 tells of a client that writes after its end, and of much else, in this way.
    channel.on('error', () => this.leave());
    channel.stderr.on('error', () => this.leave());
    this.#channel = channel;
    void this.#guard(async () => {
      const code = await this.#run(channel, run);
      if (channel.writable) {
        channel.exit(code);
        channel.end();
      }
      // Nobody reads what is still to come; unread, the channel would never close.
      channel.resume();
      this.#tty?.die();
      this.#over.resolve();
    });
  }

  /** Does work in whose course whatever is thrown, now or later, ends this session. */
  #guard<T>(work: () => T): T {
    return this.#parts.server.scope.run((error) => this.#blamed.reject(error), work);
  }

  async #run(channel: ServerChannel, run: (work: ChannelWork) => Promise<number>): Promise<number> {
    const { server, wire, idle } = this.#parts;
    try {
      const actor = await this.#parts.check();
      const { gone, terminal, blamed } = {
        gone: this.#gone.signal,
        terminal: this.#terminal,
        blamed: this.#blamed.promise,
      };
      return await run({ parts: server, channel, wire, idle, actor, terminal, gone, blamed });
    } catch (error) {
      this.#abort();
      if (isHoldfastError(error)) channel.stderr.write(`✗ ${safeText(error.message)} [${error.code}]\n`);
      else
        server.options.log(
          'error',
          `session ${this.#parts.actor.session} failed: ${error instanceof Error ? error.stack : String(error)}`,
        );
      return exitCodeOf(error);
    }
  }

  #workbench(work: ChannelWork): Promise<number> {
    const { terminal, channel, wire } = work;
    const { options } = work.parts;
    if (terminal === null) throw new Error('a workbench needs a terminal');
    const colours = {
      depth: options.colourDepth(terminal.term),
      erasesInColour: options.erasesInColour?.(terminal.term) ?? true,
    };
    const tty = new ChannelTty(channel, wire, terminal.size, colours, (act) => this.#guarded(act));
    this.#tty = tty;
    this.#isWorkbench = true;
    channel.on('data', (bytes: Buffer) => {
      work.idle.touch();
      tty.feed(bytes);
    });
    // The client will type no more: there is nobody at the terminal.
    channel.on('end', () => this.leave());
    if (this.#gone.signal.aborted) tty.die();
    return runWorkbench(work, tty, this.#ending.promise, (reason) => this.end(reason));
  }

  #guarded(act: () => void): void {
    try {
      this.#guard(act);
    } catch (error) {
      this.#blamed.reject(error);
    }
  }

  #sftp(accept: AcceptSftpConnection, reject: () => void): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    const { server, wire, idle, actor, check } = this.#parts;
    void server.scope
      .run(
        () => this.leave(),
        () => runSftp({ server, wire, idle, actor, check, gone: this.#gone.signal }, accept, reject),
      )
      .catch((error: unknown) => server.options.log('error', `SFTP session ${actor.session} failed: ${String(error)}`))
      .finally(() => this.#over.resolve());
  }
}
