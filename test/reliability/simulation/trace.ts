import { createHash } from 'node:crypto';

const KEPT = 4096;

/** What happened, line by line: a hash over all of it, and the last lines. */
export class Trace {
  readonly #hash = createHash('sha256');
  #lines: string[] = [];
  #count = 0;

  add(line: string): void {
    this.#count++;
    this.#hash.update(line).update('\n');
    this.#lines.push(line);
    if (this.#lines.length > 2 * KEPT) this.#lines = this.#lines.slice(-KEPT);
  }

  get count(): number {
    return this.#count;
  }

  /** At the end only. */
  digest(): string {
    return this.#hash.digest('hex');
  }

  last(count: number): readonly string[] {
    return this.#lines.slice(-count);
  }
}
