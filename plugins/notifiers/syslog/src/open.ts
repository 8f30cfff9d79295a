import { hostname } from 'node:os';
import { pid } from 'node:process';
import { type CheckItem, cancelled, HoldfastError, type Notifier, type OpenNotifier } from '@holdfast/api';
import { logHere, socketItem } from './local.ts';
import { syslogMessage } from './message.ts';
import { sendByStream, sendByUdp } from './remote.ts';

const facilities = ['kern', 'user', 'mail', 'daemon', 'auth'] as const;
const facilityNumber = (name: string): number =>
  name.startsWith('local') ? 16 + Number(name.slice(5)) : Math.max(1, facilities.indexOf(name as 'user'));

/** Longest message, in bytes: what a receiver must take by UDP, and what all take else. */
const mostBytes = { udp: 2048, local: 8192, tcp: 8192, tls: 8192 } as const;

/** Opens a syslog as a notifier. @see docs/formats/notices.md, Syslog */
export const openSyslog: OpenNotifier = async ({ name, settings }): Promise<Notifier> => {
  const transport = (settings.transport ?? 'local') as keyof typeof mostBytes;
  const facility = String(settings.facility ?? 'daemon');
  const limitMs = Number(settings.timeoutSeconds ?? 30) * 1000;
  const socket = String(settings.socket ?? '/dev/log');
  const to = {
    host: String(settings.host ?? ''),
    port: Number(settings.port ?? (transport === 'tls' ? 6514 : 514)),
    caFile: typeof settings.ca === 'string' ? settings.ca : null,
    isSecure: transport === 'tls',
    limitMs,
  };
  if (transport !== 'local' && to.host === '')
    throw new HoldfastError('NOTIFY_REFUSED', `${name} sends by ${transport} and names no host`, {
      remedy: 'set host to the name of the syslog server',
    });
  return {
    async send(notice, call) {
      if (call.signal.aborted) throw cancelled(`telling ${name}`);
      if (transport === 'local') return logHere(notice, { socket, facility, mostBytes: 8192, limitMs }, call.signal);
      const sender = { facility: facilityNumber(facility), host: hostname(), process: pid };
      const message = syslogMessage(notice, sender, mostBytes[transport]);
      if (transport === 'udp') await sendByUdp(message, to);
      else await sendByStream(message, to, call.signal);
    },

    async check(call) {
      if (transport === 'local') return [await socketItem(socket)];
      if (transport === 'udp')
        return [{ title: 'server', state: 'ok', detail: `${to.host} is sent to by UDP, which tells nobody of losses` }];
      return [await serverItem(() => sendByStream(null, to, call.signal), to.host)];
    },

    async close() {},
  };
};

async function serverItem(connect: () => Promise<void>, host: string): Promise<CheckItem> {
  const title = 'server';
  try {
    await connect();
    return { title, state: 'ok', detail: `${host} takes connections` };
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown);
    return { title, state: 'failed', detail, remedy: 'see that host, port and certificate are right and that it runs' };
  }
}
