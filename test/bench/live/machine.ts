import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { NbdClient } from '@holdfast/kit/nbd/client';
import { prepare } from '../contenders/program.ts';

/** A QEMU whose processor stands still: its disks are live, and nothing but the benchmark writes to them. */
export interface LiveMachine extends AsyncDisposable {
  readonly name: string;
  /** Writes to the disk as the guest would. */
  write(changes: AsyncIterable<{ readonly offset: number; readonly bytes: Uint8Array }>): Promise<void>;
}

/**
 * Starts a machine with one qcow2 disk.
 * @param sockets Folder of the endpoint.
 */
export async function startMachine(
  sockets: string,
  name: string,
  image: string,
  more: readonly string[] = [],
): Promise<LiveMachine> {
  await mkdir(sockets, { recursive: true });
  const qmp = join(sockets, `${name}.qmp`);
  const child = spawn(
    'qemu-system-x86_64',
    [
      ...['-accel', 'tcg', '-m', '64', '-display', 'none', '-nodefaults', '-S', '-name', name],
      ...['-qmp', `unix:${qmp},server=on,wait=off`],
      ...['-blockdev', `driver=file,filename=${image},node-name=file0,discard=unmap`],
      ...['-blockdev', 'driver=qcow2,file=file0,node-name=disk0,discard=unmap'],
      ...['-device', 'virtio-blk-pci,drive=disk0,id=vda,share-rw=on'],
      ...more,
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await command(qmp, 'query-status');
  return {
    name,
    async write(changes) {
      const socket = join(sockets, `${name}.w`);
      await command(qmp, 'nbd-server-start', { addr: { type: 'unix', data: { path: socket } } });
      await command(qmp, 'block-export-add', { type: 'nbd', id: 'w', 'node-name': 'disk0', writable: true, name: 'w' });
      {
        await using client = await NbdClient.connect({ socket }, { export: 'w' });
        for await (const { offset, bytes } of changes) await client.write(bytes, offset);
        await client.flush();
      }
      await command(qmp, 'nbd-server-stop');
      await rm(socket, { force: true });
    },
    async [Symbol.asyncDispose]() {
      await command(qmp, 'quit').catch(() => child.kill('SIGKILL'));
      await ended;
    },
  };
}

/** One command of QMP, on a connection of its own. */
async function command(socket: string, execute: string, given: object = {}): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await once(socket, execute, given);
      return;
    } catch (problem) {
      if (attempt === 100 || !(problem instanceof Error && 'code' in problem)) throw problem;
      await wait(50);
    }
  }
}

function once(socket: string, execute: string, given: object): Promise<void> {
  const link = connect(socket);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  link.once('error', reject);
  link.on('data', (data) => {
    text += data;
    const answers = text.split('\n').filter((line) => line.includes('"return"') || line.includes('"error"'));
    const wrong = answers.find((line) => line.includes('"error"'));
    if (wrong !== undefined) reject(new Error(`${execute}: ${wrong}`));
    else if (answers.length === 2) resolve();
  });
  link.write(`{"execute":"qmp_capabilities"}\n${JSON.stringify({ execute, arguments: given })}\n`);
  return promise.finally(() => link.destroy());
}

/** A qcow2 of a raw image, on a virtual disk of at least so many bytes. */
export async function toQcow2(raw: string, image: string, sizeBytes: number): Promise<void> {
  await prepare(['qemu-img', 'convert', '-O', 'qcow2', raw, image]);
  await prepare(['qemu-img', 'resize', '-q', image, String(sizeBytes)]);
}
