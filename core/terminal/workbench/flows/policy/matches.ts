import { formatCount } from '../../../../shell/format/numbers.ts';
import type { Bench } from '../../contract.ts';
import { type Fields, fieldsOf, figureOf, itemsOf, wordOf } from '../reading.ts';
import { troubleOf } from '../trouble.ts';

/** So long after the last key machines are counted. */
const restMs = 120;
const mostNamed = 3;

const isEmpty = (selector: Fields): boolean =>
  Object.values(selector).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));

/** Machines that a selector takes, counted anew a little after each change. The answer to what was asked last counts. */
export class Matches {
  readonly #bench: Bench;
  #asked = '';
  #timer: NodeJS.Timeout | null = null;
  #stop = new AbortController();
  #told = '';
  #count: number | null = null;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** `12 of 40: web-01, web-02, web-03 and 9 more`. */
  get told(): string {
    return this.#told;
  }

  /** `null` while it is not known. */
  get count(): number | null {
    return this.#count;
  }

  want(selector: Fields): void {
    const asked = JSON.stringify(selector);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#drop();
    if (isEmpty(selector)) {
      this.#tell(null, 'none yet: * as a name is every machine');
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(selector, this.#stop.signal), restMs);
  }

  /** Endpoints have answered meanwhile: the same is counted once more. */
  again(): void {
    if (this.#asked === '') return;
    const selector = fieldsOf(JSON.parse(this.#asked));
    this.#asked = '';
    this.want(selector);
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

  #tell(count: number | null, told: string): void {
    this.#count = count;
    this.#told = told;
    this.#bench.invalidate();
  }

  async #ask(selector: Fields, signal: AbortSignal): Promise<void> {
    this.#timer = null;
    try {
      const { data } = await this.#bench.desk.run('policy.match', selector, { signal, ask: null });
      if (signal.aborted) return;
      const { machines, of } = fieldsOf(data);
      const names = itemsOf(machines).map((machine) => wordOf(fieldsOf(machine).name));
      this.#tell(names.length, matchWords(names, figureOf(of) ?? names.length));
    } catch (problem) {
      if (!signal.aborted) this.#tell(null, troubleOf(problem).text);
    }
  }
}

export function matchWords(names: readonly string[], of: number): string {
  if (of === 0) return 'no machine is known yet';
  if (names.length === 0) return `none of ${formatCount(of)} machines`;
  const shown = names.slice(0, mostNamed).join(', ');
  const more = names.length - mostNamed;
  return `${formatCount(names.length)} of ${formatCount(of)}: ${shown}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}
