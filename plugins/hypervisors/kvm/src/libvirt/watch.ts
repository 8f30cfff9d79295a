import type { Call, MachineChange } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { Parts } from './parts.ts';
import { type DomainEvent, readEvent } from './read.ts';

const firstPauseMs = 500;
const longestPauseMs = 30_000;

/** What changes nothing that is listed. */
const quiet = [
  'rtc-change',
  'graphics',
  'balloon-change',
  'job-completed',
  'agent-lifecycle',
  'tray-change',
  'memory-failure',
  'block-threshold',
];

/**
 * Changes of the inventory, as libvirt tells them. It tells names: an identity is asked for, and of what went it is remembered. When libvirt or
 * the link goes, it is begun again, and all is to be listed again.
 */
export async function* watchMachines({ virsh, inventory }: Parts, call: Call): AsyncGenerator<MachineChange> {
  let pauseMs = firstPauseMs;
  for (let round = 0; !call.signal.aborted; round += 1) {
    try {
      await using running = await virsh.host.start(
        virsh.argv(['event', '--all', '--loop', '--timestamp']),
        call.signal,
      );
      const known = new Map((await inventory.names(call)).map(({ uuid, name }) => [name, uuid]));
      if (round > 0) yield { kind: 'resync' };
      pauseMs = firstPauseMs;
      for await (const line of running.lines) {
        if (call.signal.aborted) return;
        const event = readEvent(line);
        if (event !== null && !quiet.includes(event.event)) yield* changesOf({ inventory }, event, known, call);
      }
    } catch (thrown) {
      if (call.signal.aborted) return;
      if (!isHoldfastError(thrown)) throw thrown;
      call.log('debug', `watching ${virsh.host.title} is begun again: ${thrown.message}`);
    }
    await pause(pauseMs, call.signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

async function* changesOf(
  { inventory }: Pick<Parts, 'inventory'>,
  event: DomainEvent,
  known: Map<string, string>,
  call: Call,
): AsyncGenerator<MachineChange> {
  // A new name of the old one: which of both names is meant is not said.
  if (/Renamed/.test(event.detail)) {
    known.clear();
    for (const { uuid, name } of await inventory.names(call)) known.set(name, uuid);
    yield { kind: 'resync' };
    return;
  }
  if (!known.has(event.name)) for (const { uuid, name } of await inventory.names(call)) known.set(name, uuid);
  const uuid = known.get(event.name);
  if (uuid === undefined) return;
  try {
    yield { kind: 'seen', machine: (await inventory.find(uuid, call)).machine };
  } catch (thrown) {
    if (!isHoldfastError(thrown, 'MACHINE_NOT_FOUND')) throw thrown;
    known.delete(event.name);
    yield { kind: 'gone', machine: uuid };
  }
}

/** Ends at once when the signal aborts. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
