import { chmod } from 'node:fs/promises';
import { createConnection, createServer, type Server, type Socket } from 'node:net';
import type { Hold } from './kind.ts';

/** Stands before a socket that speaks in lines, and can hold back a line that matters. */
export class LineProxy {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #held: { readonly pattern: RegExp; readonly tell: () => void; readonly until: Promise<void> } | undefined;

  private constructor(server: Server, to: string) {
    this.#server = server;
    server.on('connection', (client) => this.#carry(client, createConnection(to)));
  }

  static async listen(path: string, to: string): Promise<LineProxy> {
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
    await chmod(path, 0o666);
    return new LineProxy(server, to);
  }

  /** Holds the next line towards the server that is like this one. */
  hold(pattern: RegExp): Hold {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    this.#held = { pattern, tell: reached.resolve, until: released.promise };
    return {
      reached: reached.promise,
      release: async () => {
        this.#held = undefined;
        released.resolve();
      },
    };
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #carry(client: Socket, server: Socket): void {
    for (const socket of [client, server]) {
      this.#open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#open.delete(socket);
        client.destroy();
        server.destroy();
      });
    }
    server.on('data', (bytes) => client.write(bytes));
    let before = Promise.resolve();
    client.on('data', (bytes) => {
      before = before.then(async () => {
        const held = this.#held;
        if (held?.pattern.test(bytes.toString('latin1'))) {
          held.tell();
          await held.until;
        }
        server.write(bytes);
      });
    });
  }
}
