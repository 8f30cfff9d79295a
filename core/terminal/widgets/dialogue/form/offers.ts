import { safeText } from '../../../../model/text/safe-text.ts';
import type { Choice } from '../../../../shell/desk/contract.ts';
import type { Style, Surface } from '../../../contract.ts';
import { fuzzyScore, haystackOf, queryOf } from '../fuzzy.ts';
import { cutSafe } from '../line-break.ts';
import type { PickItem } from '../pick-item.ts';
import { PickOrder } from '../pick-order.ts';
import { drawPickRow } from '../pick-row.ts';

const mostRows = 6;
const mostChoices = 20_000;
const ground: Style = { fg: 'quickInput.foreground', bg: 'quickInput.background' };
const selected: Style = { fg: 'list.activeSelectionForeground', bg: 'list.activeSelectionBackground', bold: true };

/** The choices of one field, fetched when they are needed and looked through as one types. */
export class Offers {
  readonly #changed: () => void;
  /** Names that are completed: the best one is taken by Enter. Otherwise a choice has to be gone to. */
  readonly #isNames: boolean;
  #order = new PickOrder([]);
  #count = 0;
  #query = '';
  #found: readonly PickItem[] = [];
  #selected = -1;
  #top = 0;
  #isOpen = false;
  /** What the choices were asked for with; a late answer to an older question is dropped. */
  #asked: string | null = null;
  #trouble: string | null = null;

  constructor(isNames: boolean, changed: () => void) {
    this.#isNames = isNames;
    this.#changed = changed;
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#found.length > 0;
  }

  /** Choices that there are, whatever is typed. */
  get count(): number {
    return this.#count;
  }

  /** Why there are none; `null` when they came. */
  get trouble(): string | null {
    return this.#trouble;
  }

  get rows(): number {
    return this.isOpen ? Math.min(mostRows, this.#found.length) : 0;
  }

  /** The choice that Enter takes; `null` when none is selected. */
  get chosen(): PickItem | null {
    return this.isOpen ? (this.#found[this.#selected] ?? null) : null;
  }

  /** Asks for the choices, unless they were asked for with the same before. */
  fetch(given: string, ask: () => Promise<readonly Choice[]>): void {
    if (given === this.#asked) return;
    this.#asked = given;
    const take = (choices: readonly Choice[], trouble: string | null) => {
      if (this.#asked !== given) return;
      this.#trouble = trouble;
      this.#count = choices.length;
      this.#order = new PickOrder(choices.slice(0, mostChoices).map(asItem));
      this.#find();
      this.#changed();
    };
    Promise.resolve()
      .then(ask)
      .then((choices) => take(choices, null))
      .catch((error: unknown) => take([], error instanceof Error ? error.message : String(error)));
  }

  /** What there is may be another now: it is asked for again when it is needed. */
  forget(): void {
    this.#asked = null;
  }

  /** Something was typed. */
  type(query: string): void {
    this.#query = query;
    this.#isOpen = query !== '';
    this.#find();
  }

  /** Shows all of them. Answers whether there are any. */
  open(query: string): boolean {
    this.#query = query;
    this.#isOpen = true;
    this.#find();
    if (this.#found.length > 0) this.#selected = 0;
    return this.isOpen;
  }

  close(): void {
    this.#isOpen = false;
    this.#selected = -1;
  }

  /** Goes up or down. From the first one up it closes. */
  move(by: number): void {
    const to = this.#selected + by;
    if (to < 0) this.close();
    else this.#selected = Math.min(to, this.#found.length - 1);
  }

  /** The choice in a row, for the mouse. */
  select(row: number): void {
    this.#selected = Math.min(this.#found.length - 1, this.#top + row);
  }

  draw(surface: Surface): void {
    const height = surface.height;
    this.#top = Math.max(0, Math.min(this.#top, Math.max(0, this.#selected), this.#found.length - height));
    if (this.#selected >= this.#top + height) this.#top = this.#selected - height + 1;
    const query = queryOf(this.#query);
    for (let y = 0; y < height; y++) {
      const item = this.#found[this.#top + y];
      if (item === undefined) break;
      const isSelected = this.#top + y === this.#selected;
      drawPickRow(surface, y, item, query, isSelected ? selected : ground);
      if (isSelected) surface.text(0, y, safeText('▐'), { fg: 'focusBorder' });
    }
    const below = this.#found.length - this.#top - height;
    if (below > 0 && surface.width > 20) {
      const text = cutSafe(safeText(` +${below} `), surface.width);
      surface.text(surface.width - text.length, height - 1, text, { ...ground, fg: 'descriptionForeground' });
    }
  }

  #find(): void {
    this.#found = this.#order.find(this.#query);
    const exact = this.#found.findIndex(({ id }) => id === this.#query);
    // Enter never puts another name in the place of one that was typed out: what is typed must be in the name itself, not only in its title.
    const [first] = this.#found;
    const holds = first !== undefined && fuzzyScore(haystackOf(first.id), queryOf(this.#query)) !== null;
    const best = this.#isNames && this.#query !== '' && holds ? 0 : -1;
    this.#selected = exact >= 0 ? exact : best;
    this.#top = 0;
  }
}

const asItem = ({ value, title, refused }: Choice): PickItem => ({
  id: value,
  title: title === '' ? value : title,
  ...(title === '' || title.includes(value) ? {} : { detail: value }),
  refused,
});
