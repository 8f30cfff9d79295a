import type { ServerChannel } from 'ssh2';
import type { Actor } from '../../shell/access/contract.ts';
import type { ServerOptions } from '../contract.ts';
import type { Limits } from '../limits.ts';
import type { LiveSessions } from '../sessions/live-sessions.ts';
import type { Scope } from '../sessions/scope.ts';
import type { IdleWatch } from './idle.ts';
import type { WindowSize } from './window-size.ts';
import type { Wire } from './wire.ts';

/** What all connections of a server share. */
export interface ServerParts {
  readonly options: ServerOptions;
  readonly limits: Limits;
  readonly sessions: LiveSessions;
  readonly scope: Scope;
}

/** A terminal that a client has asked for. */
export interface WantedTerminal {
  readonly size: WindowSize;
  readonly term: string;
}

/** One piece of work in a channel: a workbench, a command, a plain session. */
export interface ChannelWork {
  readonly parts: ServerParts;
  readonly channel: ServerChannel;
  readonly wire: Wire;
  readonly idle: IdleWatch;
  readonly actor: Actor;
  readonly terminal: WantedTerminal | null;
  /** Aborts when the client has gone, interrupts, or the server stops. */
  readonly gone: AbortSignal;
  /** Rejects with what was thrown in this work and that nobody caught. */
  readonly blamed: Promise<never>;
}
