import type { CommandResult } from '@holdfast/api';
import type { ShellCommand } from '../../../shell/contract.ts';
import type { Desk } from '../../../shell/desk/contract.ts';
import type { Fields } from './reading.ts';
import { type Trouble, troubleOf } from './trouble.ts';

/** So long after the last key a preview is asked for. */
const restMs = 300;

/** What a command would do, as far as it is known now. */
export type Foreseen =
  /** Something is missing yet, and what. */
  | { readonly kind: 'waiting'; readonly why: string }
  /** Being worked out; what was known before is shown meanwhile. */
  | { readonly kind: 'busy'; readonly last: CommandResult | null }
  | { readonly kind: 'known'; readonly result: CommandResult }
  | { readonly kind: 'refused'; readonly trouble: Trouble };

/**
 * Tries a command with `dryRun` a little after the last change of its arguments. The answer to what was asked last counts: older ones are
 * stopped, and dropped should they come all the same. Never runs the change itself.
 */
export class Preview {
  readonly #desk: Desk;
  readonly #onChange: () => void;
  #command: ShellCommand | null = null;
  #args: Fields | null = null;
  #asked = '';
  #turn = 0;
  #timer: NodeJS.Timeout | null = null;
  #stop = new AbortController();
  #working: Promise<void> | null = null;
  #state: Foreseen = { kind: 'waiting', why: '' };

  constructor(desk: Desk, onChange: () => void) {
    this.#desk = desk;
    this.#onChange = onChange;
  }

  get state(): Foreseen {
    return this.#state;
  }

  /** What the command would answer, also while something newer is worked out. */
  get shown(): CommandResult | null {
    const state = this.#state;
    return state.kind === 'known' ? state.result : state.kind === 'busy' ? state.last : null;
  }

  /** Wants a preview of exactly these arguments; the same ones as before change nothing. */
  want(command: ShellCommand, args: Fields): void {
    if (command.danger === 'read') {
      this.hold('');
      return;
    }
    const asked = JSON.stringify([command.id, args]);
    if (asked === this.#asked) return;
    this.#drop();
    this.#asked = asked;
    this.#command = command;
    this.#args = args;
    this.#set({ kind: 'busy', last: this.shown });
    this.#timer = setTimeout(() => void this.#begin(), restMs);
  }

  /** There is nothing to try: something is missing. */
  hold(why: string): void {
    if (this.#state.kind === 'waiting' && this.#state.why === why) return;
    this.#drop();
    this.#set({ kind: 'waiting', why });
  }

  /** Tries the same once more, for example because plugins came or went. */
  again(): void {
    const command = this.#command;
    const args = this.#args;
    if (command === null || args === null) return;
    this.#asked = '';
    this.want(command, args);
  }

  /** Answers once what was wanted last is known, without the rest after the last key. */
  async settled(): Promise<Foreseen> {
    while (this.#timer !== null || this.#working !== null) {
      if (this.#timer !== null) void this.#begin();
      await this.#working;
    }
    return this.#state;
  }

  close(): void {
    this.#drop();
  }

  #drop(): void {
    this.#turn += 1;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#working = null;
    this.#args = null;
    this.#asked = '';
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  #set(state: Foreseen): void {
    this.#state = state;
    this.#onChange();
  }

  #begin(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#working = this.#try(this.#turn, this.#stop.signal);
    return this.#working;
  }

  async #try(turn: number, signal: AbortSignal): Promise<void> {
    const command = this.#command;
    const args = this.#args;
    if (command === null || args === null) return;
    let state: Foreseen;
    try {
      const result = await this.#desk.run(command.id, { ...args, dryRun: true }, { signal, ask: null });
      state = { kind: 'known', result };
    } catch (thrown) {
      state = { kind: 'refused', trouble: troubleOf(thrown) };
    }
    if (turn !== this.#turn) return;
    this.#working = null;
    this.#set(state);
  }
}
