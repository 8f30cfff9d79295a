import { type Call, HoldfastError, type Plain, throwIfCancelled } from '@holdfast/api';
import { listOf, member } from './plain.ts';

/**
 * Sends one command to a guest agent and answers its `return`, by whatever way there is: the agent's socket, `virsh qemu-agent-command`.
 * @throws {AgentRefusal} when the agent says no; `GUEST_UNAVAILABLE` when it does not answer within the limit.
 */
export type AskAgent = (command: string, args?: Readonly<Record<string, Plain>>, limitMs?: number) => Promise<Plain>;

/** An agent that answered, with an error. */
export class AgentRefusal extends Error {
  override readonly name = 'AgentRefusal';
  /** The agent's class of the error, for example `CommandNotFound`. */
  readonly refusal: string;

  constructor(refusal: string, description: string) {
    super(description);
    this.refusal = refusal;
  }
}

/** What a program in the guest answered. */
export interface GuestOutput {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

const pollMs = 50;
const mostOutput = 1024 * 1024;
const runMs = 60_000;

/** Prints how the agent was started. Nothing of the guest is changed by it. */
const findAgent =
  'for p in /proc/[0-9]*; do c=$(tr "\\0" " " < "$p/cmdline") && case $c in *qemu-ga*) echo "$c" ;; esac; done 2>/dev/null';

/** A guest agent: freeze, thaw, run. */
export class GuestAgent {
  readonly title: string;
  readonly #ask: AskAgent;

  /** @param title The machine, for messages. */
  constructor(ask: AskAgent, title: string) {
    this.#ask = ask;
    this.title = title;
  }

  /** Commands that the agent may execute. */
  async commands(): Promise<ReadonlySet<string>> {
    const info = await this.#ask('guest-info');
    const all = listOf(member(info, 'supported_commands'));
    const enabled = all.filter((one) => member(one, 'enabled') !== false);
    return new Set(enabled.map((one) => String(member(one, 'name'))));
  }

  async isFrozen(): Promise<boolean> {
    return (await this.#ask('guest-fsfreeze-status')) === 'frozen';
  }

  /** Flushes and holds file systems; answers how many. @throws `QUIESCE_UNAVAILABLE` when the guest cannot. */
  async freeze(limitMs: number): Promise<number> {
    try {
      return Number(await this.#ask('guest-fsfreeze-freeze', undefined, limitMs));
    } catch (thrown) {
      if (!(thrown instanceof AgentRefusal)) throw thrown;
      throw new HoldfastError('QUIESCE_UNAVAILABLE', `${this.title} cannot be frozen: ${thrown.message}`, {
        facts: { machine: this.title },
        cause: thrown,
      });
    }
  }

  /** Lets file systems go; answers how many were still held. */
  async thaw(limitMs?: number): Promise<number> {
    return Number(await this.#ask('guest-fsfreeze-thaw', undefined, limitMs));
  }

  /** Whether the agent calls a hook of the administrator at each freeze, so that applications are flushed too. */
  async hasFreezeHook(call: Call): Promise<boolean> {
    const { stdout } = await this.run(['sh', '-c', findAgent], call);
    return stdout.split(/\s+/).some((word) => /^(-[a-zA-Z]*F|--fsfreeze-hook)/.test(word));
  }

  /** Starts a program and does not wait for it; answers its process id in the guest. */
  async start(argv: readonly string[]): Promise<number> {
    const [path = '', ...arg] = argv;
    return Number(member(await this.#exec({ path, arg, 'capture-output': false }), 'pid'));
  }

  /** Runs a program to its end. Output is cut at 1 MiB each. */
  async run(argv: readonly string[], call: Call, limitMs = runMs): Promise<GuestOutput> {
    const [path = '', ...arg] = argv;
    const pid = member(await this.#exec({ path, arg, 'capture-output': true }), 'pid');
    const end = performance.now() + limitMs;
    for (;;) {
      throwIfCancelled(call.signal, `running ${path} in ${this.title}`);
      const status = await this.#ask('guest-exec-status', { pid });
      if (member(status, 'exited') === true) {
        const signal = member(status, 'signal');
        return {
          exitCode: typeof signal === 'number' ? 128 + signal : Number(member(status, 'exitcode') ?? 0),
          stdout: text(member(status, 'out-data')),
          stderr: text(member(status, 'err-data')),
        };
      }
      if (performance.now() > end)
        throw new HoldfastError('TIMEOUT', `${path} did not end in ${this.title} within ${limitMs} ms`, {
          facts: { machine: this.title },
        });
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }

  async #exec(args: Readonly<Record<string, Plain>>): Promise<Plain> {
    try {
      return await this.#ask('guest-exec', args);
    } catch (thrown) {
      if (!(thrown instanceof AgentRefusal)) throw thrown;
      throw new HoldfastError('GUEST_UNAVAILABLE', `${this.title} does not run programs: ${thrown.message}`, {
        remedy: 'allow guest-exec in the guest agent, and check that the program is there',
        facts: { machine: this.title },
        cause: thrown,
      });
    }
  }
}

function text(value: Plain): string {
  if (typeof value !== 'string') return '';
  return Buffer.from(value, 'base64').subarray(0, mostOutput).toString('utf8');
}
