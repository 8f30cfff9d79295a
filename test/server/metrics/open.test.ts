import http from 'node:http';
import net from 'node:net';
import { expect, test } from 'vitest';
import { openMetrics } from '../../../core/server/metrics/open.ts';

const quiet = { log: () => {} };

function ask(port: number, options: http.RequestOptions = {}): Promise<{ status: number; body: string; type: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(
      { host: '127.0.0.1', port, path: '/metrics', agent: false, ...options },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body, type: String(response.headers['content-type']) }),
        );
      },
    );
    request.on('error', reject);
    request.end();
  });
}

test('figures are served to GET on /metrics, and to nothing else', async () => {
  const server = await openMetrics({ listen: '127.0.0.1:0', text: async () => 'a 1\n', ...quiet });
  try {
    const { port } = server;
    expect(await ask(port)).toEqual({ status: 200, body: 'a 1\n', type: 'text/plain; version=0.0.4; charset=utf-8' });
    expect(await ask(port, { path: '/metrics?x=1' })).toMatchObject({ status: 200 });
    expect(await ask(port, { method: 'HEAD' })).toMatchObject({ status: 200, body: '' });
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) expect((await ask(port, { method })).status).toBe(405);
    for (const path of ['/', '/metrics/', '/../etc/passwd', '/%6detrics'])
      expect((await ask(port, { path })).status).toBe(404);
  } finally {
    await server.close();
  }
});

test('a page of another site that points its name here is shown nothing', async () => {
  const server = await openMetrics({ listen: '127.0.0.1:0', text: async () => 'a 1\n', ...quiet });
  try {
    expect((await ask(server.port, { headers: { host: 'evil.example.org' } })).status).toBe(403);
    expect((await ask(server.port, { headers: { host: 'LOCALHOST:9464' } })).status).toBe(200);
    expect((await ask(server.port, { headers: { host: '[::1]:9464' } })).status).toBe(200);
  } finally {
    await server.close();
  }
});

test('an address that others could reach is refused', async () => {
  for (const listen of [
    '0.0.0.0:9464',
    '[::]:9464',
    '192.168.1.1:9464',
    'example.org:1',
    '127.0.0.1:99999',
    'nonsense',
  ]) {
    await expect(openMetrics({ listen, text: async () => '', ...quiet }), listen).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
  }
});

test('a port that is taken is said so', async () => {
  const server = await openMetrics({ listen: '127.0.0.1:0', text: async () => '', ...quiet });
  try {
    const again = openMetrics({ listen: `127.0.0.1:${server.port}`, text: async () => '', ...quiet });
    await expect(again).rejects.toMatchObject({ code: 'SERVER_FAILED' });
  } finally {
    await server.close();
  }
});

test('what fails is an answer, what comes too often is turned away, and who babbles is cut off', async () => {
  const lines: string[] = [];
  const { promise, resolve } = Promise.withResolvers<string>();
  let asked = 0;
  const server = await openMetrics({
    listen: '127.0.0.1:0',
    text: () => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('no catalog')) : promise;
    },
    log: (_level, line) => void lines.push(line),
  });
  try {
    expect((await ask(server.port)).status).toBe(500);
    expect(lines.join()).toContain('no catalog');
    const waiting = Array.from({ length: 4 }, () => ask(server.port));
    while (asked < 5) await new Promise((wait) => setTimeout(wait, 5));
    expect((await ask(server.port)).status).toBe(503);
    resolve('b 2\n');
    expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const socket = net.connect(server.port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET /metrics HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
    const heard = await new Promise<string>((done) => socket.once('data', (chunk) => done(chunk.toString())));
    expect(heard).toMatch(/^HTTP\/1.1 431/);
    socket.destroy();
  } finally {
    await server.close();
  }
});

test('curl reads it', async (ctx) => {
  const server = await openMetrics({ listen: '127.0.0.1:0', text: async () => 'a 1\n', ...quiet });
  try {
    const { execFile } = await import('node:child_process');
    const said = await new Promise<string | null>((done) =>
      execFile('curl', ['-s', '--noproxy', '*', `http://127.0.0.1:${server.port}/metrics`], (problem, out) =>
        done(problem === null ? out : null),
      ),
    );
    if (said === null) return ctx.skip('no curl here');
    expect(said).toBe('a 1\n');
  } finally {
    await server.close();
  }
});

test('figures that are never made are not begun again and again, and the log says so once', async () => {
  const lines: string[] = [];
  let begun = 0;
  const server = await openMetrics({
    listen: '127.0.0.1:0',
    text: () => {
      begun += 1;
      return new Promise(() => {});
    },
    log: (_level, line) => void lines.push(line),
    answerMs: 20,
  });
  try {
    const states: number[] = [];
    for (let count = 0; count < 8; count += 1) states.push((await ask(server.port)).status);
    expect(states).toEqual([500, 500, 500, 500, 503, 503, 503, 503]);
    expect(begun).toBe(4);
    expect(lines.filter((line) => line.includes('could not be made'))).toHaveLength(1);
  } finally {
    await server.close();
  }
});
