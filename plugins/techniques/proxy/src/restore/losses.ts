import { HoldfastError, isHoldfastError } from '@holdfast/api';

/** Parts of disks that the repository has lost, while the rest is restored. */
export class Losses {
  readonly #name: string;
  readonly #keep: boolean;
  readonly #found: { readonly disk: string; readonly failure: HoldfastError }[] = [];

  /** @param keep Whether somebody wants the machine even if it is damaged. */
  constructor(name: string, keep: boolean) {
    this.#name = name;
    this.#keep = keep;
  }

  /** Does the work; that bytes are lost ends it only where nobody wants a damaged machine. */
  async during(disk: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      if (!isHoldfastError(thrown, 'REPOSITORY_DAMAGED')) throw thrown;
      if (!this.#keep) {
        throw new HoldfastError('REPOSITORY_DAMAGED', `disk ${disk}: ${thrown.message}`, {
          remedy:
            'restore another point or from another target; `holdfast restore machine` with `--even-damaged` keeps what can be had of this one',
          facts: { ...thrown.facts, disk },
          cause: thrown,
        });
      }
      this.#found.push({ disk, failure: thrown });
    }
  }

  /** @throws `REPOSITORY_DAMAGED` when anything was lost, although the machine stands: nobody may take it for whole. */
  report(): void {
    const [first] = this.#found;
    if (first === undefined) return;
    const what = this.#found.map(({ disk, failure }) => `disk ${disk}: ${failure.message}`).join('; ');
    throw new HoldfastError('REPOSITORY_DAMAGED', `${this.#name} was restored with parts missing: ${what}`, {
      remedy: 'the parts named read as zeros: check the file systems in the machine before you rely on it',
      facts: { ...first.failure.facts, disks: this.#found.length },
      cause: first.failure,
    });
  }
}
