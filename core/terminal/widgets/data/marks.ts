import type { TableSource } from './table-source.ts';

const most = 100_000;

/** Rows that a person marked, by what they stand for. */
export class Marks {
  readonly #ids = new Set<string>();
  #list: readonly string[] | null = null;

  get ids(): readonly string[] {
    this.#list ??= [...this.#ids];
    return this.#list;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  set(ids: readonly string[]): void {
    this.#ids.clear();
    for (const id of ids.slice(0, most)) this.#ids.add(id);
    this.#list = null;
  }

  toggle(id: string): void {
    if (!this.#ids.delete(id) && this.#ids.size < most) this.#ids.add(id);
    this.#list = null;
  }

  /** Marks all that are shown; takes the marks away where all of them have one. */
  toggleAll(length: number, idAt: (position: number) => string | undefined): void {
    const shown: string[] = [];
    for (let position = 0; position < Math.min(length, most); position++) {
      const id = idAt(position);
      if (id !== undefined) shown.push(id);
    }
    const isAll = shown.every((id) => this.#ids.has(id));
    for (const id of shown) {
      if (isAll) this.#ids.delete(id);
      else if (this.#ids.size < most) this.#ids.add(id);
    }
    this.#list = null;
  }

  /** What is not there any more is marked no more: nothing is done to what nobody sees. */
  keepOnly(source: TableSource): void {
    if (this.#ids.size === 0 || source.length === 0) return;
    const there = new Set<string>();
    for (let index = 0; index < source.length && there.size < this.#ids.size; index++) {
      const { id } = source.row(index);
      if (this.#ids.has(id)) there.add(id);
    }
    if (there.size < this.#ids.size) this.set([...there]);
  }
}
