import type { Call } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { AgentSocket } from '../live/agent-socket.ts';
import { agentThawCommand } from '../live/agent-thaw-command.ts';
import type { FreezeParts, ReachedAgent } from '../live/freeze.ts';
import { defaultFreezeMs } from '../live/freeze.ts';
import { GuestAgent } from '../live/guest-agent.ts';
import { noteFile } from '../live/notes.ts';
import { startWatchdog, type Watchdog } from '../live/watchdog.ts';
import type { SocketFolder } from './sockets.ts';

/** How the guest of one machine is frozen. */
export class Freezing {
  readonly #folder: SocketFolder;
  readonly #notes: string;

  /** @param notes Folder for what watchdogs had to do. */
  constructor(folder: SocketFolder, notes: string) {
    this.#folder = folder;
    this.#notes = notes;
  }

  /** @throws `QUIESCE_UNAVAILABLE` when the machine has no socket of an agent. */
  async parts(
    name: string,
    title: string,
    want: { readonly quiesce: 'filesystem' | 'application'; readonly freezeLimitMs?: number },
  ): Promise<FreezeParts> {
    if (!(await this.#folder.hasAgent(name)))
      throw new HoldfastError(
        'QUIESCE_UNAVAILABLE',
        `${title} cannot be quiesced: it has no guest agent at ${name}.qga`,
        {
          remedy:
            'start QEMU with the agent’s socket beside the other, and the agent in the guest, or ask for `quiesce: none`',
          facts: { machine: title },
        },
      );
    const limitMs = want.freezeLimitMs ?? defaultFreezeMs;
    return {
      title,
      quiesce: want.quiesce,
      limitMs,
      reach: () => this.reach(name, title),
      startWatchdog: () => this.watch(name, title, limitMs),
    };
  }

  /** Reaches the agent of a machine. Never cut short by a signal: a thaw is not cancelled. */
  async reach(name: string, title: string): Promise<ReachedAgent> {
    const socket = await AgentSocket.connect(this.#folder.agent(name), { title, late: true });
    return { agent: new GuestAgent(socket.ask, title), [Symbol.asyncDispose]: async () => socket.close() };
  }

  async watch(name: string, title: string, limitMs: number): Promise<Watchdog> {
    const note = await noteFile(this.#notes);
    const thawCommand = agentThawCommand(this.#folder.agent(name));
    return await startWatchdog({ limitMs, note, title, thawCommand });
  }

  /** Whether an agent answers. */
  async answers(name: string, title: string, call: Call): Promise<boolean> {
    const { signal } = call;
    return await AgentSocket.connect(this.#folder.agent(name), { title, signal, limitMs: 2_000 }).then(
      (socket) => {
        socket.close();
        return true;
      },
      () => false,
    );
  }
}
