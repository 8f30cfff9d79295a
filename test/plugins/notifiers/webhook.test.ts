import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCall } from '@holdfast/api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWebhook } from '../../../plugins/notifiers/webhook/src/open.ts';
import { signature } from '../../../plugins/notifiers/webhook/src/signature.ts';
import { type Certificate, makeCertificate } from './support/certificate.ts';
import { noticeOf, openingOf } from './support/notice.ts';

const quiet = makeCall({ who: 'test' });
let folder: string;
let ours: Certificate | null;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-hook-'));
  ours = makeCertificate(folder, 'ours');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Heard {
  readonly method: string;
  readonly url: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

/** A receiver on loopback that answers as it is told. */
async function receiver(
  status: number,
  more: {
    readonly certificate?: Certificate;
    readonly headers?: http.OutgoingHttpHeaders;
    readonly isMute?: boolean;
  } = {},
) {
  const heard: Heard[] = [];
  const answer: http.RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      heard.push({ method, url, headers, body: Buffer.concat(parts).toString() });
      if (more.isMute !== true) response.writeHead(status, more.headers).end('so\r\nit is\u001b[2J');
    });
  };
  const { certificate } = more;
  const server =
    certificate === undefined
      ? http.createServer(answer)
      : https.createServer({ cert: readFileSync(certificate.cert), key: readFileSync(certificate.key) }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    heard,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test('a notice is posted as JSON, signed so that the receiver can prove who sent it and when', async () => {
  await using hook = await receiver(204);
  const secrets = { secret: 'geheim', urlFrom: `http://127.0.0.1:${hook.port}/in?token=x` };
  const notifier = await openWebhook(openingOf({ urlFrom: 'env:U', secret: 'env:S' }, secrets), quiet);
  const notice = noticeOf({ title: 'Höchst „nötig“' });
  await notifier.send(notice, quiet);
  const [one] = hook.heard;
  expect(one).toMatchObject({ method: 'POST', url: '/in?token=x' });
  expect(JSON.parse(one?.body ?? '')).toEqual({ format: 1, ...notice });
  expect(one?.headers['content-type']).toBe('application/json; charset=utf-8');
  const [, seconds, mac] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(one?.headers['x-holdfast-signature'])) ?? [];
  expect(mac).toBe(createHmac('sha256', 'geheim').update(`${seconds}.${one?.body}`).digest('hex'));
  expect(Math.abs(Number(seconds) * 1000 - Date.now())).toBeLessThan(600_000);
});

test('a signature is that of docs/formats/notices.md', () => {
  expect(signature('key', Buffer.from('{}'), () => 1_800_000_000_999)).toBe(
    `t=1800000000,v1=${createHmac('sha256', 'key').update('1800000000.{}').digest('hex')}`,
  );
});

test('what can be tried again is kept, and what cannot is not', async () => {
  const codes = {
    200: null,
    202: null,
    400: 'NOTIFY_REFUSED',
    404: 'NOTIFY_REFUSED',
    408: 'NOTIFY_FAILED',
    429: 'NOTIFY_FAILED',
    500: 'NOTIFY_FAILED',
    503: 'NOTIFY_FAILED',
  };
  for (const [status, code] of Object.entries(codes)) {
    await using hook = await receiver(Number(status));
    const notifier = await openWebhook(openingOf({ url: `http://127.0.0.1:${hook.port}/` }), quiet);
    const sending = notifier.send(noticeOf(), quiet);
    if (code === null) await sending;
    else
      await expect(sending, status).rejects.toMatchObject({
        code,
        message: expect.stringContaining(`answered ${status}`),
      });
  }
});

test('a redirect is not followed: a notice goes where it was configured to go', async () => {
  await using other = await receiver(200);
  await using hook = await receiver(302, { headers: { location: `http://127.0.0.1:${other.port}/` } });
  const notifier = await openWebhook(openingOf({ url: `http://127.0.0.1:${hook.port}/` }), quiet);
  await expect(notifier.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_REFUSED' });
  expect(other.heard).toEqual([]);
});

test('a receiver whose certificate nobody vouches for hears nothing', async (ctx) => {
  if (ours === null) return ctx.skip('no openssl here');
  await using hook = await receiver(200, { certificate: ours });
  const url = `https://127.0.0.1:${hook.port}/`;
  const untrusting = await openWebhook(openingOf({ url }), quiet);
  await expect(untrusting.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  expect(await untrusting.check(quiet)).toMatchObject([{ state: 'failed' }]);
  expect(hook.heard).toEqual([]);
  const trusting = await openWebhook(openingOf({ url, ca: ours.cert }), quiet);
  expect(await trusting.check(quiet)).toMatchObject([{ state: 'ok' }]);
  expect(hook.heard).toEqual([]);
  await trusting.send(noticeOf(), quiet);
  expect(hook.heard).toHaveLength(1);
});

test('an address in the clear, or none, is refused without being told', async () => {
  for (const settings of [{ url: 'http://hook.example.org/x' }, { url: 'https://' }, {}, { url: 'ftp://127.0.0.1/' }]) {
    const notifier = await openWebhook(openingOf(settings), quiet);
    const failure = await notifier.send(noticeOf(), quiet).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(failure).toMatchObject({ code: 'NOTIFY_REFUSED', message: expect.not.stringContaining('hook.example.org') });
  }
});

test('a receiver that does not answer is given up in time, or when it is no longer wanted', async () => {
  await using hook = await receiver(200, { isMute: true });
  const url = `http://127.0.0.1:${hook.port}/`;
  const slow = await openWebhook(openingOf({ url, timeoutSeconds: 0.05 }), quiet);
  await expect(slow.send(noticeOf(), quiet)).rejects.toMatchObject({ code: 'NOTIFY_FAILED' });
  const controller = new AbortController();
  const sending = (await openWebhook(openingOf({ url }), quiet)).send(
    noticeOf(),
    makeCall({ signal: controller.signal }),
  );
  controller.abort();
  await expect(sending).rejects.toMatchObject({ code: 'CANCELLED' });
});
