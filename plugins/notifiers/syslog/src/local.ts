import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { type CheckItem, cancelled, HoldfastError, type Notice } from '@holdfast/api';
import { cutUtf8 } from './message.ts';

export interface LocalLog {
  readonly socket: string;
  readonly facility: string;
  readonly mostBytes: number;
  readonly limitMs: number;
}

const levels: Readonly<Record<Notice['severity'], string>> = { info: 'info', warning: 'warning', critical: 'crit' };

/** Logs by logger(1): Node has no datagram sockets of the file system, and that is what a local syslog listens on. */
export async function logHere(notice: Notice, log: LocalLog, signal: AbortSignal): Promise<void> {
  const { socket, facility, mostBytes, limitMs } = log;
  const said = notice.text === '' ? notice.title : `${notice.title} | ${notice.text}`;
  const line = said
    .toWellFormed()
    .replaceAll(/\s*\n\s*/g, ' | ')
    .replaceAll(/\p{Cc}/gu, ' ');
  const text = cutUtf8(Buffer.from(line), mostBytes - 512).toString('utf8');
  const id = notice.id.replaceAll(/[^\x21-\x7e]/g, '_').slice(0, 100);
  const args = ['--socket', socket, '--socket-errors=on', '--rfc5424=notq', `--size=${mostBytes}`];
  const what = ['--tag', 'holdfast', '--id', '--priority', `${facility}.${levels[notice.severity]}`];
  const data = ['--msgid', notice.kind, '--sd-id', 'holdfast@32473', '--sd-param', `id="${escaped(id)}"`];
  await new Promise<void>((resolve, reject) => {
    const options = { signal, timeout: limitMs, env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }, maxBuffer: 16_384 };
    const child = execFile('logger', [...args, ...what, ...data, '--', text], options, (problem, _out, errors) => {
      if (problem === null) return resolve();
      if (signal.aborted) return reject(cancelled('logging'));
      const why = String(errors).trim().split('\n')[0] || problem.message.split('\n')[0] || 'logger failed';
      reject(new HoldfastError('NOTIFY_FAILED', `cannot log to ${socket}: ${why}`, { facts: { socket } }));
    });
    child.stdin?.end();
  });
}

const escaped = (text: string): string => text.replaceAll(/[\\"\]]/g, (sign) => `\\${sign}`);

export async function socketItem(socket: string): Promise<CheckItem> {
  const title = 'socket';
  const found = await stat(socket).catch(() => null);
  if (found?.isSocket() === true) return { title, state: 'ok', detail: `${socket} is there` };
  const detail = found === null ? `${socket} is not there` : `${socket} is no socket`;
  return { title, state: 'failed', detail, remedy: 'start the syslog of this machine, or name its socket' };
}
