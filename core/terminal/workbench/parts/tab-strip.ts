import type { Mouse, Surface, Widget } from '../../contract.ts';
import { Tabs } from '../../widgets/dialogue/tabs.ts';
import type { PageList } from '../frame/page-list.ts';

/** What the strip does. */
export interface TabStripParts {
  readonly pages: PageList;
  invalidate(): void;
  onShow(id: string): void;
  onClose(id: string): void;
}

/** The line of tabs: views of the activity, which stay, then what was opened. */
export class TabStrip implements Widget {
  readonly #pages: PageList;
  readonly #tabs: Tabs;

  constructor({ pages, invalidate, onShow, onClose }: TabStripParts) {
    this.#pages = pages;
    this.#tabs = new Tabs({ invalidate, onSelect: onShow, onClose });
  }

  draw(surface: Surface): void {
    const { strip, front } = this.#pages;
    const items = strip.map((page) => ({ id: page.id, title: page.title(), canClose: this.#pages.isOpened(page) }));
    this.#tabs.set(items, front?.id ?? null);
    this.#tabs.draw(surface, false);
  }

  mouse(event: Mouse): boolean {
    return this.#tabs.mouse(event);
  }
}
