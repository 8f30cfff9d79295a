import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Connection as Client } from 'ssh2';
import { safeText } from '../../model/text/safe-text.ts';
import type { Actor, User } from '../../shell/access/contract.ts';
import { Connection } from '../connection/connection.ts';
import { Wire } from '../connection/wire.ts';
import type { ServerParts } from '../connection/work.ts';
import { countedAddress, plainAddress } from './address.ts';
import { Login } from './login.ts';
import type { Penalties } from './penalties.ts';
import type { Refusals } from './refusals.ts';
import type { Waiting, WaitingRoom } from './waiting-room.ts';

/** What all arrivals share. */
export interface DoorParts {
  readonly server: ServerParts;
  readonly room: WaitingRoom;
  readonly penalties: Penalties;
  readonly refusals: Refusals;
}

const hangUpMs = 1_000;
const lingerMs = 1_000;

/** One connection from the first byte to the last: it waits to log in, then works, and its end is written down. */
export class Arrival {
  readonly closed: Promise<void>;
  readonly #door: DoorParts;
  readonly #socket: Socket;
  readonly #from: string;
  readonly #id = randomBytes(4).toString('hex');
  readonly #waiting: Waiting;
  readonly #grace: NodeJS.Timeout;
  #login: Login | null = null;
  #actor: Actor | null = null;
  #connection: Connection | null = null;
  #reason = '';

  /** @param admitted Called when there is a place for it: not before is anything read of it. */
  constructor(socket: Socket, door: DoorParts, admitted: () => void) {
    this.#door = door;
    this.#socket = socket;
    this.#from = plainAddress(socket.remoteAddress);
    this.#waiting = {
      address: countedAddress(this.#from),
      stage: 0,
      hasFailed: false,
      evict: () => this.#evict(),
      admitted,
    };
    this.#grace = setTimeout(() => this.#refuse('no login in time'), door.server.limits.loginMs).unref();
    const over = Promise.withResolvers<void>();
    this.closed = over.promise;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#ended()
        .catch((error: unknown) =>
          door.server.options.log('error', `an end could not be written to the audit log: ${String(error)}`),
        )
        .finally(over.resolve);
    });
    door.room.enter(this.#waiting);
  }

  /** Whether it has been sent away and is only not closed yet. */
  get isSentAway(): boolean {
    return this.#reason !== '';
  }

  /** The client has said what it is. */
  begin(client: Client): void {
    const { server, penalties } = this.#door;
    this.#reach(1);
    const wire = new Wire(this.#socket, client);
    client.on('error', (error) => {
      server.options.log('debug', `connection ${this.#id} from ${this.#from}: ${safeText(String(error), 300)}`);
      setTimeout(() => this.cut(), hangUpMs).unref();
    });
    client.on('handshake', () => this.#reach(2));
    const login = new Login({
      access: server.options.access,
      limits: server.limits,
      penalties,
      address: this.#waiting.address,
      verifyTotp: (user, code) => server.options.verifyTotp(user, code),
      accepted: (user, facts) => this.#accepted(user, facts),
      failed: () => {
        this.#waiting.hasFailed = true;
        this.#door.room.moved();
      },
      halfway: () => this.#reach(3),
      hangUp: () => {
        this.#reason = 'too many failures';
        client.end();
        setTimeout(() => this.cut(), hangUpMs).unref();
      },
      broken: (error) => server.options.log('error', `a login from ${this.#from} failed: ${String(error)}`),
    });
    this.#login = login;
    client.on('authentication', (context) => void login.handle(context));
    client.on('ready', () => this.#ready(client, wire));
  }

  /** Closes the line at once. */
  cut(): void {
    this.#socket.destroy();
  }

  /** Lets work come to a safe end, then closes. */
  async stop(reason: string, withinMs: number): Promise<void> {
    if (this.#connection === null) this.cut();
    else await this.#connection.stop(reason, withinMs);
    await this.closed;
  }

  #reach(stage: number): void {
    if (stage <= this.#waiting.stage) return;
    this.#waiting.stage = stage;
    this.#waiting.movedAt = this.#door.server.options.now();
  }

  /** Whoever is sent away at once comes back at once: they are left without an answer for a while, as many as that is cheap for. */
  #evict(): void {
    const leave = this.#door.room.linger();
    if (leave === null) {
      this.#refuse('too many connections wait to log in');
      return;
    }
    this.#reason = 'too many connections wait to log in';
    this.#socket.pause();
    const timer = setTimeout(() => this.cut(), lingerMs).unref();
    this.#socket.once('close', () => {
      clearTimeout(timer);
      leave();
    });
  }

  #refuse(reason: string): void {
    if (this.#actor !== null) return;
    this.#reason = reason;
    this.cut();
  }

  async #accepted(user: User, facts: { readonly key: string; readonly totp: boolean }): Promise<void> {
    const actor: Actor = { name: user.name, roles: user.roles, from: this.#from, session: this.#id };
    await this.#door.server.options.audit.append(actor, 'login', facts);
    this.#actor = actor;
    clearTimeout(this.#grace);
    this.#door.room.leave(this.#waiting);
    // It went while its login was written down; its logout follows.
    if (this.#socket.destroyed) await this.#writeLogout();
  }

  #ready(client: Client, wire: Wire): void {
    const actor = this.#actor;
    if (actor === null) {
      this.cut();
      return;
    }
    const connection = new Connection({ server: this.#door.server, client, wire, actor, cut: () => this.cut() });
    this.#connection = connection;
    client.on('end', () => connection.leave());
    client.on('close', () => connection.leave());
    this.#socket.on('data', () => connection.checkUnread());
  }

  async #ended(): Promise<void> {
    clearTimeout(this.#grace);
    this.#door.room.leave(this.#waiting);
    this.#connection?.leave();
    if (this.#actor !== null) return this.#writeLogout();
    const login = this.#login;
    // A socket that says nothing is nobody's login.
    if (login === null || login.tries + login.offers === 0) return;
    const actor: Actor = { name: safeText(login.name, 64), roles: [], from: this.#from, session: this.#id };
    this.#door.refusals.note(actor, {
      tries: login.tries,
      keysOffered: login.offers,
      reason: this.#reason === '' ? 'the client gave up' : this.#reason,
    });
  }

  async #writeLogout(): Promise<void> {
    const actor = this.#actor;
    if (actor === null) return;
    this.#actor = null;
    await this.#door.server.options.audit.append(actor, 'logout', {});
  }
}
