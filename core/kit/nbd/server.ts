import { chmod } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type ErrorFacts, type Extent, HoldfastError } from '@holdfast/api';
import { reasonOf } from './errors.ts';
import type { ServedDisk } from './server-handshake.ts';
import { ServerSession } from './server-session.ts';

export type { ServedDisk } from './server-handshake.ts';

/** How disks are served. */
export interface ServeNbd {
  /** A socket's absolute path, which must not exist yet; or a host and a port, 0 for any that is free. */
  readonly listen: { readonly socket: string } | { readonly host: string; readonly port: number };
  readonly exports: Readonly<Record<string, ServedDisk>>;
  /** With it, clients that do not speak TLS are refused; with `ca`, those too that show no certificate of it. All are PEM. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  readonly limits?: {
    /** Most clients at a time; more are hung up on. Default is 32. Each takes at most some 10 MiB. */
    readonly connections?: number;
    /** How long a client may take to choose an export, in milliseconds. Default is 10,000. */
    readonly handshakeMs?: number;
  };
  /** Is told of clients that were hung up on, and why. */
  readonly log?: (what: string, facts: ErrorFacts) => void;
}

export interface NbdServer extends AsyncDisposable {
  readonly address: ServeNbd['listen'];
  /** Ends all connections. Resolves when no disk is read or written any more. Idempotent. */
  close(): Promise<void>;
}

/**
 * Serves disks to NBD clients: fixed newstyle, structured replies, what is allocated (of disks that are not written).
 * @throws `NAME_TAKEN` when something listens there or the socket exists; `ENDPOINT_UNREACHABLE` when listening fails otherwise.
 */
export async function serveNbd(how: ServeNbd): Promise<NbdServer> {
  const exports = new Map(Object.entries(how.exports));
  const allocations = new Map<ServedDisk, Promise<readonly Extent[]>>();
  const allocated = (disk: ServedDisk): Promise<readonly Extent[]> => {
    const known = allocations.get(disk) ?? disk.reader.allocated();
    allocations.set(disk, known);
    // What could not be found out is asked for again.
    known.catch(() => allocations.delete(disk));
    return known;
  };
  const secure = how.tls === undefined ? null : secured(how.tls);
  const sessions = new Set<ServerSession>();
  const { connections = 32, handshakeMs = 10_000 } = how.limits ?? {};
  const server = createServer({ noDelay: true, keepAlive: true }, (socket) => {
    if (sessions.size >= connections) {
      socket.destroy();
      how.log?.('too many clients', { connections });
      return;
    }
    const session = new ServerSession(socket, { exports, allocated, secure, handshakeMs, log: how.log ?? (() => {}) });
    sessions.add(session);
    void session.ended.then(() => sessions.delete(session));
  });
  const address = await listen(server, how.listen);
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    const all = [...sessions];
    for (const session of all) session.end();
    await Promise.all(all.map((session) => session.ended));
    await closed;
  };
  return { address, close, [Symbol.asyncDispose]: close };
}

function secured(tls: NonNullable<ServeNbd['tls']>): { readonly context: SecureContext; readonly asksWho: boolean } {
  const { key, cert, ca } = tls;
  const context = createSecureContext({ key, cert, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) });
  return { context, asksWho: ca !== undefined };
}

async function listen(server: Server, where: ServeNbd['listen']): Promise<ServeNbd['listen']> {
  const name = 'socket' in where ? where.socket : `${where.host}:${where.port}`;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen('socket' in where ? { path: where.socket } : { host: where.host, port: where.port }, () => {
        server.removeListener('error', reject);
        resolve();
      });
    });
    if ('socket' in where) {
      await chmod(where.socket, 0o600);
      return where;
    }
  } catch (cause) {
    server.close();
    const reason = reasonOf(cause);
    const code = reason === 'EADDRINUSE' ? 'NAME_TAKEN' : 'ENDPOINT_UNREACHABLE';
    throw new HoldfastError(code, `disks cannot be served at ${name}: ${reason}`, {
      facts: { address: name, reason },
      cause,
    });
  }
  const address = server.address();
  return { host: where.host, port: typeof address === 'object' && address !== null ? address.port : where.port };
}
