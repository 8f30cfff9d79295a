import type { Call, MigrationResult, Placement } from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import type { FoundDomain } from './inventory.ts';
import type { Parts } from './parts.ts';
import { errorsIn } from './virsh.ts';

const limitMs = 24 * 60 * 60 * 1000;
const uriShape = /^(qemu(\+[a-z0-9]+)?:\/\/[^\s'"]{1,400}|[A-Za-z0-9.-]{1,253})$/;

/**
 * Moves a machine to another libvirt, whose connection `to.host` names (`qemu+ssh://root@other/system`, or a host, which is taken for that). Disks go
 * along: they are copied over while it runs. A machine that is off goes without its disks: only its definition is libvirt's to move.
 */
export async function migrateMachine(
  { virsh, now }: Parts,
  { machine }: FoundDomain,
  to: Placement,
  call: Call,
): Promise<MigrationResult> {
  const uri = destinationOf(to);
  throwIfCancelled(call.signal, 'moving a machine');
  if (machine.power === 'off' || to.mode === 'off') {
    if (machine.power !== 'off') throw refused(machine.name, 'it runs: switch it off first, or move it live');
    await migrate(['--offline', '--persistent', '--undefinesource']);
    return { downMs: 0, keepsTracking: false };
  }
  const began = now();
  const state = to.mode === 'suspended' ? [] : ['--live'];
  await migrate([
    ...state,
    '--p2p',
    '--persistent',
    '--undefinesource',
    '--copy-storage-all',
    '--abort-on-error',
    '--auto-converge',
  ]);
  const isLive = to.mode === 'live';
  const info = await virsh.attempt(['domjobinfo', machine.id, '--completed']);
  const downMs = Number(/^Total downtime:\s+(\d{1,9})\s+ms/m.exec(info.stdout)?.[1] ?? (isLive ? 0 : now() - began));
  return { downMs, keepsTracking: false };

  async function migrate(options: readonly string[]): Promise<void> {
    const done = await virsh.attempt(['migrate', ...options, '--domain', machine.id, '--desturi', uri], {
      signal: call.signal,
      timeoutMs: limitMs,
    });
    if (done.exitCode !== 0) throw refused(machine.name, errorsIn(done.stderr));
  }
}

function destinationOf({ host, storage }: Placement): string {
  if (storage !== undefined)
    throw new HoldfastError('UNSUPPORTED', 'moving disks to another storage of the same host is not done here', {
      remedy: 'use `virsh blockcopy`, then protect the machine again',
    });
  if (host === undefined || !uriShape.test(host))
    throw new HoldfastError('UNSUPPORTED', 'a move needs the connection of the libvirt that it goes to', {
      remedy: 'give it as the host, for example `qemu+ssh://root@kvm2/system`',
    });
  return host.includes('://') ? host : `qemu+ssh://${host}/system`;
}

const refused = (name: string, why: string): HoldfastError =>
  new HoldfastError('MACHINE_BUSY', `${name} cannot be moved: ${why}`, {
    remedy:
      'see that both libvirts reach each other and have its images under the same paths; the machine stays where it is',
    facts: { machine: name },
  });
