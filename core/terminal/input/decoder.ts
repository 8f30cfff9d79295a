import type { Input } from '../contract.ts';
import { bare, controlKey, letterKey, namedKey } from './keys.ts';
import { longestPaste, pasteOf } from './paste.ts';
import { controlSequence, type Meaning, rxvtKey, singleShift } from './sequences.ts';

/** An Escape that nothing follows for so long was the key, not the beginning of another. */
const escapeMs = 40;
/** A paste that gets no further for so long has lost its end. */
const pasteMs = 1000;
/** Longer sequences are dropped: no key has one. */
const longestSequence = 64;
/** Longer answers of a terminal are dropped. */
const longestString = 4096;

const pasteBegin = '\x1b[200~';
const pasteEnd = '\x1b[201~';
/** `ESC`, perhaps another one for alt, `[`, then parameters, then what ends it. */
const control = /\x1b{1,2}\[([<=>?]?)([0-9;:]*)([ -/]*)([@-~])/y;
const controlBegun = /\x1b{1,2}\[[<=>?]?[0-9;:]*[ -/]*/y;
const shift = /\x1b{1,2}O([2-8]?)([A-Za-z])/y;
const console = /\x1b\[\[([A-E])/y;
const rxvt = /\x1b{1,2}\[(\d{1,2})\$/y;
/** An answer of the terminal: operating system command, device control and the like, up to its end. */
const strings = /\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)/y;
const typed = /[^\x00-\x1f\x7f-\x9f]+/y;

/** What stands at a place: so many characters that mean something, or a beginning that wants more (`0`). */
interface Found {
  readonly length: number;
  readonly meaning: Meaning;
}

const more: Found = { length: 0, meaning: null };

/**
 * Makes whole events of what a terminal sends, in whatever packets it comes. Holds at most a sequence, an answer or a paste, each of them
 * bounded; gives up on each after a time, so that nothing that is sent can make it deaf.
 */
export class Decoder {
  readonly #emit: (input: Input) => void;
  // Keeps the first bytes of a letter until the others come.
  readonly #utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = '';
  /** What was pasted so far; `null` outside of a paste. */
  #paste: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(emit: (input: Input) => void) {
    this.#emit = emit;
  }

  /** Whether something has begun that a timer will end. */
  get isWaiting(): boolean {
    return this.#timer !== null;
  }

  feed(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    const text = this.#rest + this.#utf8.decode(bytes, { stream: true });
    this.#rest = '';
    this.#read(text);
    // What waits for its end since the last packet does not wait longer for having been sent more; a paste may take as long as it flows.
    const isStillWaiting = this.#timer !== null && this.#paste === null && this.#rest.length === text.length;
    if (isStillWaiting) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isClosed || (this.#rest === '' && this.#paste === null)) return;
    this.#timer = setTimeout(() => this.#giveUp(), this.#paste === null ? escapeMs : pasteMs);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#rest = '';
    this.#paste = null;
  }

  #read(text: string): void {
    let at = 0;
    while (at < text.length && !this.#isClosed) {
      if (this.#paste !== null) {
        at = this.#pasted(text, at);
        continue;
      }
      const found = this.#at(text, at);
      if (found === more) {
        this.#rest = text.slice(at);
        return;
      }
      at += found.length;
      if (found.meaning !== null) this.#emit(found.meaning);
    }
  }

  #at(text: string, at: number): Found {
    const code = text.charCodeAt(at);
    if (code === 0x1b) return this.#sequence(text, at);
    if (code < 0x20 || code === 0x7f) return { length: 1, meaning: controlKey(code) };
    // C1 codes: no key sends them, and a terminal that did would mean control sequences.
    if (code < 0xa0 && code > 0x7f) return { length: 1, meaning: null };
    if (code < 0x7f && !(text.charCodeAt(at + 1) > 0x7f)) return { length: 1, meaning: letterKey(text.charAt(at)) };
    typed.lastIndex = at;
    this.#letters(typed.exec(text)?.[0] ?? '');
    return { length: typed.lastIndex - at, meaning: null };
  }

  /** Letters of other scripts: one key for each that a reader would call one. */
  #letters(text: string): void {
    for (const { segment } of segments(text)) {
      // Bytes that are no letter.
      if (segment !== '\ufffd' && !this.#isClosed) this.#emit(letterKey(segment));
    }
  }

  #sequence(text: string, at: number): Found {
    if (text.startsWith(pasteBegin, at)) {
      this.#paste = '';
      return { length: pasteBegin.length, meaning: null };
    }
    const next = text.charAt(at + 1);
    if (next === '') return more;
    if (next === '[') return this.#control(text, at);
    if (next === 'O') return this.#shift(text, at);
    if (next === '\x1b') return this.#doubled(text, at);
    if (']PX^_'.includes(next)) {
      const answer = this.#answer(text, at);
      if (answer !== null) return answer;
    }
    const code = next.charCodeAt(0);
    if (code < 0x20 || code === 0x7f) return { length: 2, meaning: controlKey(code, true) };
    const letter = String.fromCodePoint(text.codePointAt(at + 1) ?? 0);
    if (code > 0x7f && code < 0xa0) return { length: 2, meaning: null };
    return { length: 1 + letter.length, meaning: letterKey(letter, { ...bare, alt: true }) };
  }

  /** Two escapes: alt with a key that has a sequence, or the key twice. */
  #doubled(text: string, at: number): Found {
    const third = text.charAt(at + 2);
    if (third === '' && text.length - at === 2) return more;
    if (third === '[' && !text.startsWith(pasteBegin, at + 1)) return this.#control(text, at);
    if (third === 'O') return this.#shift(text, at);
    return { length: 1, meaning: namedKey('escape') };
  }

  #control(text: string, at: number): Found {
    const alt = text.charCodeAt(at + 1) === 0x1b;
    const old = match(console, text, at);
    if (old !== null) return { length: old[0].length, meaning: namedKey(`f${(old[1] ?? 'A').charCodeAt(0) - 0x40}`) };
    const whole = match(control, text, at);
    if (whole !== null) {
      const [all, prefix = '', parameters = '', between = '', final = ''] = whole;
      if (all.length > longestSequence) return { length: all.length, meaning: null };
      // The oldest form of the mouse, which nobody asked for: three bytes follow.
      if (final === 'M' && prefix === '' && parameters === '') {
        return text.length < at + all.length + 3 ? more : { length: all.length + 3, meaning: null };
      }
      if (final === '^' || final === '@') return { length: all.length, meaning: rxvtKey(parameters, final, alt) };
      const meaning = between === '' ? controlSequence(prefix, parameters, final, alt) : null;
      return { length: all.length, meaning };
    }
    const begun = match(controlBegun, text, at)?.[0] ?? '';
    if (at + begun.length < text.length) {
      // Something else interrupts it: what was begun is dropped.
      return { length: Math.max(1, begun.length), meaning: null };
    }
    return begun.length > longestSequence ? { length: begun.length, meaning: null } : more;
  }

  #shift(text: string, at: number): Found {
    const alt = text.charCodeAt(at + 1) === 0x1b;
    const whole = match(shift, text, at);
    if (whole !== null) return { length: whole[0].length, meaning: singleShift(whole[1] ?? '', whole[2] ?? '', alt) };
    const letters = alt ? 3 : 2;
    const after = text.slice(at + letters, at + letters + 2);
    if (after === '' || /^[2-8]$/.test(after)) return more;
    return { length: letters, meaning: letterKey('O', { ...bare, alt: true }) };
  }

  /** `null` when it is alt with that letter instead. */
  #answer(text: string, at: number): Found | null {
    const whole = match(strings, text, at);
    if (whole !== null) return { length: whole[0].length, meaning: null };
    const size = text.length - at;
    if (size > longestString) return { length: size, meaning: null };
    const isOpen = !/[\x07\x1b]/.test(text.slice(at + 2)) || text.endsWith('\x1b');
    return isOpen ? more : null;
  }

  #pasted(text: string, at: number): number {
    const before = this.#paste ?? '';
    const end = text.indexOf(pasteEnd, at);
    if (end >= 0) {
      this.#paste = null;
      this.#emit(pasteOf(before + text.slice(at, end)));
      return end + pasteEnd.length;
    }
    // The mark of its end may come in pieces.
    const kept = partOfEnd(text, at);
    this.#paste = (before + text.slice(at, text.length - kept)).slice(0, longestPaste);
    this.#rest = text.slice(text.length - kept);
    return text.length;
  }

  /** Nothing more came: what was begun is what it was. */
  #giveUp(): void {
    this.#timer = null;
    const [rest, paste] = [this.#rest, this.#paste];
    this.#rest = '';
    this.#paste = null;
    if (paste !== null) {
      this.#emit(pasteOf(paste + rest));
      return;
    }
    const keyed = match(rxvt, rest, 0);
    if (rest === '\x1b') this.#emit(namedKey('escape'));
    else if (rest === '\x1b\x1b') {
      this.#emit(namedKey('escape'));
      if (!this.#isClosed) this.#emit(namedKey('escape'));
    } else if (keyed !== null && keyed[0] === rest) {
      const meaning = rxvtKey(keyed[1] ?? '', '$', rest.startsWith('\x1b\x1b'));
      if (meaning !== null) this.#emit(meaning);
    } else if (rest.length === 2) this.#emit(letterKey(rest.charAt(1), { ...bare, alt: true }));
  }
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** How many of the last characters may be the beginning of the mark that ends a paste. */
function partOfEnd(text: string, from: number): number {
  for (let size = Math.min(pasteEnd.length - 1, text.length - from); size > 0; size--) {
    if (pasteEnd.startsWith(text.slice(text.length - size))) return size;
  }
  return 0;
}

let segmenter: Intl.Segmenter | null = null;
function segments(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
}
