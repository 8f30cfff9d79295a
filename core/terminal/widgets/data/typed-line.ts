import { safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import type { Key, Surface } from '../../contract.ts';
import { cut, plain } from './label.ts';

const longest = 200;

/** What a key did to a line that is being typed. */
export type Typed = 'changed' | 'kept' | 'done' | 'cancelled' | null;

/** One line that takes effect as it is typed: a filter, a search. */
export class TypedLine {
  #text = '';
  isOpen = false;

  get text(): string {
    return this.#text;
  }
  set text(text: string) {
    this.#text = safeText(text, longest);
  }

  /** Takes a key while it is open. `null` means that the key is not its business. */
  key(key: Key): Typed {
    switch (key.name) {
      case 'enter':
        this.isOpen = false;
        return 'done';
      case 'escape':
        this.isOpen = false;
        this.#text = '';
        return 'cancelled';
      case 'backspace':
      case 'ctrl+h':
        return this.#set([...this.#text].slice(0, -1).join(''));
      case 'ctrl+w':
        return this.#set(this.#text.replace(/\S+\s*$/, ''));
      case 'ctrl+u':
        return this.#set('');
      default:
        return key.text === null ? null : this.#set(this.#text + key.text);
    }
  }

  paste(text: string): void {
    this.#set(this.#text + text.replaceAll('\n', ' '));
  }

  /** Draws the end of what was typed, and the cursor behind it. */
  draw(surface: Surface, x: number, y: number, width: number): void {
    let shown = safeText(this.#text);
    while (displayWidth(shown) >= width && shown !== '') shown = safeText([...shown].slice(1).join(''));
    const taken = surface.text(x, y, cut(shown, width), plain);
    if (this.isOpen) surface.cursor(x + taken, y);
  }

  #set(text: string): Typed {
    const before = this.#text;
    this.text = text.slice(0, longest);
    return this.#text === before ? 'kept' : 'changed';
  }
}
