import type { SafeText } from '../../model/text/safe-text.ts';
import type { Input, Screen, ScreenOptions, Undo } from '../contract.ts';
import { Decoder } from '../input/decoder.ts';
import { tellBusy } from './busy.ts';
import { Colours } from './colours.ts';
import { GuardedTty } from './guard.ts';
import { Listeners } from './listeners.ts';
import { bellSequence, enterSequence, restoreSequence, titleSequence } from './modes.ts';
import { Renderer } from './renderer.ts';
import { sizeOf } from './size.ts';

/** Between frames that no input asked for. */
const restMs = 16;
/** More than this is not handed over at once; the rest of a frame waits until it was taken. */
const frameCharacters = 96 * 1024;

/** One person's screen. Everything that it holds is let go of by `close`. */
export class SessionScreen implements Screen {
  readonly #tty: GuardedTty;
  readonly #options: ScreenOptions;
  readonly #decoder: Decoder;
  readonly #undo: Undo[];
  readonly #input = new Listeners<Input>();
  readonly #resized = new Listeners<void>();
  readonly #gone = new Listeners<void>();
  #renderer: Renderer | null;
  #colours: Colours;
  #isDue = false;
  #isSizeDue = false;
  #turn: NodeJS.Immediate | null = null;
  #rest: NodeJS.Timeout | null = null;
  #title: string | null = null;

  constructor(options: ScreenOptions) {
    this.#options = options;
    const tty = new GuardedTty(options.tty);
    this.#tty = tty;
    this.#colours = new Colours(options.theme(), tty.depth);
    this.#renderer = new Renderer(sizeOf(tty), this.#colours, tty.erasesInColour);
    this.#decoder = new Decoder((input) => this.#typed(input));
    this.#undo = [
      tty.onData((bytes) => this.#decoder.feed(bytes)),
      tty.onResize(() => this.#changeSize()),
      tty.onDrain(() => this.#soon()),
      tty.onClose(() => this.#leave()),
    ];
    tellBusy(options.tty, () => this.#isBusy());
    tty.write(enterSequence);
    this.invalidate();
  }

  get width(): number {
    return sizeOf(this.#tty).columns;
  }

  get height(): number {
    return sizeOf(this.#tty).rows;
  }

  invalidate(): void {
    if (this.#isDue || this.#renderer === null) return;
    this.#isDue = true;
    if (this.#rest === null) this.#soon();
  }

  onInput(listener: (input: Input) => void): Undo {
    return this.#input.add(listener);
  }

  onResize(listener: () => void): Undo {
    return this.#resized.add(listener);
  }

  onClose(listener: () => void): Undo {
    return this.#gone.add(listener);
  }

  title(text: SafeText): void {
    this.#title = text;
    this.invalidate();
  }

  bell(): void {
    if (this.#renderer !== null && this.#tty.pendingBytes === 0) this.#tty.write(bellSequence);
  }

  close(): void {
    if (this.#renderer === null) return;
    this.#tty.write(restoreSequence);
    this.#release();
  }

  #release(): void {
    this.#renderer = null;
    this.#isDue = false;
    this.#decoder.close();
    if (this.#turn !== null) clearImmediate(this.#turn);
    if (this.#rest !== null) clearTimeout(this.#rest);
    for (const undo of this.#undo) undo();
    this.#tty.release();
    for (const listeners of [this.#input, this.#resized, this.#gone]) listeners.clear();
  }

  /** Nobody is there any more: there is nothing to restore. */
  #leave(): void {
    if (this.#renderer === null) return;
    const told = this.#gone.copy();
    this.#release();
    told.tell(undefined);
  }

  #isBusy(): boolean {
    if (this.#renderer === null) return false;
    return this.#decoder.isWaiting || (this.#isDue && this.#tty.pendingBytes === 0);
  }

  #changeSize(): void {
    if (this.#renderer === null) return;
    // A window that is dragged tells a hundred sizes; only that of the next frame is drawn.
    this.#isSizeDue = true;
    this.#safely(() => this.#resized.tell(undefined));
    this.invalidate();
  }

  #typed(input: Input): void {
    if (this.#renderer === null) return;
    // Whoever types does not wait for the rest between frames.
    if (this.#rest !== null) clearTimeout(this.#rest);
    this.#rest = null;
    if (this.#isDue) this.#soon();
    this.#safely(() => this.#input.tell(input));
  }

  #soon(): void {
    if (!this.#isDue || this.#turn !== null || this.#renderer === null) return;
    this.#turn = setImmediate(() => {
      this.#turn = null;
      this.#safely(() => this.#frame());
    });
  }

  #frame(): void {
    const renderer = this.#renderer;
    // What was sent last is not taken yet: the terminal tells when it is, and then gets the newest frame only.
    if (renderer === null || !this.#isDue || this.#tty.pendingBytes > 0) return;
    this.#isDue = false;
    const before = this.#prepare(renderer);
    const grid = renderer.begin();
    this.#options.draw(grid.surface());
    if (this.#renderer === null) return;
    const { text, isWhole } = renderer.finish(frameCharacters);
    this.#rest = setTimeout(() => {
      this.#rest = null;
      this.#soon();
    }, restMs);
    if (before + text !== '') this.#tty.write(before + text);
    if (isWhole) return;
    this.invalidate();
  }

  /** Takes over a new size, a new theme and a new title. Answers what has to be sent before the frame. */
  #prepare(renderer: Renderer): string {
    let before = '';
    if (this.#isSizeDue) {
      this.#isSizeDue = false;
      const { columns, rows } = sizeOf(this.#tty);
      renderer.resize(columns, rows);
      // Said again: whoever was stopped and goes on has lost it all.
      before += enterSequence;
    }
    const theme = this.#options.theme();
    if (theme !== this.#colours.theme) {
      this.#colours = new Colours(theme, this.#tty.depth);
      renderer.colours = this.#colours;
    }
    if (this.#title !== null) before += titleSequence(this.#title);
    this.#title = null;
    return before;
  }

  /** What is thrown by whoever draws or listens ends this screen and nothing else. */
  #safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.close();
      this.#options.onCrash(error);
    }
  }
}
