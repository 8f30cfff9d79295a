import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { makeCall } from '@holdfast/api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { syslogMessage } from '../../../plugins/notifiers/syslog/src/message.ts';
import { openSyslog } from '../../../plugins/notifiers/syslog/src/open.ts';
import { type Certificate, makeCertificate } from './support/certificate.ts';
import { noticeOf, openingOf } from './support/notice.ts';

const quiet = makeCall({ who: 'test' });
let folder: string;
let ours: Certificate | null;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-syslog-'));
  ours = makeCertificate(folder, 'ours');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const sender = { facility: 3, host: 'büro host', process: 42 };

test('a notice is the message that RFC 5424 describes', () => {
  const facts = { machine: 'web "07"]\\', 'bad name=': 1, id: 'not ours' };
  const message = syslogMessage(noticeOf({ id: 'n1', facts, text: 'one\n  two' }), sender, 8192).toString('utf8');
  expect(message).toBe(
    '<28>1 2027-01-15T08:00:00.000Z brohost holdfast 42 rpo-missed ' +
      '[holdfast@32473 id="n1" from="site-lon" remedy="holdfast protect lab/web-07" machine="web \\"07\\"\\]\\\\" bad_name_="1"] ' +
      '\ufeffweb-07: RPO missed by 3 h 12 min | one | two',
  );
});

test('no text of a notice breaks the head of its message, or makes it longer than it may be', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('"] <13>1', '\n<0>1 - - - - - -', '🙈'.repeat(300)),
  );
  fc.assert(
    fc.property(text, text, text, fc.integer({ min: 600, max: 9000 }), (title, body, fact, most) => {
      const notice = noticeOf({ title, text: body, facts: { [fact]: fact }, remedy: null });
      const bytes = syslogMessage(notice, sender, most);
      const message = bytes.toString('utf8');
      expect(Buffer.from(message)).toEqual(bytes);
      expect(message).toMatch(
        /^<28>1 \S+ \S+ holdfast 42 rpo-missed (?:-|\[holdfast@32473( [A-Za-z0-9_.-]{1,32}="(?:[^"\\\]]|\\["\\\]])*")+\]) \ufeff\P{Cc}*$/u,
      );
      expect(bytes.length).toBeLessThanOrEqual(most);
    }),
  );
});

test('many long facts leave room for what a message is about', () => {
  const facts = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`fact${index}`, '🙈'.repeat(200)]));
  const bytes = syslogMessage(noticeOf({ facts, id: '🙈'.repeat(300) }), sender, 2048);
  expect(bytes.length).toBeLessThanOrEqual(2048);
  expect(bytes.toString('utf8')).toContain('\ufeffweb-07: RPO missed by 3 h 12 min');
});

test('a door that opens and closes at once, with nobody behind it, has not heard anything', async () => {
  const door = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
    socket.end();
  });
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  const { port } = door.address() as net.AddressInfo;
  const notifier = await openSyslog(openingOf({ transport: 'tcp', host: '127.0.0.1', port }), quiet);
  await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  await new Promise((resolve) => door.close(resolve));
});

test('by UDP a notice is one datagram, by TCP it is counted in octets', async () => {
  const socket = dgram.createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const heard = new Promise<Buffer>((resolve) => socket.once('message', resolve));
  const udp = await openSyslog(openingOf({ transport: 'udp', host: '127.0.0.1', port: socket.address().port }), quiet);
  await udp.send(noticeOf({ text: 'ü'.repeat(5000) }), quiet);
  const datagram = await heard;
  socket.close();
  expect(datagram.length).toBeLessThanOrEqual(2048);
  expect(datagram.toString('utf8')).not.toContain('\ufffd');

  await using server = await collector(net.createServer());
  const tcp = await openSyslog(openingOf({ transport: 'tcp', host: '127.0.0.1', port: server.port }), quiet);
  expect(await tcp.check(quiet)).toMatchObject([{ state: 'ok' }]);
  await tcp.send(noticeOf(), quiet);
  await until(() => server.frames().length === 1);
  expect(server.frames()[0]).toMatch(/^<28>1 .* rpo-missed \[holdfast@32473 id=/);
  await expect(
    (await openSyslog(openingOf({ transport: 'tcp', host: '127.0.0.1', port: 1 }), quiet)).send(noticeOf(), quiet),
  ).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  await expect(openSyslog(openingOf({ transport: 'tcp' }), quiet)).rejects.toMatchObject({ code: 'NOTIFY_REFUSED' });
});

test('by TLS a server whose certificate nobody vouches for hears nothing', async (ctx) => {
  if (ours === null) return ctx.skip('no openssl here');
  const key = { cert: readFileSync(ours.cert), key: readFileSync(ours.key) };
  await using server = await collector(tls.createServer(key), 'secureConnection');
  const given = { transport: 'tls', host: '127.0.0.1', port: server.port };
  await expect((await openSyslog(openingOf(given), quiet)).send(noticeOf(), quiet)).rejects.toMatchObject({
    code: 'NOTIFY_FAILED',
  });
  await (await openSyslog(openingOf({ ...given, ca: ours.cert }), quiet)).send(noticeOf(), quiet);
  await until(() => server.frames().length === 1);
});

test('the syslog of this machine gets a notice through logger', async (ctx) => {
  if (!existsSync('/usr/bin/logger')) return ctx.skip('no logger here');
  const missing = await openSyslog(openingOf({ socket: join(folder, 'none') }), quiet);
  expect(await missing.check(quiet)).toMatchObject([{ state: 'failed' }]);
  await expect(missing.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  // logger also takes a socket that is a stream.
  const socket = join(folder, 'log');
  await using server = await collector(net.createServer(), 'connection', socket);
  const local = await openSyslog(openingOf({ socket, facility: 'local3' }), quiet);
  expect(await local.check(quiet)).toMatchObject([{ state: 'ok' }]);
  await local.send(noticeOf({ title: '$(id) --help', text: '%s\n-x' }), quiet);
  await until(() => server.text().includes('\n') || server.text().includes('\0'));
  expect(server.text()).toMatch(
    /<156>1 .* holdfast \d+ rpo-missed \[.*holdfast@32473 id="rpo_lab\/web-07@1800000000000"\].*\$\(id\) --help \| %s \| -x/,
  );
});

const rsyslogd = [process.env.HOLDFAST_TEST_RSYSLOGD ?? '', '/usr/sbin/rsyslogd'].find((file) => existsSync(file));

test('rsyslog understands what is sent by TCP and takes it apart', async (ctx) => {
  if (rsyslogd === undefined) return ctx.skip('no rsyslogd here');
  const file = join(folder, 'rsyslog.out');
  const config = join(folder, 'rsyslog.conf');
  const port = await freePort();
  const template = '%syslogfacility-text%.%syslogseverity-text% %app-name% %msgid% %structured-data% %msg%\\n';
  writeFileSync(
    config,
    `global(workDirectory="${folder}")\nmodule(load="imtcp")\ninput(type="imtcp" port="${port}" address="127.0.0.1")\ntemplate(name="t" type="string" string="${template}")\naction(type="omfile" file="${file}" template="t")\n`,
  );
  const child = spawn(rsyslogd, ['-n', '-f', config, '-i', join(folder, 'rsyslog.pid')], { stdio: 'ignore' });
  try {
    const notifier = await openSyslog(openingOf({ transport: 'tcp', host: '127.0.0.1', port }), quiet);
    for (let isUp = false; !isUp; ) isUp = (await notifier.check(quiet))[0]?.state === 'ok';
    await notifier.send(noticeOf({ id: 'n "1"]', facts: { machine: 'wéb' }, remedy: null }), quiet);
    await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('RPO'));
    expect(
      readFileSync(file, 'utf8')
        .split('\n')
        .find((line) => line.includes('RPO')),
    ).toMatch(
      /^daemon\.warning holdfast rpo-missed \[holdfast@32473 id="n \\"1\\"\\\]" from="site-lon" machine="wéb"\] \ufeff?web-07: RPO missed/,
    );
  } finally {
    child.kill('SIGKILL');
  }
});

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A server that keeps what it hears. */
async function collector(server: net.Server, event: 'connection' | 'secureConnection' = 'connection', path?: string) {
  let all = Buffer.alloc(0);
  const sockets = new Set<net.Socket>();
  server.on(event, (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      all = Buffer.concat([all, chunk]);
    });
  });
  await new Promise<void>((resolve) =>
    path === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(path, resolve),
  );
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    text: () => all.toString('utf8'),
    /** What RFC 6587 makes of it: a length, a blank, so many bytes. */
    frames: () => {
      const frames: string[] = [];
      let rest = all;
      for (;;) {
        const head = /^(\d{1,6}) /.exec(rest.subarray(0, 8).toString('latin1'));
        if (head === null) return frames;
        const start = head[0].length;
        const end = start + Number(head[1]);
        if (rest.length < end) return frames;
        frames.push(rest.subarray(start, end).toString('utf8'));
        rest = rest.subarray(end);
      }
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
