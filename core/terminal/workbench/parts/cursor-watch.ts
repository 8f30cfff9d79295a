import type { SafeText } from '../../../model/text/safe-text.ts';
import type { Style, Surface } from '../../contract.ts';

/** Hears that something showed the cursor. */
export interface CursorHeard {
  isTyping: boolean;
}

/** A surface that tells when the cursor is shown on it: then a text field has the focus, and keys that type belong to it. */
export class CursorWatch implements Surface {
  readonly width: number;
  readonly height: number;
  readonly #below: Surface;
  readonly #heard: CursorHeard;

  constructor(below: Surface, heard: CursorHeard) {
    this.width = below.width;
    this.height = below.height;
    this.#below = below;
    this.#heard = heard;
  }

  text(x: number, y: number, text: SafeText, style?: Style): number {
    return this.#below.text(x, y, text, style);
  }

  fill(x: number, y: number, width: number, height: number, style?: Style, char?: SafeText): void {
    this.#below.fill(x, y, width, height, style, char);
  }

  area(x: number, y: number, width: number, height: number): Surface {
    return new CursorWatch(this.#below.area(x, y, width, height), this.#heard);
  }

  cursor(x: number, y: number): void {
    this.#heard.isTyping = true;
    this.#below.cursor(x, y);
  }
}
