import type { SafeText } from '../model/text/safe-text.ts';
import type { ColourToken } from './theme/tokens.ts';

/** What takes something back: a listener, a registration. */
export type Undo = () => void;

/** How many colours a terminal shows, from an allow-list of what clients call themselves: their own word is never trusted further. */
export type ColourDepth = 'mono' | '16' | '256' | 'truecolor';

/** A person's terminal: the local one, a channel of an SSH connection, an emulator in a test. Text that goes in has been filtered by the screen. */
export interface Tty {
  readonly columns: number;
  readonly rows: number;
  readonly depth: ColourDepth;
  /** Whether erasing leaves the background that was set (`erasesInColour()` knows by name). Default is true; false costs a few bytes. */
  readonly erasesInColour?: boolean;
  write(text: string): void;
  /** Bytes that were written and that nobody has taken yet. While there are any, frames are skipped. */
  readonly pendingBytes: number;
  /** When `pendingBytes` has become 0 again. */
  onDrain(listener: () => void): Undo;
  onData(listener: (bytes: Uint8Array) => void): Undo;
  onResize(listener: () => void): Undo;
  /** The person has gone, or the line was cut. Writing from then on does nothing. */
  onClose(listener: () => void): Undo;
}

/** One whole key, however many packets it came in. */
export interface Key {
  readonly kind: 'key';
  /** As bindings are written: `a`, `A`, `?`, `space`, `enter`, `escape`, `tab`, `shift+tab`, `up`, `f1`, `ctrl+p`, `alt+x`, `ctrl+shift+right`. */
  readonly name: string;
  /** What the key types, safe to show; `null` when it types nothing. */
  readonly text: SafeText | null;
}

/** Text that was pasted: typed, never executed as keys. Newlines are `\n`; everything else that acts has been made visible. */
export interface Paste {
  readonly kind: 'paste';
  readonly text: string;
}

/** Columns and rows count from 0, from the upper left corner of what the event is handed to. */
export interface Mouse {
  readonly kind: 'mouse';
  readonly action: 'press' | 'release' | 'drag' | 'wheel-up' | 'wheel-down';
  readonly button: 'left' | 'middle' | 'right' | 'none';
  readonly x: number;
  readonly y: number;
}

export type Input = Key | Paste | Mouse;

/** How cells look. Colours are names of the theme; absent ones are those of what is below, in the end the editor's. */
export interface Style {
  readonly fg?: ColourToken;
  readonly bg?: ColourToken;
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly underline?: boolean;
  readonly inverse?: boolean;
}

/** A rectangle of cells to draw on. Whatever lies outside is cut off: drawing never throws. */
export interface Surface {
  readonly width: number;
  readonly height: number;
  /** Draws one line of text and answers the columns it took. Only text that was made safe can be drawn. */
  text(x: number, y: number, text: SafeText, style?: Style): number;
  fill(x: number, y: number, width: number, height: number, style?: Style, char?: SafeText): void;
  /** A part of this one; drawing there is cut off at its edges. */
  area(x: number, y: number, width: number, height: number): Surface;
  /** Shows the cursor here, as whatever has the focus does. */
  cursor(x: number, y: number): void;
}

/** Something on the screen. It holds its own state and redraws wholly; the screen sends only what changed. */
export interface Widget {
  draw(surface: Surface, isFocused: boolean): void;
  /** Answers whether the key meant something here; otherwise it goes to whoever holds the widget. */
  key?(key: Key): boolean;
  paste?(text: string): boolean;
  mouse?(event: Mouse): boolean;
}

/** A person's screen: draws frames onto a terminal and hands on what is typed. One for each session; they share nothing but colours. */
export interface Screen {
  readonly width: number;
  readonly height: number;
  /** Draws a frame soon: several calls in one turn make one frame, and none is made while the terminal has not taken the last. */
  invalidate(): void;
  onInput(listener: (input: Input) => void): Undo;
  onResize(listener: () => void): Undo;
  /** The terminal went away. */
  onClose(listener: () => void): Undo;
  /** Sounds the bell or sets the window's title; nothing else of the kind. */
  title(text: SafeText): void;
  bell(): void;
  /** Gives the terminal back as it was: main screen, cursor, mouse, paste mode. Idempotent. */
  close(): void;
}

/** What a screen is opened with. */
export interface ScreenOptions {
  readonly tty: Tty;
  readonly theme: () => Theme;
  /** Draws everything; called for each frame. What it throws is handed to `onCrash`, and the terminal is restored. */
  readonly draw: (surface: Surface) => void;
  readonly onCrash: (error: unknown) => void;
}

/** Colours by name, ready to look up. Made from a VS Code colour theme. */
export interface Theme {
  readonly id: string;
  readonly label: string;
  readonly kind: 'dark' | 'light' | 'contrast' | 'mono';
  /** `[red, green, blue]`, 0 to 255; `null` where the terminal's own colour is meant. */
  colour(token: ColourToken): readonly [number, number, number] | null;
}
