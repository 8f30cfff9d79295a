import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { type Call, HoldfastError, throwIfCancelled } from '@holdfast/api';
import { listOf, member, sizeOf, textOf } from '../live/plain.ts';
import { jobsOf, type Qmp } from './qmp.ts';

const pollMs = 50;
const endMs = 60_000;

/** One move, with names that nothing else has. */
export interface Move {
  readonly id: string;
  /** Folder of its sockets. */
  readonly folder: string;
  readonly source: Qmp;
  readonly target: Qmp;
  /** Nodes of the machine's disks, and of those of the QEMU that waits. */
  readonly disks: readonly { readonly from: string; readonly to: string }[];
}

const nodeOf = ({ id }: Move, index: number): string => `hf-m${id}-${index}`;

/** Serves the disks of the waiting QEMU and mirrors those of the machine onto them; answers when both are the same, and stay it. */
export async function startMirror(move: Move, call: Call): Promise<void> {
  const { source, target, disks, folder } = move;
  const socket = join(folder, 'nbd');
  await target.execute('nbd-server-start', { addr: { type: 'unix', data: { path: socket } } });
  await chmod(socket, 0o600);
  for (const [index, { to }] of disks.entries()) {
    const name = nodeOf(move, index);
    await target.execute('block-export-add', { type: 'nbd', id: name, 'node-name': to, name, writable: true });
  }
  for (const [index, { from }] of disks.entries()) {
    const name = nodeOf(move, index);
    const server = { type: 'unix', path: socket };
    await source.execute('blockdev-add', { driver: 'nbd', 'node-name': name, server, export: name });
    await source.execute('blockdev-mirror', {
      ...{ 'job-id': name, device: from, target: name, sync: 'full' },
      // What the guest writes from here on is written on both sides before it is told so.
      'copy-mode': 'write-blocking',
    });
  }
  await untilSame(move, call);
}

async function untilSame(move: Move, call: Call): Promise<void> {
  const names = move.disks.map((_, index) => nodeOf(move, index));
  for (;;) {
    throwIfCancelled(call.signal, `moving ${move.source.title}`);
    const jobs = listOf(await move.source.execute('query-block-jobs'));
    const ours = names.map((name) => jobs.find((job) => textOf(member(job, 'device')) === name));
    if (ours.includes(undefined))
      throw new HoldfastError(
        'DISK_UNWRITABLE',
        `a disk of ${move.source.title} could not be copied to where it moves`,
        {
          remedy: 'see that the disks of the waiting QEMU can be written and have room',
          facts: { machine: move.source.title },
        },
      );
    if (ours.every((job) => member(job, 'ready') === true)) return;
    const sum = (key: string): number => ours.reduce<number>((total, job) => total + sizeOf(member(job, key)), 0);
    call.progress({ phase: 'moving disks', doneBytes: sum('offset'), totalBytes: sum('len') });
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** Ends the mirrors while the guest stands still: both sides are the same then. The target's disks are nobody's but its own after that. */
export async function endMirror(move: Move): Promise<void> {
  for (const index of move.disks.keys()) await move.source.execute('block-job-cancel', { device: nodeOf(move, index) });
  await untilGone(move);
  await forget(move);
  for (const index of move.disks.keys()) {
    await move.target.execute('block-export-del', { id: nodeOf(move, index), mode: 'hard' });
  }
  await move.target.execute('nbd-server-stop');
}

/** Takes mirrors and their nodes away, whatever of them is there. */
export async function forget(move: Move): Promise<void> {
  const { source } = move;
  const jobs = await jobsOf(source);
  for (const index of move.disks.keys()) {
    const name = nodeOf(move, index);
    if (jobs.has(name)) await source.execute('block-job-cancel', { device: name, force: true });
  }
  await untilGone(move);
  const nodes = listOf(await source.execute('query-named-block-nodes', { flat: true }));
  const names = new Set(nodes.map((node) => textOf(member(node, 'node-name'))));
  for (const index of move.disks.keys()) {
    const name = nodeOf(move, index);
    if (names.has(name)) await source.execute('blockdev-del', { 'node-name': name });
  }
}

async function untilGone(move: Move): Promise<void> {
  const end = performance.now() + endMs;
  for (;;) {
    const jobs = await jobsOf(move.source);
    if (!move.disks.some((_, index) => jobs.has(nodeOf(move, index)))) return;
    if (performance.now() > end)
      throw new HoldfastError('TIMEOUT', `QEMU of ${move.source.title} does not end its mirror`, {
        facts: { machine: move.source.title },
      });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
