import { BOLD, DIM, INVERSE, UNDERLINE } from '../cells/grid.ts';
import { type Colours, type Look, plainLook, sgrBetween } from './colours.ts';
import { hideCursor, showCursor } from './modes.ts';
import { pointColumns } from './shown-letter.ts';
import { firstColour } from './slots.ts';

/** The sequences that a frame may have in it: move, colour, margins, move rows, clear. */
const sequence = /\x1b\[([0-9;]{0,80})([HCmrLMJ])/y;
const plain = /^[\x20-\x7e]*$/;
const narrow =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u0370-\u0377\u0391-\u03a1\u03a3-\u0482\u2010-\u2027\u2500-\u257f\u2580-\u259f\u25a0-\u25fc]*$/;
/** What must never reach a terminal within text, whoever let it through: controls, and what turns the direction of reading. */
const forbidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;
/** From this many blanks on it is shorter to erase than to send them. */
const fewBlanks = 9;
const blanks = new RegExp(`( {${fewBlanks},})`);
/** Flags that blanks show. Erasing would not leave them. */
const seenOnBlanks = UNDERLINE | INVERSE;

/**
 * The last thing before a terminal. It reads what blessed sends, lets through only sequences that a frame of ours is made of, replaces names of
 * colours by colours, and says in as few bytes as it can what leads from what the terminal looks like to what it shall look like.
 */
export class Wire {
  #colours: Colours;
  readonly #canErase: boolean;
  #columns: number;
  #out = '';
  /** Where the terminal's cursor is; -1 where nobody can tell. */
  #x = -1;
  #y = -1;
  /** What the terminal draws with; `null` when nobody can tell. */
  #look: Look | null = null;
  /** Where blessed wants to be, and how it wants to draw. */
  #toX = 0;
  #toY = 0;
  #toLook: Look = plainLook;

  constructor(colours: Colours, columns: number, canErase: boolean) {
    this.#colours = colours;
    this.#columns = columns;
    this.#canErase = canErase;
  }

  /** Characters that wait to be taken. */
  get length(): number {
    return this.#out.length;
  }

  set colours(colours: Colours) {
    this.#colours = colours;
    this.#look = null;
  }

  /** The terminal may be in any state: its modes were set again, its size changed. */
  forget(columns: number): void {
    this.#columns = columns;
    this.#x = -1;
    this.#y = -1;
    this.#look = null;
  }

  /** What is to be sent; from then on it counts as sent. */
  take(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  /** Puts the cursor somewhere. */
  move(x: number, y: number): void {
    this.#toX = x;
    this.#toY = y;
    this.#go();
  }

  /** Shows or hides the cursor. */
  cursor(isShown: boolean): void {
    this.#out += isShown ? showCursor : hideCursor;
  }

  /** What blessed sends. */
  feed(text: string): void {
    let at = 0;
    while (at < text.length) {
      const next = text.indexOf('\x1b', at);
      this.#letters(next < 0 ? text.slice(at) : text.slice(at, next));
      if (next < 0) return;
      sequence.lastIndex = next;
      const found = sequence.exec(text);
      if (found === null) {
        // Not one of ours: without its escape the rest is harmless text.
        at = next + 1;
        continue;
      }
      at = sequence.lastIndex;
      this.#obey(found[2] ?? '', found[1] ?? '');
    }
  }

  #obey(final: string, parameters: string): void {
    const numbers = parameters.split(';').map(Number);
    const first = numbers[0] ?? 0;
    switch (final) {
      case 'm':
        this.#toLook = this.#lookOf(numbers);
        break;
      case 'H':
        this.#toY = Math.max(0, first - 1);
        this.#toX = Math.max(0, (numbers[1] ?? 1) - 1);
        break;
      case 'C':
        this.#toX += Math.max(1, first);
        break;
      case 'r':
        // Margins send the cursor home.
        this.#out += `\x1b[${parameters}r`;
        this.#x = 0;
        this.#y = 0;
        break;
      default:
        // What moves or clears leaves cells in the colour that is set, and blessed counts on none.
        this.#toLook = plainLook;
        this.#draw(plainLook);
        this.#go();
        this.#out += `\x1b[${parameters}${final}`;
    }
  }

  #lookOf(numbers: readonly number[]): Look {
    let flags = 0;
    let [fg, bg] = [-1, -1];
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] ?? 0;
      if (number === 1) flags |= BOLD;
      else if (number === 4) flags |= UNDERLINE;
      else if (number === 5) flags |= DIM;
      else if (number === 7) flags |= INVERSE;
      else if (number === 38 || number === 48) {
        const colour = (numbers[i + 2] ?? 0) - firstColour;
        i += 2;
        if (number === 38) fg = colour;
        else bg = colour;
      }
    }
    return fg < 0 || bg < 0 ? plainLook : this.#colours.look(fg, bg, flags);
  }

  #letters(text: string): void {
    if (text === '') return;
    const safe = plain.test(text) ? text : text.replace(forbidden, '\ufffd');
    const canErase = this.#canErase && (this.#toLook.flags & seenOnBlanks) === 0;
    if (!canErase || safe.length < fewBlanks) {
      this.#print(safe);
      return;
    }
    // Every second part is blanks.
    for (const [index, part] of safe.split(blanks).entries()) {
      if (index % 2 === 1) this.#erase(part.length);
      else if (part !== '') this.#print(part);
    }
  }

  #erase(columns: number): void {
    this.#go();
    this.#draw(this.#toLook, true);
    this.#toX += columns;
    this.#out += this.#toX >= this.#columns ? '\x1b[K' : `\x1b[${columns}X`;
  }

  #print(text: string): void {
    this.#go();
    this.#draw(this.#toLook, text.trim() === '');
    if (plain.test(text) || narrow.test(text)) {
      this.#out += text;
      this.#advance(text.length);
      return;
    }
    // After letters of two columns the place is said again: a terminal that sees them otherwise is put right there.
    let wasWide = false;
    for (const letter of text) {
      const columns = pointColumns(letter.codePointAt(0) ?? 0);
      if (wasWide && columns === 1) {
        this.#x = -1;
        this.#go();
      }
      this.#out += letter;
      this.#advance(columns);
      if (columns > 0) wasWide = columns === 2;
    }
    if (wasWide) this.#x = -1;
  }

  #advance(columns: number): void {
    this.#toX += columns;
    // Past the last column terminals differ about where the cursor is.
    this.#x = this.#toX >= this.#columns ? -1 : this.#toX;
  }

  #draw(look: Look, isBlank = false): void {
    // The ink of blanks is not seen: it stays what it is.
    const now = this.#look;
    const bothBare = now !== null && ((now.flags | look.flags) & seenOnBlanks) === 0;
    const wanted = isBlank && bothBare && now !== null ? { ...now, bg: look.bg } : look;
    if (now === null) {
      this.#out += `\x1b[m${sgrBetween(plainLook, look)}`;
      this.#look = look;
      return;
    }
    this.#out += sgrBetween(now, wanted);
    this.#look = wanted;
  }

  #go(): void {
    const [x, y] = [this.#toX, this.#toY];
    if (x === this.#x && y === this.#y) return;
    if (y !== this.#y || this.#x < 0) {
      // Also when only the column is unknown: the row may be, too.
      this.#out += x === 0 ? (y === 0 ? '\x1b[H' : `\x1b[${y + 1}H`) : `\x1b[${y + 1};${x + 1}H`;
    } else if (x > this.#x) {
      this.#out += x === this.#x + 1 ? '\x1b[C' : `\x1b[${x - this.#x}C`;
    } else {
      this.#out += `\x1b[${x + 1}G`;
    }
    this.#x = x;
    this.#y = y;
  }
}
