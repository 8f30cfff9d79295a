import type { Key } from '../../contract.ts';
import { isPageDown, isPageUp, Viewport } from './viewport.ts';

/** Scrolls lines of which none is selected: prose, fields. */
export class Scroller {
  readonly #view = new Viewport();

  get top(): number {
    return this.#view.top;
  }
  get length(): number {
    return this.#view.length;
  }
  get height(): number {
    return this.#view.height;
  }
  get canScroll(): boolean {
    return this.#view.length > this.#view.height;
  }

  fit(height: number, length: number): void {
    this.#view.fit(height, length);
  }

  scroll(by: number): boolean {
    return this.#view.scroll(by);
  }

  scrollTo(line: number): boolean {
    return this.#view.scrollTo(line);
  }

  wheel(action: string): boolean {
    return this.#view.wheel(action);
  }

  /** Answers `false` where nothing moved. */
  key({ name }: Key): boolean {
    const page = Math.max(1, this.#view.height - 1);
    if (name === 'up' || name === 'k') return this.scroll(-1);
    if (name === 'down' || name === 'j') return this.scroll(1);
    if (isPageUp(name)) return this.scroll(-page);
    if (isPageDown(name) || name === 'space') return this.scroll(page);
    if (name === 'home' || name === 'g') return this.scrollTo(0);
    if (name === 'end' || name === 'G') return this.scrollTo(this.#view.length);
    return false;
  }
}
