import type { Readable } from 'node:stream';

/** A longer line is cut: nobody types it. */
const longestLine = 16_384;
/** So many lines may wait; then the other side has to. */
const mostLines = 1_000;

/** What a terminal's own input has and a pipe does not. */
interface RawInput {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
}

/** Lines that somebody types or a script sends, one at a time. Control characters are left out; the end of the input is `null`. */
export class LineReader implements Disposable {
  readonly #input: Readable;
  readonly #decoder = new TextDecoder();
  readonly #lines: string[] = [];
  #wanted: ((line: string | null) => void) | null = null;
  #part = '';
  #lastWasReturn = false;
  #isOver = false;
  /** Is given each line before anybody asked for it; answers whether it was meant for it. */
  #watcher: ((line: string) => boolean) | null = null;
  readonly #onData = (chunk: unknown): void => this.#take(chunk);
  readonly #onEnd = (): void => this.#end();

  constructor(input: Readable, signal: AbortSignal) {
    this.#input = input;
    input.on('data', this.#onData);
    for (const event of ['end', 'close', 'error'] as const) input.on(event, this.#onEnd);
    signal.addEventListener('abort', this.#onEnd, { once: true });
    if (signal.aborted) this.#end();
  }

  get isOver(): boolean {
    return this.#isOver && this.#lines.length === 0;
  }

  /** The next line, without its end. */
  async next(): Promise<string | null> {
    const line = this.#lines.shift();
    if (line !== undefined) {
      if (this.#input.isPaused()) this.#input.resume();
      return line;
    }
    if (this.#isOver) return null;
    return new Promise((resolve) => {
      this.#wanted = resolve;
    });
  }

  /** The next line, typed without being shown where the terminal can do that. */
  async nextSecret(): Promise<string | null> {
    const raw = this.#input as RawInput;
    if (raw.isTTY !== true || raw.setRawMode === undefined) return this.next();
    raw.setRawMode(true);
    try {
      return await this.next();
    } finally {
      raw.setRawMode(false);
    }
  }

  /** While something works: a line for which `isMeant` holds is taken, all others wait for whoever asks next. Answers how to stop that. */
  watch(isMeant: (line: string) => boolean): () => void {
    this.#watcher = isMeant;
    const [first] = this.#lines;
    if (first !== undefined && isMeant(first)) this.#lines.shift();
    return () => {
      this.#watcher = null;
    };
  }

  [Symbol.dispose](): void {
    this.#input.off('data', this.#onData);
    for (const event of ['end', 'close', 'error'] as const) this.#input.off(event, this.#onEnd);
    this.#end();
    this.#input.pause();
  }

  #take(chunk: unknown): void {
    const text = typeof chunk === 'string' ? chunk : this.#decoder.decode(chunk as Uint8Array, { stream: true });
    for (const char of text) {
      const isPair = char === '\n' && this.#lastWasReturn;
      this.#lastWasReturn = char === '\r';
      if (isPair) continue;
      if (char === '\n' || char === '\r') this.#line();
      else if (char === '\x03') this.#end();
      else if (char === '\x04') this.#endOfInput();
      else if (char === '\x7f' || char === '\b') this.#part = this.#part.slice(0, -1);
      else if (!/\p{Cc}/u.test(char) && this.#part.length < longestLine) this.#part += char;
    }
    if (this.#lines.length >= mostLines) this.#input.pause();
  }

  #line(): void {
    const line = this.#part;
    this.#part = '';
    if (this.#watcher?.(line) === true) return;
    const wanted = this.#wanted;
    this.#wanted = null;
    if (wanted === null) this.#lines.push(line);
    else wanted(line);
  }

  #endOfInput(): void {
    if (this.#part === '') this.#end();
  }

  #end(): void {
    if (this.#part !== '' && !this.#isOver) this.#line();
    this.#isOver = true;
    const wanted = this.#wanted;
    this.#wanted = null;
    wanted?.(null);
  }
}
