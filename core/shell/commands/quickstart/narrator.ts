import { type Call, type CommandResult, HoldfastError, type Plain } from '@holdfast/api';
import type { Site } from '../../contract.ts';
import { formatDuration } from '../../format/times.ts';
import { executeCommand } from '../../registry/execute.ts';
import type { Data } from './read.ts';

/** Tells a newcomer what happens, step by step, and runs the commands that make it happen. */
export class Narrator {
  readonly #site: Site;
  readonly #call: Call;
  readonly #steps: number;
  #step = 0;

  constructor(site: Site, steps: number, call: Call) {
    this.#site = site;
    this.#steps = steps;
    this.#call = call;
  }

  say(text: string): void {
    this.#call.log('info', text);
  }

  warn(text: string): void {
    this.#call.log('warn', text);
  }

  /** One step of the tour: says what it is, does it, says what came of it and how long it took. */
  async step<T>(title: string, work: () => Promise<T>, outcome: (result: T) => string): Promise<T> {
    this.#step += 1;
    this.say(`[${this.#step}/${this.#steps}] ${title}`);
    const startedAt = this.#site.now();
    const result = await work();
    this.say(`      ${outcome(result)} (${formatDuration(this.#site.now() - startedAt)})`);
    return result;
  }

  /** Runs a command of the shell as a person would, with `--yes`. What its answer says is bad is thrown. */
  async command(id: string, args: Readonly<{ [name: string]: Plain }>): Promise<Data> {
    const { data, failure } = await this.answer(id, args);
    if (failure !== undefined)
      throw new HoldfastError(
        failure.code,
        failure.message,
        failure.remedy === undefined ? {} : { remedy: failure.remedy },
      );
    return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Data) : {};
  }

  async answer(id: string, args: Readonly<{ [name: string]: Plain }>): Promise<CommandResult> {
    const command = (await this.#site.commands()).find((one) => one.id === id);
    if (command === undefined)
      throw new HoldfastError('PLUGIN_NOT_FOUND', `the command ${id.replaceAll('.', ' ')} is not there`);
    const consent = command.danger === 'read' ? {} : { yes: true };
    // What the commands themselves log is detail; warnings are not.
    const call: Call = { ...this.#call, log: (level, message) => level === 'info' || this.#call.log(level, message) };
    return executeCommand(this.#site, command, { ...args, ...consent }, call);
  }
}
