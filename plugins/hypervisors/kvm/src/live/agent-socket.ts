import { randomInt } from 'node:crypto';
import { HoldfastError, type Plain } from '@holdfast/api';
import type { AskAgent } from './guest-agent.ts';
import { AgentRefusal } from './guest-agent.ts';
import { LineSocket, LinkFailure } from './line-socket.ts';
import { member } from './plain.ts';

/** Output of a program is at most 1 MiB twice, in base64, with what is around it. */
const maxLineBytes = 8 * 1024 * 1024;
const answerMs = 5_000;

/** How an agent is reached. */
export interface AgentHow {
  /** The machine, for messages. */
  readonly title: string;
  readonly signal?: AbortSignal;
  /** How long the agent may take to show that it is there. Default is 5,000 ms. */
  readonly limitMs?: number;
  /**
   * Whether to wait for the agent with the first command only, which is sent along: one round trip less while a guest is held. Default is `false`.
   */
  readonly late?: boolean;
}

/**
 * A guest agent at its socket. The socket is served by QEMU whether or not an agent runs in the guest, so that only an answer shows
 * that one does. One client is served at a time: whoever connects lets go again soon.
 * @see QEMU Guest Agent Protocol Reference, guest-sync-delimited.
 */
export class AgentSocket implements AsyncDisposable {
  readonly #link: LineSocket;
  readonly #title: string;
  readonly #signal: AbortSignal | undefined;
  #isLost = false;
  /** What the agent still has to answer before it is believed. */
  #awaited: { readonly id: number; readonly end: number } | null = null;

  private constructor(link: LineSocket, how: AgentHow) {
    this.#link = link;
    this.#title = how.title;
    this.#signal = how.signal;
  }

  /** @throws `GUEST_UNAVAILABLE` when no agent answers in time. */
  static async connect(socket: string, how: AgentHow): Promise<AgentSocket> {
    const limitMs = how.limitMs ?? answerMs;
    const end = performance.now() + limitMs;
    const { signal } = how;
    try {
      const link = await LineSocket.connect(socket, {
        limitMs,
        maxLineBytes,
        ...(signal === undefined ? {} : { signal }),
      });
      const agent = new AgentSocket(link, how);
      try {
        agent.#sync(end);
        if (how.late !== true) await agent.#synced();
        return agent;
      } catch (thrown) {
        agent.close();
        throw thrown;
      }
    } catch (thrown) {
      throw unavailable(thrown, how.title, limitMs);
    }
  }

  /** Sends one command. @throws `GUEST_UNAVAILABLE` when the agent does not answer; {AgentRefusal} when it says no. */
  readonly ask: AskAgent = async (command, args, limitMs = answerMs) => {
    if (this.#isLost) throw unavailable(new LinkFailure('silent', 'it was silent before'), this.#title, limitMs);
    this.#link.write(`${JSON.stringify({ execute: command, ...(args === undefined ? {} : { arguments: args }) })}\n`);
    try {
      await this.#synced();
      const answer = await this.#answer(limitMs);
      const refusal = member(answer, 'error');
      if (refusal === undefined) return member(answer, 'return');
      throw new AgentRefusal(String(member(refusal, 'class')), String(member(refusal, 'desc')).slice(0, 500));
    } catch (thrown) {
      if (thrown instanceof AgentRefusal) throw thrown;
      // A late answer would be taken for that of the next command.
      this.#isLost = true;
      throw unavailable(thrown, this.#title, limitMs);
    }
  };

  close(): void {
    this.#link.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  #sync(end: number): void {
    const id = randomInt(1, 2 ** 31);
    // A client that died in mid-word left half a command behind: the sentinel makes the agent forget it, and answer with an error.
    this.#link.write(Buffer.from([0xff]));
    this.#link.write(`${JSON.stringify({ execute: 'guest-sync-delimited', arguments: { id } })}\n`);
    this.#awaited = { id, end };
  }

  async #synced(): Promise<void> {
    while (this.#awaited !== null) {
      const { id, end } = this.#awaited;
      const answer = await this.#answer(Math.max(1, end - performance.now()));
      if (member(answer, 'return') === id) this.#awaited = null;
    }
  }

  async #answer(limitMs: number): Promise<Plain> {
    const line = await this.#link.read(limitMs, this.#signal);
    try {
      return JSON.parse(line.toString('utf8')) as Plain;
    } catch (cause) {
      throw new LinkFailure('much', 'it answered something that no guest agent says', cause);
    }
  }
}

function unavailable(thrown: unknown, title: string, limitMs: number): unknown {
  if (!(thrown instanceof LinkFailure)) return thrown;
  if (thrown.kind === 'cancelled')
    return new HoldfastError('CANCELLED', `talking to the guest agent of ${title} was cancelled`, { cause: thrown });
  const why: Readonly<Record<LinkFailure['kind'], string>> = {
    nobody: 'its socket is not served',
    denied: 'its socket may not be opened',
    gone: 'the connection ended in mid-word',
    silent: `it did not answer within ${Math.round(limitMs)} ms`,
    much: thrown.message,
    cancelled: 'cancelled',
  };
  return new HoldfastError('GUEST_UNAVAILABLE', `the guest agent of ${title} cannot be used: ${why[thrown.kind]}`, {
    facts: { machine: title },
    cause: thrown,
  });
}
