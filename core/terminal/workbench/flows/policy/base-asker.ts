import type { Desk } from '../../../../shell/desk/contract.ts';
import type { Fields } from '../reading.ts';
import { type Trouble, troubleOf } from '../trouble.ts';
import { askBase, type PolicyBase } from './base.ts';

/** So long after the last change of name, template or workflow it is asked again. */
const restMs = 250;

/** Asks what a policy is begun from, whenever that may be something else. The answer to what was asked last counts. */
export class BaseAsker {
  readonly #desk: Desk;
  readonly #onBase: (base: PolicyBase) => void;
  readonly #onTrouble: (trouble: Trouble) => void;
  #asked: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #stop = new AbortController();

  constructor(desk: Desk, onBase: (base: PolicyBase) => void, onTrouble: (trouble: Trouble) => void) {
    this.#desk = desk;
    this.#onBase = onBase;
    this.#onTrouble = onTrouble;
  }

  want(beginning: Fields): void {
    const asked = JSON.stringify(beginning);
    if (asked === this.#asked) return;
    const isFirst = this.#asked === null;
    this.#asked = asked;
    this.#drop();
    this.#timer = setTimeout(() => void this.#ask(beginning, this.#stop.signal), isFirst ? 0 : restMs);
  }

  /** The file may say something else by now. */
  again(): void {
    const asked = this.#asked;
    if (asked === null) return;
    this.#asked = '';
    this.want(JSON.parse(asked) as Fields);
  }

  close(): void {
    this.#drop();
  }

  #drop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#stop.abort();
    this.#stop = new AbortController();
  }

  async #ask(beginning: Fields, signal: AbortSignal): Promise<void> {
    try {
      const base = await askBase(this.#desk, beginning, signal);
      if (!signal.aborted) this.#onBase(base);
    } catch (problem) {
      if (!signal.aborted) this.#onTrouble(troubleOf(problem));
    }
  }
}
