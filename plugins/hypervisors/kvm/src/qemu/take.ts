import { randomBytes } from 'node:crypto';
import { chmod, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Call, Plain, Snapshot, SnapshotWish } from '@holdfast/api';
import { HoldfastError, makeCall, throwIfCancelled } from '@holdfast/api';
import { withFrozenGuest } from '../live/freeze.ts';
import { trackingName } from '../live/names.ts';
import type { RunningDisk } from './disks.ts';
import type { Freezing } from './freezing.ts';
import type { ScratchGuard } from './guard.ts';
import type { RunningMachine } from './inspect.ts';
import type { Machines } from './machines.ts';
import { type Qmp, QmpRefusal } from './qmp.ts';
import type { RecordedDisk, SnapshotRecord } from './records.ts';
import { exportOf, homeScratch, nbdSocketOf, newSnapshotId, scratchOf, writeRecord } from './records.ts';
import { openScratch } from './scratch.ts';
import { readToken, whyLost, writeToken } from './tokens.ts';
import { undoSnapshot } from './undo.ts';

/** What a snapshot is taken with. */
export interface TakeParts {
  readonly machines: Machines;
  readonly freezing: Freezing;
  readonly guard: ScratchGuard;
  /** Folder for scratch, where the administrator named one. */
  readonly scratch: string | null;
  readonly now: () => number;
}

const transactionMs = 30_000;
/** Room for scratch below which nothing is begun: a guest whose write finds none stands still. */
const leastRoom = 256 * 1024 * 1024;
/** Times since when changes are told, for one disk. Each costs one frozen bitmap. */
const mostSince = 8;

/**
 * Takes the state of all disks at one instant: one transaction puts a copy-before-write job over each disk and begins and freezes bitmaps.
 * Whatever can be done before is done before, so that a guest is held only for the transaction. What fails leaves nothing.
 */
export async function takeSnapshot(
  parts: TakeParts,
  machine: string,
  want: SnapshotWish,
  call: Call,
): Promise<Snapshot> {
  const { machines } = parts;
  let record: SnapshotRecord | null = null;
  try {
    return await machines.with(
      machine,
      async (qmp, found) => {
        demandProtectable(found);
        const planned = await plan(parts, found, want);
        await demandRoom(planned);
        throwIfCancelled(call.signal, 'taking a snapshot');
        record = planned;
        const { owner } = await machines.folder.process(found.name);
        await writeRecord(machines.folder.path, planned, owner);
        const taken = await make(parts, qmp, found, planned, want, call);
        parts.guard.watch(planned, call);
        return taken;
      },
      call,
    );
  } catch (thrown) {
    if (record !== null) {
      // A cancelled call still cleans up. What cannot be now is listed as owned, and goes later.
      await undoSnapshot(machines, record, { tracking: true }, makeCall({ log: call.log, who: call.who })).catch(
        (left: unknown) =>
          call.log('warn', `left for the janitor: ${left instanceof Error ? left.message : String(left)}`),
      );
    }
    throw thrown;
  }
}

async function make(
  parts: TakeParts,
  qmp: Qmp,
  found: RunningMachine,
  record: SnapshotRecord,
  want: SnapshotWish,
  call: Call,
): Promise<Snapshot> {
  const { name } = found.machine;
  const indices = [...record.disks.keys()];
  for (const index of indices) {
    throwIfCancelled(call.signal, 'taking a snapshot');
    await openScratch(qmp, record, index);
  }
  const socket = nbdSocketOf(parts.machines.folder.path, record.id);
  await startServer(qmp, socket);
  const actions = actionsOf(record);
  throwIfCancelled(call.signal, 'taking a snapshot');
  const freezeNow = async (limitMs: number): Promise<number> => {
    const at = parts.now();
    await qmp.execute('transaction', { actions }, limitMs);
    return at;
  };
  const { quiesce } = want;
  const frozen =
    quiesce === 'none'
      ? { result: await freezeNow(transactionMs), frozenMs: 0 }
      : await withFrozenGuest(await parts.freezing.parts(found.name, name, { ...want, quiesce }), freezeNow, call);
  for (const index of indices) {
    throwIfCancelled(call.signal, 'taking a snapshot');
    await serve(qmp, record, index);
  }
  for (const { key, lost } of record.disks)
    for (const { why } of lost) call.log('debug', `${name}, disk ${key}: ${why}`);
  return {
    id: record.id,
    machine: found.machine.id,
    takenAt: frozen.result,
    consistency: quiesce === 'none' ? 'crash' : quiesce,
    frozenMs: frozen.frozenMs,
    disks: record.disks.map(({ key, sizeBytes, tracked }) => ({ key, sizeBytes, changeToken: tracked?.token ?? null })),
  };
}

/** Decides all names before anything is made. */
async function plan(parts: TakeParts, found: RunningMachine, want: SnapshotWish): Promise<SnapshotRecord> {
  const { folder } = parts.machines;
  const id = newSnapshotId();
  const { mark } = await folder.process(found.name);
  const describe = (running: RunningDisk, index: number): RecordedDisk => {
    const { disk, node } = running;
    const scratchFolder =
      parts.scratch ?? (running.file === null ? homeScratch(folder.path, id) : dirname(running.file));
    // Drawn for this disk alone: images that change places are noticed.
    const bitmap = `${trackingName(want.owner)}.${randomBytes(4).toString('hex')}`;
    const token = writeToken({ key: disk.key, sizeBytes: disk.sizeBytes, process: mark, bitmap });
    return {
      key: disk.key,
      node,
      sizeBytes: disk.sizeBytes,
      scratch: scratchOf(scratchFolder, id, index),
      tracked: running.canTrack ? { bitmap, token } : null,
      ...judge(want.since ?? [], running, mark, `hf-since-${exportOf(id, index)}`),
    };
  };
  return {
    format: 'holdfast-qemu-snapshot',
    version: 1,
    id,
    title: `snapshot of ${found.machine.name}`,
    owner: want.owner,
    machine: found.machine.id,
    name: found.name,
    disks: found.disks.filter(({ disk }) => disk.kind === 'virtual').map(describe),
  };
}

/** Which of the tokens still tell of this disk, and why the others do not. */
function judge(
  tokens: readonly string[],
  disk: RunningDisk,
  process: string,
  frozen: string,
): Pick<RecordedDisk, 'since' | 'lost'> {
  const since: { token: string; bitmap: string }[] = [];
  const lost: { token: string; why: string }[] = [];
  for (const token of new Set(tokens)) {
    const facts = readToken(token);
    if (facts === null || facts.key !== disk.disk.key) continue;
    const why = whyLost(facts, disk, process);
    if (why !== null) lost.push({ token, why });
    else if (since.length < mostSince) since.push({ token, bitmap: `${frozen}-${since.length}` });
  }
  return { since, lost };
}

/**
 * One transaction over all disks. The jobs come first: from there on nothing is written until all is done, so that bitmaps and states
 * are of one instant.
 */
function actionsOf(record: SnapshotRecord): readonly Plain[] {
  const jobs = record.disks.map(({ node }, index) => ({
    type: 'blockdev-backup',
    data: { 'job-id': exportOf(record.id, index), device: node, target: exportOf(record.id, index), sync: 'none' },
  }));
  const bitmaps = record.disks.flatMap(({ node, tracked, since }) => [
    ...since.flatMap(({ token, bitmap }) => [
      { type: 'block-dirty-bitmap-add', data: { node, name: bitmap, persistent: false, disabled: true } },
      {
        type: 'block-dirty-bitmap-merge',
        data: { node, target: bitmap, bitmaps: [readToken(token)?.bitmap ?? ''] },
      },
    ]),
    ...(tracked === null
      ? []
      : [{ type: 'block-dirty-bitmap-add', data: { node, name: tracked.bitmap, persistent: true } }]),
  ]);
  return [...jobs, ...bitmaps];
}

async function startServer(qmp: Qmp, socket: string): Promise<void> {
  try {
    await qmp.execute('nbd-server-start', { addr: { type: 'unix', data: { path: socket } } });
  } catch (thrown) {
    if (!(thrown instanceof QmpRefusal) || !/already/i.test(thrown.message)) throw thrown;
    throw new HoldfastError('MACHINE_BUSY', `QEMU of ${qmp.title} serves its disks to somebody else already`, {
      remedy: 'wait until the other backup is over; where there is none, end the server with `nbd-server-stop`',
      facts: { machine: qmp.title },
      cause: thrown,
    });
  }
  await chmod(socket, 0o600);
}

async function serve(qmp: Qmp, record: SnapshotRecord, index: number): Promise<void> {
  const name = exportOf(record.id, index);
  const since = record.disks[index]?.since ?? [];
  await qmp.execute('block-export-add', {
    type: 'nbd',
    id: name,
    'node-name': name,
    name,
    ...(since.length === 0 ? {} : { bitmaps: since.map(({ bitmap }) => bitmap) }),
  });
}

function demandProtectable({ machine, disks }: RunningMachine): void {
  const why =
    machine.problem ?? (disks.some(({ disk }) => disk.kind === 'virtual') ? null : 'it has no disk that can be read');
  if (why !== null)
    throw new HoldfastError('MACHINE_UNPROTECTABLE', `${machine.name}: ${why}`, { facts: { machine: machine.id } });
}

async function demandRoom(record: SnapshotRecord): Promise<void> {
  for (const { scratch, sizeBytes } of record.disks) {
    const folder = dirname(scratch);
    const room = await statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => null,
    );
    if (room !== null && room < Math.min(leastRoom, sizeBytes))
      throw new HoldfastError('DISK_SPACE', `${folder} has ${room} bytes left, too few for what the guest overwrites`, {
        remedy: 'free space there, or set `scratch` of the endpoint to a folder with room',
        facts: { folder, room },
      });
  }
}
