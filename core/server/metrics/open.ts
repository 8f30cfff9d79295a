import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HoldfastError } from '@holdfast/api';

/** What is served, and where. */
export interface MetricsOptions {
  /** Loopback address and port: `127.0.0.1:9464`, `[::1]:9464`; port 0 for any that is free. */
  readonly listen: string;
  /** Makes the text that Prometheus gets. */
  text(): Promise<string>;
  log(level: 'info' | 'warn', message: string): void;
  /** How long one answer may take, in milliseconds. Default is 10,000. */
  readonly answerMs?: number;
}

/** A door for Prometheus that is open. */
export interface MetricsServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Questions that are answered at once. */
const mostAtOnce = 4;
const loopback = new Set(['127.0.0.1', '::1', 'localhost']);
const contentType = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Answers `GET /metrics` on a loopback address.
 * @throws {HoldfastError} `CONFIG_INVALID` for an address that others could reach; `SERVER_FAILED` when it cannot be listened on.
 */
export async function openMetrics({ listen, text, log, answerMs = 10_000 }: MetricsOptions): Promise<MetricsServer> {
  const { host, port } = addressOf(listen);
  let busy = 0;
  let said = '';
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    request.resume();
    const say = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
      const headers = { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
      response.writeHead(status, headers).end(request.method === 'HEAD' ? '' : body);
    };
    const path = (request.url ?? '').split('?')[0];
    // A page of another site that a browser here shows must not read this by a name that it made point here.
    if (!loopback.has(hostOf(request.headers.host ?? '')))
      return say(403, 'ask for this machine by its loopback address\n');
    if (path !== '/metrics') return say(404, 'there is only /metrics\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') return say(405, 'only GET\n');
    if (busy >= mostAtOnce) return say(503, 'too many ask at once\n');
    busy += 1;
    const figures = text();
    // What nobody waits for any more still goes on, and counts until it has ended.
    const over = (): void => {
      busy -= 1;
    };
    figures.then(over, over);
    try {
      say(200, await withinTime(figures, answerMs), contentType);
      said = '';
    } catch (problem) {
      const why = problem instanceof Error ? problem.message : String(problem);
      // Prometheus asks every few seconds; the log has it once.
      if (why !== said) log('warn', `figures could not be made: ${why}`);
      said = why;
      say(500, 'the figures cannot be made; the log says why\n');
    }
  };
  const server = createServer(
    { requestTimeout: 5_000, headersTimeout: 5_000, maxHeaderSize: 8_192 },
    (request, response) => {
      response.on('error', () => {});
      void answer(request, response);
    },
  );
  server.maxConnections = 32;
  server.keepAliveTimeout = 5_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new HoldfastError('SERVER_FAILED', `cannot serve figures on ${listen}: ${cause.message}`, {
          remedy: 'set metrics.listen to an address and port that are free',
          facts: { listen },
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  log('info', `figures for Prometheus on http://${host.includes(':') ? `[${host}]` : host}:${bound}/metrics`);
  return {
    port: bound,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const hostOf = (header: string): string =>
  header
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();

function addressOf(listen: string): { readonly host: string; readonly port: number } {
  const colon = listen.lastIndexOf(':');
  const host = listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  const port = Number(listen.slice(colon + 1));
  if (loopback.has(host) && Number.isInteger(port) && port >= 0 && port <= 65_535) return { host, port };
  throw new HoldfastError('CONFIG_INVALID', `figures are served on loopback only, and metrics.listen is ${listen}`, {
    remedy:
      'set it to 127.0.0.1:9464 or [::1]:9464; what is to be seen from elsewhere goes through a proxy of your own',
    facts: { listen },
  });
}

async function withinTime(text: Promise<string>, answerMs: number): Promise<string> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`it took longer than ${answerMs / 1000} s`)), answerMs);
  try {
    return await Promise.race([text, promise]);
  } finally {
    clearTimeout(timer);
  }
}
