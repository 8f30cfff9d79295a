import { hostname } from 'node:os';
import type { Machine } from '@holdfast/api';
import { listOf, member, sizeOf, textOf } from '../live/plain.ts';
import type { RunningDisk } from './disks.ts';
import { disksOf } from './disks.ts';
import type { Qmp } from './qmp.ts';

/** Oldest QEMU that has all that is used: `block-export-add`, overlays over a named node, `-incoming defer` by QMP. */
const oldest = [6, 0] as const;
const noUuid = '00000000-0000-0000-0000-000000000000';

/** A machine that runs, with what is needed to work on it. */
export interface RunningMachine {
  readonly machine: Machine;
  /** Name of its socket. */
  readonly name: string;
  /** QEMU's own word for its state: `running`, `paused`, `inmigrate`, … */
  readonly status: string;
  readonly disks: readonly RunningDisk[];
}

/** Identity of a machine: its UUID, else the name of its socket, which stays through restarts. */
export async function identityOf(qmp: Qmp, name: string): Promise<string> {
  const uuid = textOf(member(await qmp.execute('query-uuid'), 'UUID')).toLowerCase();
  return /^[0-9a-f-]{36}$/.test(uuid) && uuid !== noUuid ? uuid : `socket-${name}`;
}

/** Asks QEMU what it runs. */
export async function inspect(qmp: Qmp, name: string, folder: string): Promise<RunningMachine> {
  const id = await identityOf(qmp, name);
  const given = textOf(member(await qmp.execute('query-name'), 'name'));
  const status = textOf(member(await qmp.execute('query-status'), 'status'));
  const memoryBytes = sizeOf(member(await qmp.execute('query-memory-size-summary'), 'base-memory'));
  const cpus = listOf(await qmp.execute('query-cpus-fast')).length;
  const disks = await disksOf(qmp);
  const problem = problemOf(qmp.version, status);
  return {
    name,
    status,
    disks,
    machine: {
      id,
      name: given === '' ? name : given,
      power: powerOf(status),
      place: folder,
      host: hostname(),
      tags: [],
      disks: disks.map(({ disk }) => disk),
      memoryBytes,
      cpus,
      ...(problem === null ? {} : { problem }),
    },
  };
}

/** A QEMU that waits for a machine to move in, or whose machine has moved out, holds none. */
export const holdsNoMachine = (status: string): boolean => ['inmigrate', 'postmigrate'].includes(status);

function powerOf(status: string): Machine['power'] {
  if (['running', 'debug', 'finish-migrate', 'save-vm', 'restore-vm', 'watchdog'].includes(status)) return 'on';
  if (['suspended', 'paused', 'prelaunch', 'io-error', 'guest-panicked', 'colo'].includes(status)) return 'suspended';
  return status === 'shutdown' ? 'off' : 'unknown';
}

function problemOf(version: readonly number[], status: string): string | null {
  const [major = 0, minor = 0] = version;
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1]))
    return `it runs in QEMU ${version.join('.')}, and 6.0 is the oldest that can be read while it runs`;
  return status === 'internal-error' ? 'QEMU says that it has failed: internal-error' : null;
}
