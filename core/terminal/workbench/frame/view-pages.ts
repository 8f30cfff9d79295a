import type { ViewDeclaration } from '@holdfast/api';
import type { Bench, Page } from '../contract.ts';
import { ViewPage } from '../pages/view-page.ts';
import { holds } from '../palette/find-items.ts';
import type { Room } from './room.ts';

/** Makes the pages of the views as they are declared now. A view that is declared as before keeps its page and all that was chosen in it. */
export class ViewPages {
  readonly #room: Room;
  readonly #bench: Bench;
  #made: readonly ViewDeclaration[] | null = null;
  #shown = '';

  constructor(room: Room, bench: Bench) {
    this.#room = room;
    this.#bench = bench;
  }

  /** Brings the pages up to date; does nothing when the views are those of before. Answers whether they were not. */
  update(): boolean {
    const { views } = this.#room.index;
    if (views === null) return false;
    const context = this.#room.context();
    const shown = views.filter(({ activity, when }) => activity !== 'panel' && holds(when, context));
    const key = shown.map(({ id }) => id).join('\n');
    if (views === this.#made && key === this.#shown) return false;
    this.#made = views;
    this.#shown = key;
    const before = new Map(
      this.#room.pages.all.flatMap((page): [string, ViewPage][] => (page instanceof ViewPage ? [[page.id, page]] : [])),
    );
    const pages = shown.map((view) => {
      const known = before.get(`view:${view.id}`);
      return known !== undefined && JSON.stringify(known.declaration) === JSON.stringify(view)
        ? known
        : this.#page(view);
    });
    for (const page of before.values()) if (!pages.includes(page)) page.close();
    this.#room.pages.setViews(Map.groupBy<string, Page>(pages, (page) => (page as ViewPage).declaration.activity));
    return true;
  }

  #page(view: ViewDeclaration): ViewPage {
    const room = this.#room;
    return new ViewPage(view, {
      bench: this.#bench,
      mayRun: (command) => room.index.may(command),
      restored: room.remembered.table(view.id),
      keep: (state) => room.remembered.setTable(view.id, state),
      ...(view.command === 'overview' ? { onAnswer: (data) => room.counts.sawOverview(data) } : {}),
    });
  }
}
