import type { Readable, Writable } from 'node:stream';
import type { Access, Actor } from '../shell/access/contract.ts';
import type { Audit } from '../shell/audit/contract.ts';
import type { Desk } from '../shell/desk/contract.ts';
import type { Sessions } from '../shell/desk/sessions.ts';
import type { Limits } from './limits.ts';
import type { PointSource } from './point-source.ts';
import type { Recordings } from './recordings/contract.ts';
import type { ColourDepth, Tty } from './tty.ts';

export type Log = (level: 'debug' | 'info' | 'warn' | 'error', text: string) => void;

/** What a command line over SSH reads and writes. */
export interface ExecIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Aborts when the client goes away, interrupts, or the server stops. */
  readonly signal: AbortSignal;
}

/** A workbench that has been opened on somebody's terminal. */
export interface OpenedWorkbench {
  /** When the person has left it. */
  readonly ended: Promise<void>;
  /** Gives the terminal back. Idempotent. */
  close(): void;
  /** What is shown now, line by line. */
  text(): string;
  /** Shows a line to the person. Where it is absent `Tty.notice` is used, and where that is not set the line is drawn over the screen. */
  notice?(text: string): void;
  /** Says for as long as it lasts who looks on. */
  observedBy?(names: readonly string[]): void;
}

/** What people do in the server. Each is handed in: the server knows connections, not commands. */
export interface ServerWork {
  /** What somebody works with; the signal aborts when their session has ended. */
  deskFor(actor: Actor, signal: AbortSignal): Desk | Promise<Desk>;
  openWorkbench(tty: Tty, desk: Desk): OpenedWorkbench | Promise<OpenedWorkbench>;
  /** The same without a terminal that can be drawn on; answers an exit code. */
  openPlain(io: {
    readonly input: Readable;
    readonly output: Writable;
    readonly desk: Desk;
    readonly signal: AbortSignal;
  }): Promise<number>;
  /** Runs a command line in this process. @param words What follows the name of the program. @returns Its exit code. */
  execute(words: readonly string[], actor: Actor, io: ExecIo): Promise<number>;
  /** Restore points for SFTP, as this person may see them. */
  readonly points: PointSource;
}

/** What a server is opened with. */
export interface ServerOptions extends ServerWork {
  readonly listen: { readonly host: string; readonly port: number };
  /** The host key lies here. */
  readonly dataFolder: string;
  readonly access: Access;
  readonly audit: Audit;
  /** Whether a one-time password is right, now, for the first time. */
  verifyTotp(user: string, code: string): Promise<boolean>;
  /** Colours of a terminal from what its client calls it; from an allow-list. */
  colourDepth(term: string): ColourDepth;
  /** Whether a terminal fills what it erases with the colour that is set; absent: every terminal does. */
  erasesInColour?(term: string): boolean;
  readonly limits?: Partial<Limits>;
  /** Where workbenches are recorded; `null` when they are not. Default is `null`. */
  readonly recordings?: Recordings | null;
  readonly log: Log;
  now(): number;
}

/** A server that listens. Whoever opened it closes it. */
export interface Server {
  readonly address: string;
  readonly port: number;
  /** Of the host key, as `ssh` shows it: `SHA256:…`. */
  readonly fingerprint: string;
  readonly sessions: Sessions;
  /**
   * For whoever hears of an error that nobody caught: ends the session in whose work it was thrown and answers `true`;
   * `false` when it was in none.
   */
  blame(error: unknown): boolean;
  /** Takes no more connections, lets commands reach a safe state, gives terminals back and closes the rest. Idempotent. */
  close(): Promise<void>;
}
