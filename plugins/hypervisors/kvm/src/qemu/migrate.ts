import { randomBytes } from 'node:crypto';
import { chmod, lchown, mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Call, MigrationResult, Placement } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { member, sizeOf, textOf } from '../live/plain.ts';
import { workFolder } from '../owned/marks.ts';
import type { RunningMachine } from './inspect.ts';
import { inspect } from './inspect.ts';
import type { Machines } from './machines.ts';
import { endMirror, forget, type Move, startMirror } from './mirror.ts';
import type { Qmp } from './qmp.ts';

const pollMs = 10;
const eventMs = 5_000;
/** How long QEMU may take for the last part, with the guest standing still. */
const switchMs = 60_000;

/**
 * Moves a machine, with its disks, into a QEMU of the same endpoint that waits for it (`-incoming defer`). When it fails the machine goes
 * on where it was. Its bitmaps do not move.
 */
export async function migrateLive(
  machines: Machines,
  machine: string,
  to: Placement,
  call: Call,
): Promise<MigrationResult> {
  const { host: target } = to;
  if (to.mode !== 'live' || target === undefined || to.storage !== undefined)
    throw unsupported(machine, 'a machine in plain QEMU is moved live, with its disks, to a QEMU that waits for it');
  if (!(await machines.folder.names()).includes(target))
    throw new HoldfastError('MACHINE_NOT_FOUND', `no QEMU waits at ${target}.qmp`, {
      remedy: 'start one with the same devices and `-incoming defer`',
      facts: { machine, host: target },
    });
  return await machines.with(
    machine,
    (source, found) =>
      machines.withName(
        target,
        async (waiting) => {
          const there = await inspect(waiting, target, machines.folder.path);
          const disks = pairs(found, there);
          const id = randomBytes(6).toString('hex');
          const folder = join(machines.folder.path, workFolder, `m${id}`);
          await makeFolder(machines, folder, target);
          try {
            return await move({ id, folder, source, target: waiting, disks }, found, call);
          } finally {
            await rm(folder, { recursive: true, force: true });
            await rmdir(dirname(folder)).catch(() => {});
          }
        },
        call,
      ),
    call,
  );
}

async function move(one: Move, found: RunningMachine, call: Call): Promise<MigrationResult> {
  const { source, target, folder } = one;
  const uri = `unix:${join(folder, 'm')}`;
  try {
    await startMirror(one, call);
    await capabilities(source, true);
    await capabilities(target, false);
    await target.execute('migrate-incoming', { uri });
    await source.execute('migrate', { uri });
    await until(source, ['pre-switchover', 'completed'], found, call);
    // From here on the guest stands still: what the mirrors have is all there is.
    await endMirror(one);
    throwIfCancelled(call.signal, `moving ${found.machine.name}`);
    await source.execute('migrate-continue', { state: 'pre-switchover' });
    await until(source, ['completed'], found, null);
  } catch (thrown) {
    await takeBack(one, found, call);
    throw thrown;
  }
  const downMs = await downtime(one, found);
  if (found.status === 'running') await goOnThere(target);
  await source.execute('quit').catch((thrown: unknown) => {
    if (!source.isEnded) throw thrown;
  });
  return { downMs, keepsTracking: false };
}

/** Waits for a state of the migration. @param call `null` when it is too late to turn back. */
async function until(source: Qmp, states: readonly string[], found: RunningMachine, call: Call | null): Promise<void> {
  const end = performance.now() + switchMs;
  for (;;) {
    if (call !== null) throwIfCancelled(call.signal, `moving ${found.machine.name}`);
    const answer = await source.execute('query-migrate');
    const status = textOf(member(answer, 'status'));
    if (states.includes(status)) return;
    if (['failed', 'cancelled', 'cancelling'].includes(status))
      throw new HoldfastError(
        'ENDPOINT_UNREACHABLE',
        `${found.machine.name} could not be moved: ${textOf(member(answer, 'error-desc')) || status}`,
        {
          remedy: 'start the waiting QEMU with exactly the same devices and version, then try again',
          facts: { machine: found.machine.id },
        },
      );
    if (call === null && performance.now() > end)
      throw new HoldfastError('TIMEOUT', `${found.machine.name} stands still: its move does not end (${status})`, {
        facts: { machine: found.machine.id },
      });
    const totalBytes = sizeOf(member(answer, 'ram', 'total'));
    const doneBytes = Math.max(0, totalBytes - sizeOf(member(answer, 'ram', 'remaining')));
    call?.progress({ phase: 'moving memory', totalBytes, doneBytes });
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}

/** The machine goes on where it was, and nothing of the move is left. */
async function takeBack(one: Move, found: RunningMachine, call: Call): Promise<void> {
  const { source, target } = one;
  const quietly = async (work: () => Promise<unknown>): Promise<void> => {
    await work().catch((thrown: unknown) => {
      call.log('debug', `taking back a move: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    });
  };
  await quietly(() => source.execute('migrate_cancel'));
  const end = performance.now() + switchMs;
  await quietly(async () => {
    while (performance.now() < end) {
      const status = textOf(member(await source.execute('query-migrate'), 'status'));
      if (!['setup', 'active', 'cancelling', 'pre-switchover', 'device'].includes(status)) return;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  });
  await quietly(() => forget(one));
  await quietly(() => target.execute('nbd-server-stop'));
  await quietly(() => capabilities(source, false));
  await quietly(async () => {
    const status = textOf(member(await source.execute('query-status'), 'status'));
    if (found.status === 'running' && status !== 'running') await source.execute('cont');
  });
}

/** How long the guest stood still: QEMU tells when it stopped it here, and when it let it go on there. */
async function downtime({ source, target }: Move, found: RunningMachine): Promise<number> {
  if (found.status !== 'running') return 0;
  const stopped = await source.event((name) => name === 'STOP', eventMs);
  const resumed = await target.event((name) => name === 'RESUME', eventMs);
  if (stopped !== null && resumed !== null) return Math.max(0, Math.round(resumed.atMs - stopped.atMs));
  return sizeOf(member(await source.execute('query-migrate'), 'downtime'));
}

async function goOnThere(target: Qmp): Promise<void> {
  const status = textOf(member(await target.execute('query-status'), 'status'));
  if (status !== 'running') await target.execute('cont');
}

async function capabilities(qmp: Qmp, pauses: boolean): Promise<void> {
  await qmp.execute('migrate-set-capabilities', {
    capabilities: [
      { capability: 'events', state: true },
      { capability: 'pause-before-switchover', state: pauses },
    ],
  });
}

/** Which disk goes where. @throws `UNSUPPORTED` when the two do not fit. */
function pairs(found: RunningMachine, there: RunningMachine): Move['disks'] {
  const { id, name } = found.machine;
  if (there.status !== 'inmigrate') throw unsupported(id, `the QEMU at ${there.name}.qmp does not wait for a machine`);
  if (there.machine.id !== id)
    throw unsupported(id, `the QEMU at ${there.name}.qmp waits for another machine: it must have the UUID of ${name}`);
  if (found.disks.length !== there.disks.length)
    throw unsupported(id, `${there.name} has not as many disks as ${name}`);
  return found.disks.map(({ disk, node }) => {
    const other = there.disks.find((one) => one.disk.key === disk.key);
    if (disk.kind !== 'virtual') throw unsupported(id, `disk ${disk.key} of ${name} is passed through and cannot move`);
    if (other === undefined || other.disk.sizeBytes !== disk.sizeBytes)
      throw unsupported(id, `${there.name} has no disk ${disk.key} of ${disk.sizeBytes} bytes`);
    return { from: node, to: other.node };
  });
}

async function makeFolder(machines: Machines, folder: string, target: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o711 });
  await mkdir(folder, { mode: 0o700 });
  const { owner } = await machines.folder.process(target);
  if (owner !== null) await lchown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o700);
}

function unsupported(machine: string, why: string): HoldfastError {
  return new HoldfastError('UNSUPPORTED', why, {
    remedy: 'start a QEMU with the same devices, UUID and disk sizes and `-incoming defer`, and name it as the host',
    facts: { machine },
  });
}
