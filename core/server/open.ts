import { once } from 'node:events';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { HoldfastError } from '@holdfast/api';
import ssh2, { type Server as SshServer } from 'ssh2';
import { algorithms } from './algorithms.ts';
import type { ServerParts } from './connection/work.ts';
import type { Server, ServerOptions } from './contract.ts';
import { Arrival, type DoorParts } from './door/arrival.ts';
import { Penalties } from './door/penalties.ts';
import { Refusals } from './door/refusals.ts';
import { WaitingRoom } from './door/waiting-room.ts';
import { hostKey } from './host-key.ts';
import { defaultLimits } from './limits.ts';
import { LiveSessions } from './sessions/live-sessions.ts';
import { Scope } from './sessions/scope.ts';

/** Tells nothing but the product: no version for those who look for old ones. */
const ident = 'Holdfast';

/**
 * Opens the SSH server: workbench, commands and restore points, for the users of this installation.
 * @throws `SERVER_FAILED` when the address cannot be listened on, or the host key cannot be read or made.
 */
export async function openServer(options: ServerOptions): Promise<Server> {
  const limits = { ...defaultLimits, ...options.limits };
  const { privateKey, fingerprint } = await hostKey(options.dataFolder);
  const parts: ServerParts = { options, limits, sessions: new LiveSessions(), scope: new Scope() };
  const door: DoorParts = {
    server: parts,
    room: new WaitingRoom(limits, () => options.now()),
    penalties: new Penalties(() => options.now()),
    refusals: new Refusals(options.audit, options.log),
  };
  const ssh = new ssh2.Server({
    hostKeys: [privateKey],
    algorithms,
    ident,
    keepaliveInterval: limits.keepaliveMs,
    keepaliveCountMax: limits.keepaliveCount,
  });
  const listener = new Listener(ssh, door);
  try {
    const { address, port } = await listener.listen(options.listen);
    return {
      address,
      port,
      fingerprint,
      sessions: parts.sessions,
      blame: (error) => parts.scope.blame(error),
      close: () => listener.close(),
    };
  } catch (error) {
    await listener.close();
    const where = `${options.listen.host}:${options.listen.port}`;
    throw new HoldfastError('SERVER_FAILED', `the SSH server cannot listen on ${where}`, {
      remedy: 'choose an address of this machine and a port that is free, above 1023 without root',
      facts: { host: options.listen.host, port: options.listen.port },
      cause: error,
    });
  }
}

/** Takes connections in by itself, so that they are counted and timed before ssh2 sees them. */
class Listener {
  readonly #ssh: SshServer;
  readonly #door: DoorParts;
  readonly #net: NetServer;
  /** By the client's address and port. */
  readonly #arrivals = new Map<string, Arrival>();
  #end: Promise<void> | null = null;

  constructor(ssh: SshServer, door: DoorParts) {
    this.#ssh = ssh;
    this.#door = door;
    this.#net = createServer((socket) => this.#arrive(socket));
    ssh.on('connection', (client, { ip, port }) => {
      const arrival = this.#arrivals.get(`${ip} ${port}`);
      // It was evicted in this very moment.
      if (arrival === undefined) client.on('error', () => {}).end();
      else arrival.begin(client);
    });
  }

  async listen({ host, port }: ServerOptions['listen']): Promise<AddressInfo> {
    this.#net.listen({ host, port, backlog: 511 });
    await once(this.#net, 'listening');
    this.#net.on('error', (error) => this.#door.server.options.log('error', `the SSH server: ${String(error)}`));
    const address = this.#net.address();
    if (typeof address === 'string' || address === null) throw new Error('no address');
    return address;
  }

  close(): Promise<void> {
    this.#end ??= this.#close();
    return this.#end;
  }

  #arrive(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    if (this.#end !== null || remoteAddress === undefined) return void socket.destroy();
    const key = `${remoteAddress} ${remotePort}`;
    const arrival = new Arrival(socket, this.#door, () =>
      setImmediate(() => {
        if (!arrival.isSentAway) this.#listenTo(socket);
      }),
    );
    this.#arrivals.set(key, arrival);
    void arrival.closed.then(() => {
      if (this.#arrivals.get(key) === arrival) this.#arrivals.delete(key);
    });
  }

  #listenTo(socket: Socket): void {
    if (!socket.destroyed && this.#end === null) this.#ssh.injectSocket(socket);
  }

  async #close(): Promise<void> {
    const { server, refusals } = this.#door;
    const closed = new Promise<void>((resolve) => this.#net.close(() => resolve()));
    await Promise.all(
      [...this.#arrivals.values()].map((arrival) => arrival.stop('the server stops', server.limits.stopMs)),
    );
    await closed;
    await refusals.close();
  }
}
