import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import ssh2, { type ClientChannel } from 'ssh2';
import type { Ready, Usage } from './serve.ts';
import { columns, rows, type Talk } from './talk.ts';

/** Somebody who has logged in and sits in the workbench. */
export interface Guest extends Talk {
  /** Takes nothing more from the wire. */
  stopReading(): void;
}

export interface Size {
  readonly cols: number;
  readonly rows: number;
}

/** The server in its process, and ways to it. */
export interface Served {
  guest(size?: Size): Promise<Guest>;
  usage(): Promise<Usage>;
  close(): Promise<void>;
}

/** Starts `program.ts serve` in a process of its own. */
export async function openServed(execArgv: readonly string[] = []): Promise<Served> {
  const child = fork(join(import.meta.dirname, 'program.ts'), ['serve'], { execArgv: [...execArgv] });
  const ended = once(child, 'exit');
  const [{ port, key }] = (await once(child, 'message')) as [Ready];
  return {
    guest: (size = { cols: columns, rows }) => logIn(port, key, size),
    usage: async () => {
      const told = once(child, 'message');
      child.send('usage');
      return ((await told) as [Usage])[0];
    },
    close: async () => {
      child.disconnect();
      await ended;
    },
  };
}

async function logIn(port: number, privateKey: string, size: Size): Promise<Guest> {
  const client = new ssh2.Client();
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({ host: '127.0.0.1', port, username: 'alice', privateKey });
  });
  client.on('error', () => {});
  client.setNoDelay(true);
  const channel = await new Promise<ClientChannel>((resolve, reject) => {
    client.shell({ term: 'xterm-256color', ...size }, (error, opened) =>
      error === undefined ? resolve(opened) : reject(error),
    );
  });
  channel.resume();
  return {
    type: (text) => void channel.write(text),
    onData: (listener) => {
      const hear = (bytes: Buffer): void => listener(bytes.toString(), bytes.length);
      channel.on('data', hear);
      return () => void channel.off('data', hear);
    },
    stopReading: () => void Reflect.get(client, '_sock').pause(),
    ended: closed,
    close: async () => {
      client.destroy();
      await closed;
    },
  };
}
