import { type Call, HoldfastError, throwIfCancelled } from '@holdfast/api';
import type { GuestAgent } from './guest-agent.ts';
import type { GuestTimer } from './guest-timer.ts';
import { startGuestTimer } from './guest-timer.ts';
import type { Watchdog } from './watchdog.ts';

/** How long file systems are held at most, where nobody says otherwise. */
export const defaultFreezeMs = 10_000;

/** An agent that was reached, until it is let go. */
export interface ReachedAgent extends AsyncDisposable {
  readonly agent: GuestAgent;
}

/** What freezing a guest needs. */
export interface FreezeParts {
  /** The machine, for messages. */
  readonly title: string;
  readonly quiesce: 'filesystem' | 'application';
  /** How long file systems are held at most, in milliseconds. */
  readonly limitMs: number;
  /** Reaches the agent. It is let go while the guest is frozen, so that the watchdog can get in. */
  reach(): Promise<ReachedAgent>;
  /** Starts the watchdog; it is ready when this answers. */
  startWatchdog(): Promise<Watchdog>;
  /** A clock for durations, in milliseconds. */
  readonly tick?: () => number;
}

/** What was done while the guest was frozen. */
export interface FrozenWork<T> {
  readonly result: T;
  /** From the order to freeze until the guest was thawed. */
  readonly frozenMs: number;
  readonly fileSystems: number;
}

/**
 * Does something while a guest's file systems are held, and thaws them whatever happens: by itself, else by the watchdog, else
 * by the timer in the guest. All that takes time and can be done before is done before.
 * @param work Is given how long it may take. What it made is undone by the caller when this throws.
 * @throws `QUIESCE_UNAVAILABLE` when the guest cannot be held, or was not held all the time; `GUEST_UNAVAILABLE` when its agent does not answer.
 * @see docs/decisions/thaw-watchdog.md
 */
export async function withFrozenGuest<T>(
  parts: FreezeParts,
  work: (limitMs: number) => Promise<T>,
  call: Call,
): Promise<FrozenWork<T>> {
  const tick = parts.tick ?? (() => performance.now());
  await using prepared = await prepare(parts, call);
  throwIfCancelled(call.signal, `freezing ${parts.title}`);
  const watchdog = await parts.startWatchdog();
  const began = tick();
  let fileSystems = 0;
  let isThawed = false;
  try {
    fileSystems = await prepared.freeze(parts.limitMs);
    const result = await work(Math.max(1, parts.limitMs - (tick() - began)));
    const thawed = await thaw(parts);
    isThawed = true;
    const frozenMs = Math.round(tick() - began);
    if (fileSystems === 0) throw unavailable(parts, 'its agent found no file system to hold');
    if (thawed < fileSystems || frozenMs > parts.limitMs)
      throw unavailable(parts, `it was thawed before all was done: it may be held ${parts.limitMs} ms`);
    return { result, frozenMs, fileSystems };
  } catch (thrown) {
    if (!isThawed) {
      isThawed = await thaw(parts).then(
        () => true,
        () => false,
      );
    }
    throw thrown;
  } finally {
    if (isThawed) {
      watchdog.thawed();
      await prepared.cancelTimer();
    } else {
      call.log('error', `${parts.title} could not be thawed at once: a watchdog goes on trying`);
      watchdog.act();
    }
  }
}

/** What stands ready when the guest is told to freeze. */
interface Prepared extends AsyncDisposable {
  freeze(limitMs: number): Promise<number>;
  cancelTimer(): Promise<void>;
}

async function prepare(parts: FreezeParts, call: Call): Promise<Prepared> {
  const reached = await parts.reach();
  let timer: GuestTimer | null = null;
  try {
    const { agent } = reached;
    // An agent that holds a guest names few commands, and freezing is none of them.
    if ((await agent.commands()).has('guest-fsfreeze-status')) await demandThawed(agent, parts, call);
    if (!(await agent.commands()).has('guest-fsfreeze-freeze')) throw unavailable(parts, 'its agent may not freeze');
    if (parts.quiesce === 'application') await demandHook(agent, parts, call);
    timer = await startGuestTimer(agent, parts.limitMs, call);
  } catch (thrown) {
    await reached[Symbol.asyncDispose]();
    throw thrown;
  }
  return {
    async freeze(limitMs) {
      try {
        return await reached.agent.freeze(limitMs);
      } finally {
        await reached[Symbol.asyncDispose]();
      }
    },
    async cancelTimer() {
      if (timer === null) return;
      // It ends by itself, and thaws nothing that is not held: failing to stop it harms nobody.
      try {
        await using again = await parts.reach();
        await timer.cancel(again.agent);
      } catch (thrown) {
        call.log(
          'debug',
          `the timer in ${parts.title} ends by itself: ${thrown instanceof Error ? thrown.message : ''}`,
        );
      }
    },
    [Symbol.asyncDispose]: () => reached[Symbol.asyncDispose](),
  };
}

async function thaw(parts: FreezeParts): Promise<number> {
  await using reached = await parts.reach();
  return await reached.agent.thaw(parts.limitMs);
}

/**
 * Somebody else may hold the guest at this moment: that is waited for. One that stays held longer than a freeze may last was left so:
 * its agent was killed, or a timer thawed the file systems without telling it.
 */
export async function demandThawed(
  agent: GuestAgent,
  parts: Pick<FreezeParts, 'title' | 'limitMs'>,
  call: Call,
): Promise<void> {
  const end = performance.now() + parts.limitMs;
  while (await agent.isFrozen()) {
    throwIfCancelled(call.signal, `freezing ${parts.title}`);
    if (performance.now() > end) {
      call.log('warn', `${parts.title} was found frozen, and still was after ${parts.limitMs} ms: it is thawed`);
      await agent.thaw();
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function demandHook(agent: GuestAgent, parts: FreezeParts, call: Call): Promise<void> {
  const commands = await agent.commands();
  if (!commands.has('guest-exec'))
    throw unavailable(parts, 'its agent may not execute, so it cannot be seen whether a hook flushes its applications');
  if (await agent.hasFreezeHook(call)) return;
  throw unavailable(parts, 'its agent has no hook that flushes applications (`qemu-ga --fsfreeze-hook`)');
}

function unavailable(parts: FreezeParts, why: string): HoldfastError {
  return new HoldfastError('QUIESCE_UNAVAILABLE', `${parts.title} cannot be quiesced: ${why}`, {
    remedy: `set up the guest agent for ${parts.quiesce} consistency, or ask for less`,
    facts: { machine: parts.title, quiesce: parts.quiesce },
  });
}
