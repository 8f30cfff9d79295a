import type { Choice } from '../../../../shell/desk/contract.ts';
import type { Key, Mouse, Surface } from '../../../contract.ts';
import { type PickItem, PickList } from '../../../widgets/dialogue/pick-list.ts';
import type { Bench } from '../../contract.ts';
import { choiceDetail } from '../choice-title.ts';

/** What is asked for, and who gets the answer. */
export interface PickWish {
  readonly title: string;
  readonly choices: readonly Choice[];
  /** Shown beside a choice: ✓ for what is chosen already. */
  readonly mark?: (choice: Choice) => string;
  readonly onPick: (value: string) => void;
  /** Whether more than one may be picked, until it is left. Default is `false`. */
  readonly stays?: boolean;
}

function itemsOf({ choices, mark }: PickWish): readonly PickItem[] {
  return choices.map((choice) => ({
    id: choice.value,
    title: `${mark?.(choice) ?? ''}${choice.value}`,
    detail: choiceDetail(choice),
    refused: choice.refused,
  }));
}

/** A list to pick from that lies over a page until something is picked or it is left. What cannot be chosen is shown with its reason. */
export class PickOverlay {
  readonly #bench: Bench;
  #list: PickList | null = null;
  #wish: PickWish | null = null;

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  get isOpen(): boolean {
    return this.#list !== null;
  }

  open(wish: PickWish): void {
    const close = (): void => {
      this.#list = null;
      this.#wish = null;
      this.#bench.invalidate();
    };
    this.#wish = wish;
    this.#list = new PickList({
      title: wish.title,
      items: itemsOf(wish),
      onPick: ({ id }) => {
        if (wish.stays !== true) close();
        wish.onPick(id);
        if (this.#wish !== null) this.#list?.setItems(itemsOf(this.#wish));
      },
      onCancel: close,
      invalidate: () => this.#bench.invalidate(),
    });
    this.#bench.invalidate();
  }

  /** More was found out about what can be picked; what is typed stays. */
  update(choices: readonly Choice[]): void {
    if (this.#list === null || this.#wish === null) return;
    this.#wish = { ...this.#wish, choices };
    this.#list.setItems(itemsOf(this.#wish));
    this.#bench.invalidate();
  }

  key(key: Key): boolean {
    return this.#list?.key(key) ?? false;
  }

  paste(text: string): boolean {
    return this.#list?.paste(text) ?? false;
  }

  mouse(event: Mouse): boolean {
    return this.#list?.mouse(event) ?? false;
  }

  draw(surface: Surface): void {
    this.#list?.draw(surface, true);
  }
}
