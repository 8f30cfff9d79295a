import http from 'node:http';
import https from 'node:https';
import { cancelled, HoldfastError } from '@holdfast/api';

export interface Post {
  readonly url: URL;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** PEM certificates that vouch for the server; `null` for those of this system. */
  readonly ca: string | null;
  readonly limitMs: number;
}

/** What the receiver said; of the body the beginning, on one line. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

const keptBytes = 2048;

/** Posts once, on a connection of its own; follows no redirect. Throws `NOTIFY_FAILED`, `CANCELLED`. */
export async function post({ url, body, headers, ca, limitMs }: Post, signal: AbortSignal): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const isSecure = url.protocol === 'https:';
  const request = (isSecure ? https : http).request(url, {
    method: 'POST',
    agent: false,
    headers: { ...headers, 'content-length': String(body.length), connection: 'close' },
    maxHeaderSize: 16 * 1024,
    ...(ca === null ? {} : { ca }),
    ...(isSecure ? { minVersion: 'TLSv1.2' as const, rejectUnauthorized: true } : {}),
  });
  const fail = (why: string, cause?: unknown): void =>
    reject(new HoldfastError('NOTIFY_FAILED', `${url.host} ${why}`, { facts: { host: url.host }, cause }));
  const stop = (): void => {
    reject(cancelled(`posting to ${url.host}`));
    request.destroy();
  };
  const timer = setTimeout(() => {
    fail(`did not answer within ${limitMs / 1000} s`);
    request.destroy();
  }, limitMs);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  request.on('error', (cause) => fail(`cannot be reached: ${reasonOf(cause)}`, cause));
  request.on('response', (response) => {
    const status = response.statusCode ?? 0;
    let said = Buffer.alloc(0);
    const answer = (): void =>
      resolve({ status, body: said.toString('utf8').replaceAll(/\s+/g, ' ').trim().slice(0, 300) });
    response.on('data', (chunk: Buffer) => {
      said = Buffer.concat([said, chunk]).subarray(0, keptBytes);
      // The status is what counts; nobody has to be heard out.
      if (said.length < keptBytes) return;
      answer();
      request.destroy();
    });
    response.on('end', answer);
    response.on('error', answer);
  });
  request.end(body);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    request.destroy();
  }
}

export const reasonOf = (thrown: Error): string => {
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  return thrown.message === '' ? code : thrown.message;
};
