import { chmod, rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { Reached } from './host.ts';
import type { SshLink } from './link.ts';

/**
 * A unix socket on this machine, for its owner alone, each connection of which goes through the SSH link to a socket of the host. A side that
 * is slow slows down the other; one that ends ends the other.
 */
export async function forwardSocket(link: SshLink, remote: string, path: string): Promise<Reached> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    // A link that is cut ends the connection; whoever reads from it says so.
    void carry(link, remote, socket).catch(() => {});
  });
  await rm(path, { force: true });
  // The folder is its owner's alone; the mode is for folders that turn out not to be.
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path, readableAll: false, writableAll: false }, () => resolve());
  });
  await chmod(path, 0o600);
  return {
    path,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
      await rm(path, { force: true });
    },
  };
}

async function carry(link: SshLink, remote: string, socket: Socket): Promise<void> {
  socket.on('error', () => {});
  try {
    const channel = await link.forward(remote);
    try {
      await Promise.all([pipeline(socket, channel), pipeline(channel, socket)]);
    } finally {
      channel.destroy();
    }
  } finally {
    socket.destroy();
  }
}
