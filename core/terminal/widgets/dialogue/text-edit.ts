import { stopAt, stopsOf, wordStop } from './text-stops.ts';

/** How far a movement or a deletion goes. */
export type Reach = 'letter' | 'word' | 'all';

interface Moment {
  readonly text: string;
  readonly cursor: number;
}

const mostMoments = 200;

/** A line of text that is being edited: cursor, selection, undo. Offsets are stops: numbers of letters as a reader counts them. */
export class TextEdit {
  readonly #maxLength: number;
  readonly #remembers: boolean;
  #text = '';
  #stops: readonly number[] = [0];
  #cursor = 0;
  #anchor: number | null = null;
  #past: Moment[] = [];
  #future: Moment[] = [];
  /** Letters that are typed one after the other are taken back together. */
  #isTyping = false;

  /** @param remembers Whether there is undo; a secret is kept in one place only. */
  constructor(maxLength: number, remembers: boolean) {
    this.#maxLength = maxLength;
    this.#remembers = remembers;
  }

  get text(): string {
    return this.#text;
  }
  get stops(): readonly number[] {
    return this.#stops;
  }
  get cursor(): number {
    return this.#cursor;
  }
  get length(): number {
    return this.#stops.length - 1;
  }
  /** From, to (exclusive); equal when nothing is selected. */
  get selection(): readonly [from: number, to: number] {
    const anchor = this.#anchor ?? this.#cursor;
    return [Math.min(anchor, this.#cursor), Math.max(anchor, this.#cursor)];
  }

  /** Replaces everything; cannot be undone. */
  reset(text: string): void {
    this.#past = [];
    this.#future = [];
    this.#isTyping = false;
    this.#put(this.#cut(text, this.#maxLength), Number.POSITIVE_INFINITY);
  }

  /** Types text in place of what is selected; as much of it as there is room for. */
  insert(text: string): boolean {
    const [from, to] = this.#offsets();
    const room = this.#maxLength - (this.#text.length - (to - from));
    const fitting = this.#cut(text, room);
    if (fitting === '' && from === to) return false;
    const isLetter = fitting.length === 1 && fitting !== ' ' && from === to;
    this.#remember(isLetter && this.#isTyping);
    this.#put(this.#text.slice(0, from) + fitting + this.#text.slice(to), from + fitting.length);
    this.#isTyping = isLetter;
    return true;
  }

  /** Deletes what is selected, or else what lies in that direction. */
  delete(direction: -1 | 1, reach: Reach): boolean {
    if (this.#anchor === null || this.#anchor === this.#cursor) this.#anchor = this.#target(direction, reach);
    const [from, to] = this.#offsets();
    if (from === to) {
      this.#anchor = null;
      return false;
    }
    this.#remember(false);
    this.#put(this.#text.slice(0, from) + this.#text.slice(to), from);
    return true;
  }

  /** @param selects Whether the selection grows or shrinks with the movement. */
  move(direction: -1 | 1, reach: Reach, selects: boolean): void {
    const [from, to] = this.selection;
    const isLeaving = !selects && reach === 'letter' && from !== to;
    this.moveTo(isLeaving ? (direction < 0 ? from : to) : this.#target(direction, reach), selects);
  }

  moveTo(stop: number, selects: boolean): void {
    this.#anchor = selects ? (this.#anchor ?? this.#cursor) : null;
    this.#cursor = Math.max(0, Math.min(this.length, stop));
    this.#isTyping = false;
  }

  undo(): boolean {
    return this.#go(this.#past, this.#future);
  }

  redo(): boolean {
    return this.#go(this.#future, this.#past);
  }

  #go(from: Moment[], to: Moment[]): boolean {
    const moment = from.pop();
    if (moment === undefined) return false;
    to.push({ text: this.#text, cursor: this.#cursor });
    this.#put(moment.text, 0);
    this.#cursor = Math.min(this.length, moment.cursor);
    this.#isTyping = false;
    return true;
  }

  #remember(isContinued: boolean): void {
    this.#future = [];
    if (!this.#remembers || isContinued) return;
    this.#past.push({ text: this.#text, cursor: this.#cursor });
    if (this.#past.length > mostMoments) this.#past.shift();
  }

  /** What is selected, in UTF-16 units. */
  #offsets(): readonly [from: number, to: number] {
    const [from, to] = this.selection;
    return [this.#stops[from] ?? 0, this.#stops[to] ?? 0];
  }

  #put(text: string, cursorOffset: number): void {
    this.#text = text;
    this.#stops = stopsOf(text);
    this.#anchor = null;
    this.#isTyping = false;
    this.#cursor = stopAt(this.#stops, cursorOffset);
    // A mark that was typed has joined the letter before it, or the one behind: the cursor stands behind what was typed.
    if ((this.#stops[this.#cursor] ?? 0) < Math.min(cursorOffset, text.length)) this.#cursor += 1;
  }

  #target(direction: -1 | 1, reach: Reach): number {
    if (reach === 'all') return direction < 0 ? 0 : this.length;
    // Where the words of a secret end is nobody's business.
    if (reach === 'word' && !this.#remembers) return direction < 0 ? 0 : this.length;
    if (reach === 'word') return wordStop(this.#text, this.#stops, this.#cursor, direction);
    return Math.max(0, Math.min(this.length, this.#cursor + direction));
  }

  #cut(text: string, room: number): string {
    if (text.length <= room) return text;
    const stops = stopsOf(text);
    return text.slice(0, stops[stopAt(stops, Math.max(0, room))] ?? 0);
  }
}
