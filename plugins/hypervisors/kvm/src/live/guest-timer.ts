import type { Call } from '@holdfast/api';
import type { GuestAgent } from './guest-agent.ts';

/**
 * Runs in the guest: after so many seconds it lets go of every file system on a device. It is started before the freeze, while
 * the guest can still start something, and needs nothing from disk but `fsfreeze`, which may be read while file systems are held.
 */
const script = `sleep "$1" & s=$!
trap 'kill $s; exit 0' TERM
wait $s
while read -r device mount rest; do
  case $device in /dev/*) fsfreeze --unfreeze "$(printf "$mount")" ;; esac
done < /proc/mounts`;

/** A timer in the guest that thaws it, whatever becomes of the host's end. */
export interface GuestTimer {
  /** Stops it. One that has ended already is no error. */
  cancel(agent: GuestAgent): Promise<void>;
}

/** Starts a timer in the guest, or answers `null` where the agent may not execute. */
export async function startGuestTimer(agent: GuestAgent, limitMs: number, call: Call): Promise<GuestTimer | null> {
  if (!(await agent.commands()).has('guest-exec')) return null;
  let pid: number;
  try {
    pid = await agent.start(['sh', '-c', script, 'holdfast-thaw', String(Math.ceil(limitMs / 1000))]);
  } catch (thrown) {
    // The watchdog on this side is the first line: a guest without a shell can be frozen all the same.
    call.log('debug', `no timer in ${agent.title}: ${thrown instanceof Error ? thrown.message : 'unknown'}`);
    return null;
  }
  return {
    async cancel(again) {
      await again.start(['sh', '-c', `kill -TERM ${pid}`]).catch((thrown: unknown) => {
        call.log(
          'debug',
          `the timer in ${again.title} ends by itself: ${thrown instanceof Error ? thrown.message : ''}`,
        );
      });
    },
  };
}
