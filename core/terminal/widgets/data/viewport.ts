import type { Key } from '../../contract.ts';

const rowsPerWheel = 3;

/** Names under which terminals' keys for a page are known. */
export const isPageUp = (name: string): boolean => name === 'pageup' || name === 'pgup';
export const isPageDown = (name: string): boolean => name === 'pagedown' || name === 'pgdn' || name === 'pgdown';

const between = (value: number, least: number, greatest: number): number =>
  Math.max(least, Math.min(greatest, Math.trunc(value)));

/** Which rows of many are seen, and which one of them is selected. Costs the same for ten rows and for a million. */
export class Viewport {
  #length = 0;
  #height = 1;
  #top = 0;
  #selected = 0;

  get length(): number {
    return this.#length;
  }
  get height(): number {
    return this.#height;
  }
  get top(): number {
    return this.#top;
  }
  /** Row that is selected, 0 also when there is none. */
  get selected(): number {
    return this.#selected;
  }

  /** Told before each frame how many rows there are and how many of them fit. */
  fit(height: number, length: number): void {
    const isOther = height !== this.#height;
    this.#height = Math.max(1, height);
    this.#length = Math.max(0, length);
    this.#selected = between(this.#selected, 0, Math.max(0, this.#length - 1));
    if (isOther) this.reveal();
    this.scroll(0);
  }

  /** Selects a row and shows it. Answers whether it is another one than before. */
  select(row: number): boolean {
    const before = this.#selected;
    this.#selected = between(row, 0, Math.max(0, this.#length - 1));
    this.reveal();
    return this.#selected !== before;
  }

  /** Selects a row wherever it is: what is seen stays, as when new data comes while a person looks elsewhere. */
  place(row: number): void {
    this.#selected = between(row, 0, Math.max(0, this.#length - 1));
  }

  get isSelectedSeen(): boolean {
    return this.#selected >= this.#top && this.#selected < this.#top + this.#height;
  }

  /** Scrolls by so many rows without selecting another. Answers whether anything moved. */
  scroll(by: number): boolean {
    const before = this.#top;
    this.#top = between(this.#top + by, 0, Math.max(0, this.#length - this.#height));
    return this.#top !== before;
  }

  /** Puts a row at the top. */
  scrollTo(row: number): boolean {
    return this.scroll(Math.trunc(row) - this.#top);
  }

  wheel(action: string): boolean {
    if (action === 'wheel-up') return this.scroll(-rowsPerWheel);
    return action === 'wheel-down' && this.scroll(rowsPerWheel);
  }

  /** Scrolls as little as is needed to see the selected row. */
  reveal(): void {
    if (this.#selected < this.#top) this.#top = this.#selected;
    else if (this.#selected >= this.#top + this.#height) this.#top = this.#selected - this.#height + 1;
  }

  /** Moves the selection. Answers `false` where it could not move, so that whoever is above or below may go on. */
  key({ name }: Key): boolean {
    const to = this.#target(name);
    return to !== null && this.select(to);
  }

  #target(name: string): number | null {
    if (name === 'up' || name === 'k') return this.#selected - 1;
    if (name === 'down' || name === 'j') return this.#selected + 1;
    if (isPageUp(name)) return this.#selected - this.#height;
    if (isPageDown(name)) return this.#selected + this.#height;
    if (name === 'home' || name === 'g') return 0;
    if (name === 'end' || name === 'G') return this.#length - 1;
    return null;
  }
}
