import { hostname } from 'node:os';
import {
  type CheckItem,
  cancelled,
  HoldfastError,
  type Notifier,
  type Opening,
  type OpenNotifier,
} from '@holdfast/api';
import type { Server } from './connection.ts';
import { mailOf, stuffed } from './message.ts';
import { MailSession, type Recipient } from './session.ts';

const ports = { starttls: 587, tls: 465, none: 25 } as const;
const onThisMachine = new Set(['localhost', '127.0.0.1', '::1']);
/** Notices of which is remembered who has them already, when some recipients are to get them later. */
const remembered = 1000;

/** Opens a mail server and its recipients as a notifier. @see docs/formats/notices.md, Mail */
export const openMail: OpenNotifier = async (opening): Promise<Notifier> => {
  const { name, settings } = opening;
  const server = serverOf(opening);
  const from = String(settings.from);
  const to = settings.to as readonly string[];
  const greeting = typeof settings.greeting === 'string' ? settings.greeting : ownName();
  const done = new Map<string, Set<string>>();
  const session = async (signal: AbortSignal): Promise<MailSession> => {
    const { user } = settings;
    const login = typeof user === 'string' ? { user, password: await opening.secret('password') } : null;
    return await MailSession.open(server, greeting, login, signal);
  };

  return {
    async send(notice, call) {
      if (call.signal.aborted) throw cancelled(`telling ${name}`);
      const have = done.get(notice.id) ?? new Set();
      const wanted = to.filter((address) => !have.has(address));
      if (wanted.length === 0) return;
      await using mail = await session(call.signal);
      const recipients = await mail.address(from, wanted);
      const accepted = recipients.filter(({ state }) => state === 'accepted').map(({ address }) => address);
      if (accepted.length > 0) await mail.send(stuffed(mailOf(notice, { from, to })));
      for (const { address, state, said } of recipients)
        if (state !== 'accepted') call.log('warn', `${address} was refused: ${said}`);
      const later = recipients.filter(({ state }) => state === 'later');
      if (later.length > 0) {
        // Who has it does not get it again when the others do.
        if (done.size >= remembered) done.clear();
        done.set(notice.id, new Set([...have, ...accepted]));
        throw refusal('NOTIFY_FAILED', later);
      }
      done.delete(notice.id);
      if (accepted.length === 0 && have.size === 0) throw refusal('NOTIFY_REFUSED', recipients);
    },

    async check(call) {
      const title = `server ${server.host}`;
      try {
        await using mail = await session(call.signal);
        const recipients = await mail.address(from, to);
        await mail.reset();
        const how = server.security === 'none' ? 'in the clear' : 'encrypted, and its certificate is vouched for';
        return [
          { title, state: 'ok', detail: `takes mail from ${from} on port ${server.port}, ${how}` },
          ...recipients.map(recipientItem),
        ];
      } catch (thrown) {
        if (call.signal.aborted) throw cancelled(`checking ${name}`);
        const detail = thrown instanceof Error ? thrown.message : String(thrown);
        const remedy = 'see that host, port, security, ca, user and password are right';
        return [{ title, state: 'failed', detail, remedy }];
      }
    },

    async close() {
      done.clear();
    },
  };
};

/** @throws `NOTIFY_REFUSED` for settings that would tell a password to everybody on the way. */
function serverOf({ name, settings }: Opening): Server {
  const host = String(settings.host);
  const security = (settings.security ?? 'starttls') as Server['security'];
  if (security === 'none' && settings.user !== undefined && !onThisMachine.has(host))
    throw new HoldfastError('NOTIFY_REFUSED', `${name} would send a password in the clear`, {
      remedy: 'set security to starttls or tls',
    });
  return {
    host,
    port: Number(settings.port ?? ports[security]),
    security,
    caFile: typeof settings.ca === 'string' ? settings.ca : null,
    limitMs: Number(settings.timeoutSeconds ?? 30) * 1000,
  };
}

const ownName = (): string => hostname().replaceAll(/[^A-Za-z0-9.-]/g, '') || 'localhost';

const refusal = (code: 'NOTIFY_FAILED' | 'NOTIFY_REFUSED', recipients: readonly Recipient[]): HoldfastError => {
  const said = recipients.map((one) => `${one.address} (${one.said})`).join(', ');
  return new HoldfastError(code, `the mail server did not take a notice for ${said}`.slice(0, 1000));
};

function recipientItem({ address, state, said }: Recipient): CheckItem {
  const title = `recipient ${address}`;
  if (state === 'accepted') return { title, state: 'ok', detail: 'is accepted' };
  const remedy = 'name an address that the server takes mail for';
  return { title, state: state === 'later' ? 'warning' : 'failed', detail: said, remedy };
}
