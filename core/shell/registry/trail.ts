import { randomBytes } from 'node:crypto';
import {
  type Call,
  type CommandResult,
  type ErrorEntry,
  errorCodes,
  HoldfastError,
  isHoldfastError,
  type Plain,
} from '@holdfast/api';
import { auditedArguments } from '../audit/audited-arguments.ts';
import type { ShellCommand, Site } from '../contract.ts';
import type { Arguments } from './argument-values.ts';

const entries: Readonly<Record<string, ErrorEntry>> = errorCodes;

/** How a command ended, as the audit log tells it. */
interface Ending {
  readonly outcome: 'done' | 'partial' | 'failed' | 'cancelled';
  readonly exit: number;
  readonly code: string | null;
}

const exitOf = (code: string): number => entries[code]?.exit ?? 1;

function endingOf(result: CommandResult): Ending {
  if (result.failure !== undefined)
    return { outcome: 'failed', exit: exitOf(result.failure.code), code: result.failure.code };
  return result.partial === true
    ? { outcome: 'partial', exit: 3, code: null }
    : { outcome: 'done', exit: 0, code: null };
}

function endingBy(thrown: unknown): Ending {
  const code = isHoldfastError(thrown) ? thrown.code : 'INTERNAL';
  return { outcome: code === 'CANCELLED' ? 'cancelled' : 'failed', exit: exitOf(code), code };
}

/** What one call of a command leaves in the audit log. */
export class Trail {
  readonly #site: Site;
  readonly #command: ShellCommand;
  readonly #call: Call;
  /** Tells which beginning an end belongs to. */
  readonly #work = randomBytes(4).toString('hex');

  constructor(site: Site, command: ShellCommand, call: Call) {
    this.#site = site;
    this.#command = command;
    this.#call = call;
  }

  /** @throws what `Audit.append` throws. */
  async note(what: string, facts: Readonly<Record<string, Plain>>): Promise<void> {
    // Asked for each time: a command may have closed it together with everything else.
    const audit = await this.#site.audit();
    await audit.append(this.#site.actor, what, { command: this.#command.id, work: this.#work, ...facts });
  }

  /** Notes that somebody was refused, and throws why. That it cannot be noted lets nobody in. */
  async refuse(why: unknown, args: Arguments): Promise<never> {
    try {
      const { code, message } = isHoldfastError(why) ? why : { code: 'INTERNAL', message: String(why) };
      await this.note('denied', { code, why: message, arguments: auditedArguments(this.#command, args) });
    } catch (problem) {
      const text = problem instanceof Error ? problem.message : String(problem);
      this.#call.log('warn', `that this was refused is not in the audit log: ${text}`);
    }
    throw why;
  }

  /**
   * Does a change: writes down what is meant before anything is touched, and how it ended.
   * @param more Facts beside the arguments: an approval.
   */
  async around(
    args: Arguments,
    more: Readonly<Record<string, Plain>>,
    change: () => Promise<CommandResult>,
  ): Promise<CommandResult> {
    const { danger, plugin } = this.#command;
    const begun = { danger, ...(plugin === undefined ? {} : { plugin }), ...more };
    await this.note('command.begin', { ...begun, arguments: auditedArguments(this.#command, args) });
    const startedAt = this.#site.now();
    let result: CommandResult;
    try {
      result = await change();
    } catch (thrown) {
      await this.#end(endingBy(thrown), startedAt).catch((problem: unknown) => this.#complain(problem));
      throw thrown;
    }
    const ending = endingOf(result);
    try {
      await this.#end(ending, startedAt);
    } catch (cause) {
      this.#complain(cause);
      const code = isHoldfastError(cause) ? cause.code : 'INTERNAL';
      throw new HoldfastError(code, `${words(this.#command)} is ${ending.outcome}, but that is not in the audit log`, {
        ...(isHoldfastError(cause) && cause.remedy !== undefined ? { remedy: cause.remedy } : {}),
        cause,
      });
    }
    return result;
  }

  async #end({ outcome, exit, code }: Ending, startedAt: number): Promise<void> {
    const tookMs = Math.round(this.#site.now() - startedAt);
    await this.note('command.end', { outcome, exit, ...(code === null ? {} : { code }), tookMs });
  }

  #complain(problem: unknown): void {
    this.#call.log('error', problem instanceof Error ? problem.message : String(problem));
  }
}

const words = ({ id }: ShellCommand): string => id.replaceAll('.', ' ');
