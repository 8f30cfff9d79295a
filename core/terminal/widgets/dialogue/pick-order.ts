import { fuzzyScore, type Haystack, haystackOf, queryOf } from './fuzzy.ts';
import type { PickItem } from './pick-item.ts';

interface Entry {
  readonly item: PickItem;
  readonly title: Haystack;
  readonly detail: Haystack | null;
}

/** What is found in the detail counts less than what is found in the title. */
const detailLoss = 20;

/** Items in the order in which they are offered for what is typed. Remembers what fitted the shorter query, as one types. */
export class PickOrder {
  readonly #entries: readonly Entry[];
  #query = '';
  #kept: readonly Entry[];

  /** @param items Best first: what was used lately. */
  constructor(items: readonly PickItem[]) {
    this.#entries = items.map((item) => ({
      item,
      title: haystackOf(item.title),
      detail: item.detail === undefined ? null : haystackOf(item.detail),
    }));
    this.#kept = this.#entries;
  }

  find(typed: string): readonly PickItem[] {
    const query = queryOf(typed);
    if (query.folded === '') {
      this.#query = '';
      this.#kept = this.#entries;
      return this.#entries.map(({ item }) => item);
    }
    const among = this.#query !== '' && query.folded.startsWith(this.#query) ? this.#kept : this.#entries;
    const found: { readonly entry: Entry; readonly score: number }[] = [];
    const kept: Entry[] = [];
    for (const entry of among) {
      const score = bestScore(entry, query);
      if (score === null) continue;
      found.push({ entry, score });
      kept.push(entry);
    }
    this.#query = query.folded;
    this.#kept = kept;
    // Sorting is stable: what fits equally well stays in the given order.
    return found.toSorted((a, b) => b.score - a.score).map(({ entry }) => entry.item);
  }
}

function bestScore(entry: Entry, query: Haystack): number | null {
  const title = fuzzyScore(entry.title, query);
  if (title !== null || entry.detail === null) return title;
  const detail = fuzzyScore(entry.detail, query);
  return detail === null ? null : detail - detailLoss;
}
