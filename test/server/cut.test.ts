import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import ssh2 from 'ssh2';
import { expect, test } from 'vitest';
import { PatternPoints } from './fakes.ts';
import { RunningServer, until } from './running-server.ts';

/** Passes on so many bytes of the client, then cuts the line. */
async function cutter(port: number, bytes: number): Promise<{ readonly port: number; close(): void }> {
  const server = createServer((client) => {
    let left = bytes;
    const upstream = connect(port, '127.0.0.1');
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    client.on('data', (chunk) => {
      upstream.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) setImmediate(cut);
    });
    upstream.on('data', (chunk) => client.write(chunk));
    client.on('close', cut).on('error', cut);
    upstream.on('close', cut).on('error', cut);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => void server.close() };
}

test('a line that is cut at any byte ends that session and leaves nothing behind', async () => {
  const takenAt = Date.UTC(2026, 10, 21);
  const points = new PatternPoints([
    { endpoint: 'lab', id: 'w', name: 'w', held: [{ id: '0a', target: 't', takenAt, sizes: [5_000_000] }] },
  ]);
  await using running = await RunningServer.start({ points });
  await running.addUser('ann', ['operator']);
  const what = [
    (client: ssh2.Client) => client.shell({ term: 'xterm-256color' }, (_error, channel) => channel?.resume()),
    (client: ssh2.Client) => client.exec('wait', (_error, channel) => channel?.resume()),
    (client: ssh2.Client) => client.exec('both 500000', (_error, channel) => channel?.resume()),
    (client: ssh2.Client) =>
      client.sftp((_error, sftp) => sftp?.fastGet('/w/2026-11-21T00-00-00Z/disk0.raw', '/dev/null', () => {})),
  ];
  // From the first byte through each step of the handshake and the login to the work itself.
  const places = [
    1, 10, 20, 22, 300, 800, 1200, 1500, 1560, 1600, 1640, 1700, 1760, 1800, 1900, 2000, 2100, 2200, 2300, 2600, 3000,
    4000,
  ];
  for (const [round, place] of places.entries()) {
    for (const begin of what) {
      const proxy = await cutter(running.port, place + (round % 3));
      const client = new ssh2.Client();
      client.on('error', () => {});
      client.on('ready', () => begin(client));
      const closed = new Promise<void>((resolve) => client.on('close', () => resolve()));
      client.connect({ host: '127.0.0.1', port: proxy.port, username: 'ann', privateKey: running.keyOf('ann') });
      const done = await Promise.race([
        closed.then(() => true),
        new Promise((resolve) => setTimeout(resolve, 300, false)),
      ]);
      // So far nothing more is said than that.
      if (done === false) client.destroy();
      await closed;
      proxy.close();
    }
  }
  await until(() => running.server.sessions.list().length === 0);
  await until(() => running.audit.of('login').length === running.audit.of('logout').length);
  expect(running.audit.of('login').length).toBeGreaterThan(10);
  await until(() => points.openNow === 0);
  expect(running.logged.filter((line) => line.startsWith('error'))).toEqual([]);
  await using ann = await running.connect('ann');
  expect(await ann.run('echo on')).toMatchObject({ code: 0 });
}, 120_000);

test('a client that has nothing but compression is refused', async () => {
  await using running = await RunningServer.start();
  await running.addUser('ann', ['viewer']);
  const only = running.connect('ann', { algorithms: { compress: ['zlib@openssh.com'] } });
  await expect(only).rejects.toThrow('no matching');
});
