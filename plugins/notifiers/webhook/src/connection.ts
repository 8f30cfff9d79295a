import net from 'node:net';
import tls from 'node:tls';
import { HoldfastError } from '@holdfast/api';
import { reasonOf } from './post.ts';

/** Connects to where notices are posted, with its certificate checked, and sends nothing. Answers what was found, for people. */
export async function connectionOf(url: URL, ca: string | null, limitMs: number, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const isSecure = url.protocol === 'https:';
  const port = Number(url.port || (isSecure ? 443 : 80));
  const fail = (why: string, cause?: unknown): void =>
    reject(new HoldfastError('NOTIFY_FAILED', `${url.host} ${why}`, { cause }));
  const socket = isSecure
    ? tls.connect({
        host,
        port,
        minVersion: 'TLSv1.2',
        ...(net.isIP(host) === 0 ? { servername: host } : {}),
        ...(ca === null ? {} : { ca }),
      })
    : net.connect(port, host);
  const timer = setTimeout(() => fail(`did not answer within ${limitMs / 1000} s`), limitMs);
  const stop = (): void => fail('was not waited for');
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  socket.on('error', (cause) => fail(`cannot be reached: ${reasonOf(cause)}`, cause));
  socket.on(isSecure ? 'secureConnect' : 'connect', () =>
    resolve(isSecure ? `${url.host} answers, and its certificate is vouched for` : `${url.host} answers`),
  );
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    socket.destroy();
  }
}
