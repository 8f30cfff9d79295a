import { type Call, HoldfastError } from '@holdfast/api';
import type { RunningMachine } from './inspect.ts';
import type { Qmp } from './qmp.ts';

const endMs = 10_000;

/** Switches a machine that runs. One that is off has no QEMU that could be told anything. */
export async function switchPower(
  qmp: Qmp,
  found: RunningMachine,
  wish: 'on' | 'off' | 'shutdown' | 'reset',
  call: Call,
): Promise<void> {
  const { name } = found.machine;
  call.log('debug', `${wish}: ${name}, which is ${found.status}`);
  switch (wish) {
    case 'on':
      if (found.status === 'running') return;
      if (found.status === 'suspended') await qmp.execute('system_wakeup');
      else if (['paused', 'prelaunch', 'io-error'].includes(found.status)) await qmp.execute('cont');
      else
        throw new HoldfastError('UNSUPPORTED', `${name} cannot go on: QEMU says that it is ${found.status}`, {
          remedy: 'end its QEMU and start it anew',
          facts: { machine: found.machine.id },
        });
      return;
    case 'shutdown':
      await qmp.execute('system_powerdown');
      return;
    case 'reset':
      await qmp.execute('system_reset');
      return;
    case 'off': {
      // QEMU saves its bitmaps before it ends; it closes the connection last.
      await qmp.execute('quit');
      const end = performance.now() + endMs;
      while (!qmp.isEnded) {
        if (performance.now() > end)
          throw new HoldfastError('TIMEOUT', `QEMU of ${name} was told to end and has not after ${endMs} ms`, {
            facts: { machine: found.machine.id },
          });
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return;
    }
    default:
      throw new HoldfastError('UNSUPPORTED', `a machine cannot be switched ${String(wish)}`);
  }
}
