import type { GuestChannel } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
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
  let watchdog: Watchdog | null = null;
  const thaw = async (): Promise<void> => {
    await using reached = await freezing.reach(name, title);
    if (await reached.agent.isFrozen()) await reached.agent.thaw();
    watchdog?.thawed();
    watchdog = null;
  };
  return {
    async freeze(limitMs) {
      await using reached = await freezing.reach(name, title);
      watchdog ??= await freezing.watch(name, title, limitMs);
      return { fileSystems: await reached.agent.freeze(limitMs) };
    },
    thaw,
    async run(argv, call) {
      await using reached = await freezing.reach(name, title);
      return await reached.agent.run(argv, call);
    },
    async close() {
      if (watchdog === null) return;
      await thaw().catch(() => {});
      watchdog?.act();
      watchdog = null;
    },
  };
}
