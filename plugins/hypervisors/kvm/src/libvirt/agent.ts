import type { Call, GuestChannel, Plain } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { AgentRefusal, type AskAgent, GuestAgent } from '../live/guest-agent.ts';
import { startGuestTimer } from '../live/guest-timer.ts';
import { holdWatchdog, type Watchdog } from '../live/watchdog.ts';
import { watchdogArgv } from '../live/watchdog-script.ts';
import { errorsIn, type Virsh } from './virsh.ts';

/** Output of a program is at most 1 MiB twice, in base64, with what is around it. */
const mostAnswerBytes = 16 * 1024 * 1024;

/**
 * Thaws by libvirt: 0 when the guest is thawed, 3 when there is none any more, or no folder of that libvirt. Tried again by the watchdog that runs it:
 * a libvirt that only does not answer may come back.
 */
export const thawScript = `
case $1 in *socket=*) s=\${1#*socket=}; [ -d "\${s%/*}" ] || exit 3 ;; esac
virsh -q -c "$1" qemu-agent-command "$2" --timeout 5 '{"execute":"guest-fsfreeze-thaw"}' >/dev/null 2>&1 && exit 0
state=$(virsh -q -c "$1" domstate "$2" 2>&1) || case $state in *"failed to get domain"*|*"Domain not found"*) exit 3 ;; *) exit 1 ;; esac
case $state in *"shut off"*|*crashed*) exit 3 ;; esac
exit 1
`;

/** The guest agent of a machine, by libvirt's own connection to it. */
export function agentOf(virsh: Virsh, uuid: string, name: string): GuestAgent {
  const ask: AskAgent = async (command, args, limitMs = 5_000) => {
    const seconds = String(Math.max(1, Math.ceil(limitMs / 1000)));
    const text = JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) });
    const done = await virsh.attempt(['qemu-agent-command', uuid, '--timeout', seconds, text], {
      timeoutMs: limitMs + 20_000,
      maxBytes: mostAnswerBytes,
    });
    if (done.exitCode === 0) return returnOf(done.stdout, name);
    const said = errorsIn(done.stderr);
    if (/failed to get domain|Domain not found/.test(said)) throw virsh.failure(done, command);
    // libvirt tells what the agent refused in words; the agent's own class of it is in brackets at best.
    const refused = /unable to execute QEMU agent command '[a-z-]+': (.*)/.exec(said);
    if (refused !== null) throw new AgentRefusal('GenericError', refused[1] ?? said);
    throw unavailable(name, said);
  };
  return new GuestAgent(ask, name);
}

export function unavailable(name: string, why: string): HoldfastError {
  return new HoldfastError('GUEST_UNAVAILABLE', `the guest agent of ${name} cannot be used: ${why}`, {
    remedy:
      'start qemu-guest-agent in the guest and give the machine a channel org.qemu.guest_agent.0, or ask for `quiesce: none`',
    facts: { machine: name },
  });
}

function returnOf(text: string, name: string): Plain {
  try {
    const answer = JSON.parse(text) as { readonly return?: Plain };
    return answer.return;
  } catch (cause) {
    throw new HoldfastError(
      'GUEST_UNAVAILABLE',
      `the guest agent of ${name} answered something that no guest agent says`,
      { cause },
    );
  }
}

/** Starts what thaws a guest when we cannot: on the host itself, so that a link that is cut changes nothing. */
export async function startThawWatchdog(virsh: Virsh, uuid: string, name: string, limitMs: number): Promise<Watchdog> {
  const thawCommand = ['sh', '-c', thawScript, 'holdfast-thaw', virsh.uri, uuid];
  const pipes = await virsh.host.detach(watchdogArgv({ limitMs, title: name, thawCommand }));
  return await holdWatchdog(pipes, name);
}

/** A way into a running guest. */
export function guestChannel(virsh: Virsh, uuid: string, name: string): GuestChannel {
  const agent = agentOf(virsh, uuid, name);
  let watchdog: Watchdog | null = null;
  const thaw = async (): Promise<void> => {
    try {
      await agent.thaw();
      watchdog?.thawed();
    } catch (thrown) {
      watchdog?.act();
      throw thrown;
    } finally {
      watchdog = null;
    }
  };
  return {
    async freeze(limitMs: number, call: Call) {
      watchdog?.thawed();
      watchdog = null;
      const timer = await startGuestTimer(agent, limitMs, call);
      const held = await startThawWatchdog(virsh, uuid, name, limitMs);
      try {
        const fileSystems = await agent.freeze(limitMs);
        watchdog = held;
        return { fileSystems };
      } catch (thrown) {
        held.act();
        await timer?.cancel(agent).catch(() => {});
        throw thrown;
      }
    },
    thaw,
    run: (argv, call) => agent.run(argv, call),
    async close() {
      if (watchdog !== null) await thaw();
    },
  };
}
