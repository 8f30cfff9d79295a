import type { Selectable } from '../../../../model/policies/contract.ts';
import { selects } from '../../../../model/policies/select.ts';
import { formatCount } from '../../../../shell/format/numbers.ts';
import type { Bench } from '../../contract.ts';
import { type Fields, fieldsOf, itemsOf, wordOf, wordsOf } from '../reading.ts';
import { troubleOf } from '../trouble.ts';

const mostNamed = 3;

const isEmpty = (selector: Fields): boolean =>
  Object.values(selector).every((value) => value === undefined || (Array.isArray(value) && value.length === 0));

function machineOf(told: Fields): Selectable {
  const folder = wordOf(told.folder);
  const machine = { id: wordOf(told.id), name: wordOf(told.name), tags: wordsOf(told.tags), place: wordOf(told.place) };
  return { endpoint: wordOf(told.endpoint), machine: folder === '' ? machine : { ...machine, folder } };
}

/** Machines that a selector takes, counted as it is typed: all that are known are asked for once, and again when endpoints have answered. */
export class Matches {
  readonly #bench: Bench;
  readonly #stop = new AbortController();
  /** `null` while nothing came. */
  #machines: readonly Selectable[] | null = null;
  #selector: Fields = {};
  #told = '';

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** `12 of 40: web-01, web-02, web-03 and 9 more`. */
  get told(): string {
    return this.#told;
  }

  want(selector: Fields): void {
    if (JSON.stringify(selector) === JSON.stringify(this.#selector) && this.#told !== '') return;
    this.#selector = selector;
    this.#count();
  }

  /** Asks which machines are known now. */
  async load(): Promise<void> {
    const { signal } = this.#stop;
    try {
      const { data } = await this.#bench.desk.run('policy.match', {}, { signal, ask: null });
      if (signal.aborted) return;
      this.#machines = itemsOf(fieldsOf(data).machines).map((one) => machineOf(fieldsOf(one)));
      this.#count();
    } catch (problem) {
      if (!signal.aborted) this.#tell(troubleOf(problem).text);
    }
  }

  close(): void {
    this.#stop.abort();
  }

  #tell(told: string): void {
    this.#told = told;
    this.#bench.invalidate();
  }

  #count(): void {
    if (isEmpty(this.#selector)) this.#tell('none yet: * as a name is every machine');
    else this.#tell(this.#machines === null ? '…' : this.#words(this.#machines));
  }

  #words(machines: readonly Selectable[]): string {
    const { endpoint, name, tag, folder, except } = this.#selector;
    const selector = {
      endpoints: wordsOf(endpoint),
      names: wordsOf(name),
      tags: wordsOf(tag),
      folders: wordsOf(folder),
      except: wordsOf(except),
    };
    const names = machines.filter((machine) => selects(selector, machine)).map(({ machine }) => machine.name);
    return matchWords(names, machines.length);
  }
}

export function matchWords(names: readonly string[], of: number): string {
  if (of === 0) return 'no machine is known yet';
  if (names.length === 0) return `none of ${formatCount(of)} machines`;
  const shown = names.slice(0, mostNamed).join(', ');
  const more = names.length - mostNamed;
  return `${formatCount(names.length)} of ${formatCount(of)}: ${shown}${more > 0 ? ` and ${formatCount(more)} more` : ''}`;
}
