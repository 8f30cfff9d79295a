import type { MachineId } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { Parts } from './parts.ts';

const commands = { on: 'start', off: 'destroy', shutdown: 'shutdown', reset: 'reset' } as const;
/** What libvirt says when a machine is so already. */
const already = /already active|domain is already running|domain is not running/i;

/** Switches a machine. One that is so already is no error. */
export async function switchPower({ virsh }: Parts, uuid: MachineId, wish: keyof typeof commands): Promise<void> {
  const done = await virsh.attempt([commands[wish], uuid]);
  if (done.exitCode === 0 || (wish !== 'reset' && already.test(done.stderr))) return;
  const failure = virsh.failure(done, commands[wish]);
  if (failure.code === 'MACHINE_NOT_FOUND' || failure.code === 'MACHINE_BUSY') throw failure;
  throw new HoldfastError('MACHINE_BUSY', `the machine cannot be switched (${wish}): ${failure.message}`, {
    remedy: 'see its state with `virsh domstate --reason` and its log in /var/log/libvirt/qemu',
    facts: { machine: uuid, wish },
    cause: failure,
  });
}
