import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fixture, Prepared } from '@holdfast/api/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testPlugin } from '../../../core/host/authoring/test-plugin.ts';
import { hasMailServer, startMailServer } from './support/smtp-server.ts';

const plugins = join(import.meta.dirname, '../../../plugins/notifiers');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-notifiers-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const listen = async (server: net.Server): Promise<number> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as net.AddressInfo).port;
};
const closing = (server: net.Server) => async (): Promise<void> => {
  await new Promise((resolve) => server.close(resolve));
};

const command = async (at: string): Promise<Prepared> => {
  const file = join(at, 'told');
  const script = join(at, 'tell');
  writeFileSync(file, '');
  // One write each, so that several at once do not mix.
  writeFileSync(script, `#!/bin/sh\nread -r line; printf '%s\\n' "$line" >> '${file}'\n`, { mode: 0o755 });
  return {
    settings: { program: script },
    received: async () =>
      readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== ''),
    lostSettings: { program: join(at, 'nobody') },
  };
};

const webhook = async (): Promise<Prepared> => {
  const heard: string[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      heard.push(body);
      response.writeHead(204).end();
    });
  });
  const port = await listen(server);
  return {
    settings: { url: `http://127.0.0.1:${port}/` },
    received: async () => heard,
    lostSettings: { url: 'http://127.0.0.1:1/' },
    dispose: closing(server),
  };
};

const syslog = async (): Promise<Prepared> => {
  const heard: string[] = [];
  const server = net.createServer((socket) => {
    let all = '';
    socket.setEncoding('utf8');
    socket.on('error', () => {});
    socket.on('data', (part: string) => {
      all += part;
    });
    socket.on('end', () => {
      if (all !== '') heard.push(all);
    });
  });
  const port = await listen(server);
  return {
    settings: { transport: 'tcp', host: '127.0.0.1', port },
    received: async () => heard,
    lostSettings: { transport: 'tcp', host: '127.0.0.1', port: 1 },
    dispose: closing(server),
  };
};

const mail = async (): Promise<Prepared> => {
  const server = await startMailServer();
  const settings = { host: '127.0.0.1', security: 'none', from: 'holdfast@example.org', to: ['ann@example.org'] };
  return {
    settings: { ...settings, port: server.port },
    received: async () => {
      // The server says what it took before it answers, but on another line.
      await pause(30);
      return server.mails.map((one) => one.mail);
    },
    lostSettings: { ...settings, port: 1 },
    dispose: async () => await server[Symbol.asyncDispose](),
  };
};

const fixtures: Readonly<Record<string, Fixture['prepare']>> = { command, webhook, syslog, mail };

for (const [id, prepare] of Object.entries(fixtures)) {
  test(`${id} does what the contract of notifiers says, in process and across a worker`, {
    timeout: 240_000,
  }, async (ctx) => {
    if (id === 'mail' && !hasMailServer()) return ctx.skip('no aiosmtpd here');
    const report = await testPlugin(join(plugins, id), {
      fixtures: { [id]: { prepare } },
      resolvesHere: true,
      temporaryFolder: folder,
    });
    expect(report.problems).toEqual([]);
    const results = report.contributions.flatMap(({ inProcess, acrossWorker }) => [
      ...inProcess.results,
      ...acrossWorker.results,
    ]);
    expect(results.filter(({ ok }) => !ok).map(({ name, failure }) => `${name}: ${failure}`)).toEqual([]);
    expect(results).toHaveLength(16);
    expect(report.contributions.flatMap(({ differences }) => differences)).toEqual([]);
    expect(report.ok).toBe(true);
  });
}
