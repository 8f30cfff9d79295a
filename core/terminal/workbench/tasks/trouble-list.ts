import type { Problem } from '../../../shell/desk/contract.ts';
import type { Failure } from './failure.ts';

const kept = 200;

/** Everything that is wrong: what the installation says, what commands of this session threw, and what the workbench itself found. */
export class TroubleList {
  #ofDesk: readonly Problem[] = [];
  readonly #ofCommands: Problem[] = [];
  readonly #ofParts = new Map<string, readonly Problem[]>();
  #last = 0;

  /** Newest first within each kind. */
  get all(): readonly Problem[] {
    return [...this.#ofCommands, ...[...this.#ofParts.values()].flat(), ...this.#ofDesk];
  }

  setDesk(problems: readonly Problem[]): void {
    this.#ofDesk = problems;
  }

  /** What a part of the workbench says is wrong, instead of what it said before: keys, themes. */
  setPart(part: string, problems: readonly Problem[]): void {
    this.#ofParts.set(part, problems);
  }

  /** A command threw. */
  add(source: string, failure: Failure, at: number): void {
    this.#last += 1;
    this.#ofCommands.unshift({
      id: `command:${this.#last}`,
      at,
      source,
      text: failure.isBug ? `${failure.text} (unexpected: please report it)` : `${failure.text} [${failure.code}]`,
      remedy: failure.remedy,
    });
    this.#ofCommands.splice(kept);
  }

  /** Takes a problem of a command off the list; the others go when their cause goes. Answers whether it was one. */
  dismiss(id: string): boolean {
    const at = this.#ofCommands.findIndex((problem) => problem.id === id);
    if (at >= 0) this.#ofCommands.splice(at, 1);
    return at >= 0;
  }
}
