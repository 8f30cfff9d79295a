import type { GuestChannel } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { type GuestTimer, startGuestTimer } from '../live/guest-timer.ts';
import type { Watchdog } from '../live/watchdog.ts';
import type { Freezing } from './freezing.ts';

/**
 * A way into the guest of one machine. The agent's socket is held for one command at a time, so that others, and a watchdog, get in.
 * @param hasAgent Whether the machine has a socket of an agent.
 */
export function openGuest(freezing: Freezing, name: string, title: string, hasAgent: boolean): GuestChannel {
  if (!hasAgent)
    throw new HoldfastError('GUEST_UNAVAILABLE', `${title} has no guest agent: there is no socket ${name}.qga`, {
      remedy: 'start QEMU with the agent’s socket beside the other, and the agent in the guest',
      facts: { machine: title },
    });
  let held: { readonly watchdog: Watchdog; readonly timer: GuestTimer | null } | null = null;
  const thaw = async (): Promise<void> => {
    await using reached = await freezing.reach(name, title);
    if (await reached.agent.isFrozen()) await reached.agent.thaw();
    held?.watchdog.thawed();
    await held?.timer?.cancel(reached.agent);
    held = null;
  };
  /** Where it cannot be thawed from here the watchdog goes on. */
  const letGo = async (): Promise<void> => {
    await thaw().catch(() => held?.watchdog.act());
    held = null;
  };
  return {
    async freeze(limitMs, call) {
      if (held !== null) await letGo();
      await using reached = await freezing.reach(name, title);
      const timer = await startGuestTimer(reached.agent, limitMs, call);
      held = { timer, watchdog: await freezing.watch(name, title, limitMs) };
      try {
        return { fileSystems: await reached.agent.freeze(limitMs) };
      } catch (thrown) {
        await reached[Symbol.asyncDispose]();
        await letGo();
        throw thrown;
      }
    },
    thaw,
    async run(argv, call) {
      await using reached = await freezing.reach(name, title);
      return await reached.agent.run(argv, call);
    },
    async close() {
      if (held !== null) await letGo();
    },
  };
}
