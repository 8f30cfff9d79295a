import type { Widget } from '../../contract.ts';

/** Something that stands in front of everything else and gets all keys. */
export interface Overlay extends Widget {
  /** Called when it is taken away without having been answered: the session ends, or what asked is gone. */
  dropped?(): void;
}

/** What stands in front of the workbench: dialogs, the palette, help. The last one has the keys. */
export class OverlayStack {
  #all: readonly Overlay[] = [];
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get all(): readonly Overlay[] {
    return this.#all;
  }

  get top(): Overlay | null {
    return this.#all.at(-1) ?? null;
  }

  push(overlay: Overlay): void {
    this.#all = [...this.#all, overlay];
    this.#onChange();
  }

  remove(overlay: Overlay): void {
    this.#all = this.#all.filter((one) => one !== overlay);
    this.#onChange();
  }

  /** Nobody will answer any more. */
  close(): void {
    const all = this.#all;
    this.#all = [];
    for (const overlay of all) overlay.dropped?.();
  }
}
