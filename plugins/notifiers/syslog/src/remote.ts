import dgram from 'node:dgram';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import tls from 'node:tls';
import { cancelled, HoldfastError } from '@holdfast/api';

export interface Receiver {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  /** PEM file with the certificates that vouch for the server; `null` for those of this system. */
  readonly caFile: string | null;
  readonly limitMs: number;
}

const unreached = ({ host, port }: Receiver, why: string, cause?: unknown): HoldfastError =>
  new HoldfastError('NOTIFY_FAILED', `the syslog server ${host}:${port} ${why}`, { facts: { host, port }, cause });

const wordsOf = (thrown: Error): string => thrown.message || ('code' in thrown ? String(thrown.code) : 'is silent');

/** One datagram, as RFC 5426 has it. */
export async function sendByUdp(message: Uint8Array, to: Receiver): Promise<void> {
  const family = net.isIPv6(to.host) ? 'udp6' : 'udp4';
  const socket = dgram.createSocket(family);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.on('error', reject);
      socket.send(message, to.port, to.host, (problem) => (problem === null ? resolve() : reject(problem)));
    });
  } catch (cause) {
    throw unreached(to, `cannot be sent to: ${cause instanceof Error ? wordsOf(cause) : ''}`, cause);
  } finally {
    socket.close();
  }
}

/** How long a receiver has to hang up when it wants nothing: nobody who listens ends a connection of its own accord. */
const lingerMs = 200;

/**
 * A connection for one message, counted in octets as RFC 6587 and RFC 5425 have it; ends when it was sent, the receiver did not hang up over it, and the
 * connection is closed in order. Syslog has no answers: a door in front of a receiver that is down would else seem to take everything.
 * @param message `null` to connect and send nothing.
 */
export async function sendByStream(message: Uint8Array | null, to: Receiver, signal: AbortSignal): Promise<void> {
  const ca = to.caFile === null ? null : await certificates(to, to.caFile);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const { host, port } = to;
  const socket = to.isSecure
    ? tls.connect({
        host,
        port,
        minVersion: 'TLSv1.2',
        ...(net.isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === null ? {} : { ca }),
      })
    : net.connect(port, host);
  const timer = setTimeout(() => reject(unreached(to, 'did not answer in time')), to.limitMs);
  let linger: NodeJS.Timeout | null = null;
  let isDone = false;
  const stop = (): void => reject(cancelled('sending to syslog'));
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  socket.on('error', (cause) => reject(unreached(to, `cannot be reached: ${wordsOf(cause)}`, cause)));
  socket.on(to.isSecure ? 'secureConnect' : 'connect', () => {
    if (message === null) return resolve();
    socket.write(Buffer.concat([Buffer.from(`${message.length} `), message]), () => {
      linger = setTimeout(() => {
        isDone = true;
        socket.end();
      }, lingerMs);
    });
  });
  socket.on('end', () => {
    if (!isDone && message !== null) reject(unreached(to, 'hung up before it had all'));
  });
  socket.on('close', (hadError) => {
    if (!hadError && isDone) resolve();
    else reject(unreached(to, 'hung up before it had all'));
  });
  // What a receiver says back is not read, and must not keep the connection open.
  socket.resume();
  try {
    await promise;
  } finally {
    clearTimeout(timer);
    if (linger !== null) clearTimeout(linger);
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}

async function certificates(to: Receiver, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw unreached(to, `cannot be trusted: its certificates in ${file} cannot be read`, cause);
  }
}
