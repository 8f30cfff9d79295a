import { rm } from 'node:fs/promises';
import { type Call, HoldfastError, isHoldfastError, type Plain } from '@holdfast/api';
import { LineSocket, LinkFailure } from '../live/line-socket.ts';
import { listOf, member, textOf } from '../live/plain.ts';
import type { Machines } from './machines.ts';
import type { Qmp } from './qmp.ts';
import { jobsOf } from './qmp.ts';
import { exportOf, fileNodeOf, nbdSocketOf, removeRecord, type SnapshotRecord } from './records.ts';

const jobEndMs = 20_000;

/**
 * Undoes all that a snapshot made, as far as it is there: export, server, jobs, nodes, frozen bitmaps, scratch, record. May be repeated,
 * and works when QEMU has died, or another runs at its socket.
 * @param how.tracking Whether the bitmap that tracks changes from this snapshot on goes too: of a snapshot that came to nothing.
 */
export async function undoSnapshot(
  machines: Machines,
  record: SnapshotRecord,
  how: { readonly tracking: boolean },
  call: Call,
): Promise<void> {
  const { path } = machines.folder;
  try {
    await machines.withName(record.name, (qmp) => undoInQemu(qmp, record, path, how, call), call);
  } catch (thrown) {
    // Without a QEMU there is nothing in one.
    if (!isHoldfastError(thrown, 'MACHINE_NOT_FOUND')) throw thrown;
  }
  for (const { scratch } of record.disks) await rm(scratch, { force: true });
  await removeRecord(path, record);
}

async function undoInQemu(
  qmp: Qmp,
  record: SnapshotRecord,
  sockets: string,
  how: { readonly tracking: boolean },
  call: Call,
): Promise<void> {
  const { id, disks } = record;
  const indices = [...disks.keys()];
  const status = textOf(member(await qmp.execute('query-status'), 'status'));
  const exports = new Set(listOf(await qmp.execute('query-block-exports')).map((one) => textOf(member(one, 'id'))));
  for (const index of indices) {
    const name = exportOf(id, index);
    if (exports.has(name)) await qmp.execute('block-export-del', { id: name, mode: 'hard' });
  }
  // QEMU has one server. It is ours when it listens where only this snapshot's would.
  if (await isServed(nbdSocketOf(sockets, id))) await qmp.execute('nbd-server-stop');
  await endJobs(
    qmp,
    indices.map((index) => exportOf(id, index)),
  );
  if (status === 'io-error') await goOn(qmp, call);
  const nodes = nodesOf(await qmp.execute('query-named-block-nodes', { flat: true }));
  for (const index of indices) {
    for (const node of [exportOf(id, index), fileNodeOf(id, index)]) {
      if (nodes.has(node)) await qmp.execute('blockdev-del', { 'node-name': node });
    }
  }
  for (const { node, since, tracked } of disks) {
    const there = nodes.get(node) ?? new Set<string>();
    const gone = [...since.map(({ bitmap }) => bitmap), ...(how.tracking && tracked !== null ? [tracked.bitmap] : [])];
    for (const name of gone) {
      if (there.has(name)) await qmp.execute('block-dirty-bitmap-remove', { node, name });
    }
  }
}

/** Ends jobs and waits until QEMU has forgotten them. */
async function endJobs(qmp: Qmp, jobs: readonly string[]): Promise<void> {
  const ours = [...jobs, ...jobs.flatMap((job) => [`${job}c`, `${job}d`])];
  const end = performance.now() + jobEndMs;
  const told = new Set<string>();
  for (;;) {
    const there = await jobsOf(qmp);
    const left = ours.filter((job) => there.has(job));
    if (left.length === 0) return;
    for (const job of left) {
      if (there.get(job)?.status === 'concluded') await qmp.execute('job-dismiss', { id: job });
      else if (!told.has(job)) await qmp.execute('job-cancel', { id: job });
      told.add(job);
    }
    if (performance.now() > end)
      throw new HoldfastError('TIMEOUT', `QEMU of ${qmp.title} does not end the job ${left[0] ?? ''}`, {
        facts: { machine: qmp.title },
      });
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** A guest whose write could not be kept in scratch stands still until scratch is out of its way. */
async function goOn(qmp: Qmp, call: Call): Promise<void> {
  call.log('warn', `${qmp.title} stood still: a write failed, most likely because scratch had no room. It goes on now`);
  await qmp.execute('cont');
}

/** Nodes by name, each with the names of its bitmaps. */
function nodesOf(answer: Plain): ReadonlyMap<string, ReadonlySet<string>> {
  return new Map(
    listOf(answer).map((node) => [
      textOf(member(node, 'node-name')),
      new Set(listOf(member(node, 'dirty-bitmaps')).map((bitmap) => textOf(member(bitmap, 'name')))),
    ]),
  );
}

async function isServed(socket: string): Promise<boolean> {
  try {
    await using _link = await LineSocket.connect(socket, { limitMs: 2_000, maxLineBytes: 65_536 });
    return true;
  } catch (thrown) {
    // Somebody listens who has no time.
    return thrown instanceof LinkFailure && thrown.kind === 'silent';
  }
}
