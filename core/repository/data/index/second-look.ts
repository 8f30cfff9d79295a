import type { Call } from '@holdfast/api';
import type { IndexKeeper } from './index-keeper.ts';

/** For one piece of work that meets things that are not where they should be: the index looks again, but once is enough. */
export class SecondLook {
  readonly #keeper: IndexKeeper;
  readonly #call: Call;
  #looked: Promise<void> | null = null;

  constructor(keeper: IndexKeeper, call: Call) {
    this.#keeper = keeper;
    this.#call = call;
  }

  take(): Promise<void> {
    this.#looked ??= this.#keeper.lookAgain(this.#call);
    return this.#looked;
  }
}
