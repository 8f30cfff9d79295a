import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** Something at a unix socket that says what it is told to: for what no real peer does when asked, hang or talk rubbish. */
export interface Scripted extends AsyncDisposable {
  readonly path: string;
  /** Lines that it was sent, of all connections. */
  readonly heard: string[];
}

/**
 * @param answer Is called with each line; answers what to send, or ends the connection itself.
 * @param greeting Is sent to each who connects.
 */
export async function scripted(
  answer: (line: string, socket: Socket) => string | Buffer | null,
  greeting: string | Buffer | null = null,
): Promise<Scripted> {
  const folder = await mkdtemp('/tmp/hfs-');
  const path = join(folder, 's');
  const heard: string[] = [];
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
    if (greeting !== null) socket.write(greeting);
    let rest = '';
    socket.on('data', (bytes) => {
      rest += bytes.toString('latin1').replaceAll('\xff', '');
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        heard.push(line);
        const said = answer(line, socket);
        if (said !== null && !socket.destroyed) socket.write(said);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    heard,
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** An agent that answers each command by a table, and `guest-sync-delimited` as it should. */
export function agentAnswers(table: Readonly<Record<string, unknown>>): (line: string) => string | Buffer | null {
  return (line) => {
    if (line === '') return null;
    const { execute, arguments: args } = JSON.parse(line) as { execute: string; arguments?: { id?: number } };
    if (execute === 'guest-sync-delimited')
      return Buffer.concat([Buffer.from([0xff]), Buffer.from(`{"return": ${args?.id}}\n`)]);
    if (!Object.hasOwn(table, execute)) return `{"error":{"class":"CommandNotFound","desc":"no ${execute} here"}}\n`;
    const answer = table[execute];
    return answer === undefined ? null : `${JSON.stringify({ return: answer })}\n`;
  };
}
