import { HoldfastError } from '@holdfast/api';
import type { Connection as Client } from 'ssh2';
import type { Actor } from '../../shell/access/contract.ts';
import { IdleWatch } from './idle.ts';
import { SessionChannel } from './session-channel.ts';
import type { Wire } from './wire.ts';
import type { ServerParts } from './work.ts';

const lastWordsMs = 1_000;
const goneMs = 200;
/** What a client may send ahead of being read; ssh2 lets it send any amount. */
const mostUnreadBytes = 4 * 1024 * 1024;

export interface ConnectionParts {
  readonly server: ServerParts;
  readonly client: Client;
  readonly wire: Wire;
  readonly actor: Actor;
  /** Closes the line, whatever is on its way. */
  cut(): void;
}

/** Somebody who has logged in: so many channels, each with work of its own, until they go, idle or are told to go. */
export class Connection {
  readonly #parts: ConnectionParts;
  readonly #channels = new Set<SessionChannel>();
  readonly #idle: IdleWatch;
  readonly #left = Promise.withResolvers<void>();
  #opened = 0;
  #isOver = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    const { client, server } = parts;
    const minutes = Math.round(server.limits.idleMs / 60_000);
    this.#idle = new IdleWatch(
      server.limits.idleMs,
      () => this.#notice('this session ends in a minute unless you press a key'),
      () => void this.stop(`nothing happened for ${minutes} minutes`, 1_000),
    );
    // Not listened for, and so refused by ssh2: forwarding of ports and sockets, and every other kind of channel.
    client.on('session', (accept, reject) => {
      if (this.#isOver || this.#channels.size >= server.limits.channels) return reject();
      this.#add(new SessionChannel(accept(), this.#channelParts()));
    });
  }

  /** The client has gone. */
  leave(): void {
    this.#isOver = true;
    this.#left.resolve();
    this.#idle.close();
    for (const channel of this.#channels) channel.leave();
  }

  /** After each packet of the client. */
  checkUnread(): void {
    if ([...this.#channels].some(({ unreadBytes }) => unreadBytes > mostUnreadBytes)) this.#parts.cut();
  }

  /** Ends all work with a reason, waits for it, no longer than `withinMs`, and hangs up. */
  async stop(reason: string, withinMs: number): Promise<void> {
    this.#isOver = true;
    const channels = [...this.#channels];
    for (const channel of channels) channel.end(reason);
    await atMost(Promise.all(channels.map(({ ended }) => ended)), withinMs);
    // OpenSSH shows nothing of what it has once it is told to go. It closes a channel when all of that is shown, and then mostly goes by itself.
    await atMost(Promise.all(channels.map(({ closed }) => closed)), lastWordsMs);
    if (channels.length > 0) await atMost(this.#left.promise, goneMs);
    this.#parts.client.end();
    // A client that is not there any more takes no leave.
    setTimeout(() => this.#parts.cut(), 1_000).unref();
  }

  #notice(text: string): void {
    for (const channel of this.#channels) channel.notice(text);
  }

  #channelParts(): ConstructorParameters<typeof SessionChannel>[1] {
    const { server, wire, actor } = this.#parts;
    this.#opened += 1;
    const own = { ...actor, session: `${actor.session}-${this.#opened}` };
    return { server, wire, idle: this.#idle, actor: own, check: () => this.#check(own) };
  }

  #add(channel: SessionChannel): void {
    this.#channels.add(channel);
    void Promise.all([channel.ended, channel.closed]).then(() => this.#channels.delete(channel));
  }

  /** Rights are those that somebody has now, not those of the login. */
  async #check(actor: Actor): Promise<Actor> {
    const user = await this.#parts.server.options.access.user(actor.name);
    if (user !== null) return { ...actor, roles: user.roles };
    void this.stop('you are no user here any more', 1_000);
    throw new HoldfastError('ACCESS_DENIED', `${actor.name} is no user here any more`);
  }
}

async function atMost(work: Promise<unknown>, ms: number): Promise<void> {
  const timeout = Promise.withResolvers<void>();
  const timer = setTimeout(timeout.resolve, ms);
  await Promise.race([work, timeout.promise]);
  clearTimeout(timer);
}
