import { readFile } from 'node:fs/promises';
import { cancelled, HoldfastError, type Notifier, type Opening, type OpenNotifier } from '@holdfast/api';
import { connectionOf } from './connection.ts';
import { type Answer, post } from './post.ts';
import { signature } from './signature.ts';

/** Opens an address as a notifier. @see docs/formats/notices.md, Webhook */
export const openWebhook: OpenNotifier = async (opening): Promise<Notifier> => {
  const { name, settings } = opening;
  const limitMs = Number(settings.timeoutSeconds ?? 30) * 1000;
  return {
    async send(notice, call) {
      if (call.signal.aborted) throw cancelled(`telling ${name}`);
      const url = await addressOf(opening);
      const body = Buffer.from(JSON.stringify({ format: 1, ...notice }));
      const secret = settings.secret === undefined ? null : await opening.secret('secret');
      const headers = {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'holdfast',
        'x-holdfast-notice': notice.id.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 200),
        ...(secret === null ? {} : { 'x-holdfast-signature': signature(secret, body) }),
      };
      const ca = await caOf(opening);
      judge(await post({ url, body, headers, ca, limitMs }, call.signal), url.host);
    },

    async check(call) {
      const title = 'receiver';
      const remedy = 'see that the address is right, the receiver runs and its certificate is vouched for';
      try {
        const url = await addressOf(opening);
        const ca = await caOf(opening);
        const detail = await connectionOf(url, ca, limitMs, call.signal);
        return [{ title, state: 'ok', detail }];
      } catch (thrown) {
        if (call.signal.aborted) throw cancelled(`checking ${name}`);
        const detail = thrown instanceof Error ? thrown.message : String(thrown);
        return [{ title, state: 'failed', detail, remedy }];
      }
    },

    async close() {},
  };
};

const onThisMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

/** The address, read anew each time: a secret may change. No error holds it, as it may be one. */
async function addressOf({ name, settings, secret }: Opening): Promise<URL> {
  const text = settings.urlFrom === undefined ? settings.url : await secret('urlFrom');
  const refuse = (why: string): HoldfastError =>
    new HoldfastError('NOTIFY_REFUSED', `${name} has ${why}`, {
      remedy: 'set url to an address that begins with https://, or urlFrom to a reference to one',
    });
  if (typeof text !== 'string') throw refuse('no address to post to');
  const url = URL.parse(text.trim());
  if (url === null) throw refuse('an address that is none');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && onThisMachine.has(url.hostname))) return url;
  throw refuse('an address that is not encrypted');
}

async function caOf({ settings }: Opening): Promise<string | null> {
  if (typeof settings.ca !== 'string') return null;
  try {
    return await readFile(settings.ca, 'utf8');
  } catch (cause) {
    throw new HoldfastError('NOTIFY_FAILED', `cannot read the certificates in ${settings.ca}`, { cause });
  }
}

/** @throws `NOTIFY_FAILED`, `NOTIFY_REFUSED` */
function judge({ status, body }: Answer, host: string): void {
  if (status >= 200 && status < 300) return;
  const isForGood = status >= 300 && status < 500 && status !== 408 && status !== 429;
  const said = body === '' ? '' : `: ${body}`;
  const why = status >= 300 && status < 400 ? 'and redirects are not followed' : '';
  throw new HoldfastError(
    isForGood ? 'NOTIFY_REFUSED' : 'NOTIFY_FAILED',
    `${host} answered ${status}${why === '' ? '' : `, ${why}`}${said}`,
    { facts: { host, status } },
  );
}
