import type { Page } from '../contract.ts';

const keptVisits = 100;

interface Visit {
  readonly activity: string;
  readonly page: string;
}

/** The pages that there are: those of the views of each activity, which stay, and those that were opened, which can be closed. */
export class PageList {
  activity: string;
  #views: ReadonlyMap<string, readonly Page[]> = new Map();
  #opened: readonly Page[] = [];
  #front: Page | null = null;
  /** Where the person was, and how far back they went in it. */
  #visits: readonly Visit[] = [];
  #at = -1;
  /** The view that was shown last in each activity. */
  readonly #lastView = new Map<string, string>();

  constructor(activity: string) {
    this.activity = activity;
  }

  get front(): Page | null {
    return this.#front;
  }

  get opened(): readonly Page[] {
    return this.#opened;
  }

  get all(): readonly Page[] {
    return [...[...this.#views.values()].flat(), ...this.#opened];
  }

  /** What can be chosen from here: views of this activity, then what was opened. */
  get strip(): readonly Page[] {
    return [...this.viewsOf(this.activity), ...this.#opened];
  }

  viewsOf(activity: string): readonly Page[] {
    return this.#views.get(activity) ?? [];
  }

  find(id: string): Page | null {
    return this.all.find((page) => page.id === id) ?? null;
  }

  isOpened(page: Page): boolean {
    return this.#opened.includes(page);
  }

  /** The views as they are now. What is shown stays while it is there. */
  setViews(views: ReadonlyMap<string, readonly Page[]>): void {
    this.#views = views;
    const now = this.#front === null ? null : this.find(this.#front.id);
    if (now !== null) this.#front = now;
    else this.goTo(this.activity);
  }

  /** Shows an activity, with the view of it that was shown last. */
  goTo(activity: string): void {
    this.activity = activity;
    const views = this.viewsOf(activity);
    const page = views.find(({ id }) => id === this.#lastView.get(activity)) ?? views[0] ?? null;
    if (page === null) this.#front = null;
    else this.show(page);
  }

  /** Brings a page to the front, or the one of this identity that is there already; answers which. */
  show(page: Page): Page {
    const known = this.find(page.id);
    const shown = known ?? page;
    if (known === null) this.#opened = [...this.#opened, page];
    for (const [activity, views] of this.#views) {
      if (!views.includes(shown)) continue;
      this.activity = activity;
      this.#lastView.set(activity, shown.id);
    }
    this.#front = shown;
    this.#visit({ activity: this.activity, page: shown.id });
    return shown;
  }

  /** Takes an opened page away. The one that was shown before it comes to the front. */
  close(page: Page): void {
    if (!this.#opened.includes(page)) return;
    this.#opened = this.#opened.filter((other) => other !== page);
    const wasFront = this.#front === page;
    const before = this.#visits
      .slice(0, this.#at + 1)
      .findLast(({ page: id }) => id !== page.id && this.find(id) !== null);
    this.#visits = this.#visits.filter(({ page: id }) => id !== page.id);
    this.#at = Math.min(this.#at, this.#visits.length - 1);
    if (!wasFront) return;
    this.#front = null;
    const next = before === undefined ? null : this.find(before.page);
    if (before === undefined || next === null) {
      this.goTo(this.activity);
      return;
    }
    this.activity = before.activity;
    this.#front = next;
    this.#at = this.#visits.lastIndexOf(before);
  }

  /** Steps back (-1) or forward (1) through what was shown; answers whether there was anything. */
  travel(step: -1 | 1): boolean {
    for (let at = this.#at + step; at >= 0 && at < this.#visits.length; at += step) {
      const visit = this.#visits[at];
      const page = visit === undefined ? null : this.find(visit.page);
      if (visit === undefined || page === null) continue;
      this.#at = at;
      this.activity = visit.activity;
      this.#front = page;
      return true;
    }
    return false;
  }

  /** The next page to the right (1) or left (-1), round and round. */
  turn(step: -1 | 1): void {
    const { strip } = this;
    if (strip.length === 0) return;
    const at = this.#front === null ? 0 : strip.indexOf(this.#front);
    const next = strip[(at + step + strip.length) % strip.length];
    if (next !== undefined) this.show(next);
  }

  #visit(visit: Visit): void {
    const last = this.#visits[this.#at];
    if (last?.page === visit.page && last.activity === visit.activity) return;
    this.#visits = [...this.#visits.slice(0, this.#at + 1), visit].slice(-keptVisits);
    this.#at = this.#visits.length - 1;
  }
}
