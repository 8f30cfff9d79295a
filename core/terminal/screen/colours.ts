import { BOLD, DIM, INVERSE, UNDERLINE } from '../cells/grid.ts';
import { nearest16, nearest256, type Rgb } from '../cells/palette.ts';
import type { ColourDepth, Theme } from '../contract.ts';
import { type ColourToken, colourTokens, tokenNumber } from '../theme/tokens.ts';

/** How a terminal is told to draw. */
export interface Look {
  /** Parameters of SGR; `39` and `49` are the terminal's own colours. */
  readonly fg: string;
  readonly bg: string;
  /** As in a grid. */
  readonly flags: number;
}

export const plainLook: Look = { fg: '39', bg: '49', flags: 0 };

const ansiTokens = colourTokens.filter((token) => token.startsWith('terminal.ansi'));
const ansiOrder = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];

/** Backgrounds that tell something; where they have no colour, the cells are inverted instead. */
const telling = new Set<number>(
  (
    [
      'list.activeSelectionBackground',
      'button.background',
      'statusBar.background',
      'tab.activeBackground',
      'progressBar.background',
      'scrollbarSlider.background',
    ] as const satisfies readonly ColourToken[]
  ).map(tokenNumber),
);
/** The same, but less so: underlined. */
const hinting = new Set<number>((['list.inactiveSelectionBackground', 'input.background'] as const).map(tokenNumber));

/** Number of `terminal.ansi*` among the sixteen. */
function ansiNumber(token: ColourToken): number {
  const name = token.slice('terminal.ansi'.length);
  const isBright = name.startsWith('Bright');
  return ansiOrder.indexOf(isBright ? name.slice('Bright'.length) : name) + (isBright ? 8 : 0);
}

/** Turns names of colours into what one terminal is told, by its theme and by how many colours it has. */
export class Colours {
  readonly theme: Theme;
  readonly #depth: ColourDepth;
  readonly #looks = new Map<number, Look>();

  constructor(theme: Theme, depth: ColourDepth) {
    this.theme = theme;
    this.#depth = depth;
  }

  /** @param fg @param bg Numbers of colours (`tokenNumber`). @param flags As in a grid. */
  look(fg: number, bg: number, flags: number): Look {
    const key = (flags << 16) | (fg << 8) | bg;
    let look = this.#looks.get(key);
    if (look === undefined) {
      look = this.#make(fg, bg, flags);
      this.#looks.set(key, look);
    }
    return look;
  }

  #make(fg: number, bg: number, flags: number): Look {
    const ground = this.#code(bg, 40);
    let ink = this.#code(fg, 30);
    // Sixteen colours are few: text may come out as what it stands on.
    if (this.#depth === '16' && this.#numberOf(fg) !== null && this.#numberOf(fg) === this.#numberOf(bg)) {
      ink = this.#isLight(bg) ? '30' : '97';
    }
    if (ground !== '49') return { fg: ink, bg: ground, flags };
    if (telling.has(bg)) return { fg: '39', bg: '49', flags: flags ^ INVERSE };
    return { fg: ink, bg: ground, flags: hinting.has(bg) ? flags | UNDERLINE : flags };
  }

  /** @param base 30 for text, 40 for what it stands on. */
  #code(number: number, base: 30 | 40): string {
    const rgb = this.#rgb(number);
    if (rgb === null || this.#depth === 'mono') return `${base + 9}`;
    if (this.#depth === 'truecolor') return `${base + 8};2;${rgb.join(';')}`;
    if (this.#depth === '256') return `${base + 8};5;${nearest256(rgb)}`;
    const among = this.#numberOf(number) ?? 0;
    return `${among < 8 ? base + among : base + 60 + among - 8}`;
  }

  #rgb(number: number): Rgb | null {
    return this.theme.colour(colourTokens[number] ?? 'editor.foreground');
  }

  /** Number among sixteen: that of the theme's own sixteen where it is one of them, so that a person's palette is respected. */
  #numberOf(number: number): number | null {
    const token = colourTokens[number] ?? 'editor.foreground';
    if (token.startsWith('terminal.ansi')) return ansiNumber(token);
    const rgb = this.#rgb(number);
    if (rgb === null) return null;
    const isText = !/background$/i.test(token);
    const same = isText ? ansiTokens.find((ansi) => this.theme.colour(ansi)?.join() === rgb.join()) : undefined;
    return same === undefined ? nearest16(rgb) : ansiNumber(same);
  }

  #isLight(number: number): boolean {
    const [red, green, blue] = this.#rgb(number) ?? [0, 0, 0];
    return red * 0.3 + green * 0.59 + blue * 0.11 > 128;
  }
}

/** The sequence that leads from one look to another, as short as it can be. */
export function sgrBetween(from: Look, to: Look): string {
  if (from === to) return '';
  const parts: string[] = [];
  const gone = from.flags & ~to.flags;
  let { flags } = from;
  if ((gone & (BOLD | DIM)) !== 0) {
    parts.push('22');
    flags &= ~(BOLD | DIM);
  }
  if ((gone & UNDERLINE) !== 0) parts.push('24');
  if ((gone & INVERSE) !== 0) parts.push('27');
  const added = to.flags & ~flags;
  if ((added & BOLD) !== 0) parts.push('1');
  if ((added & DIM) !== 0) parts.push('2');
  if ((added & UNDERLINE) !== 0) parts.push('4');
  if ((added & INVERSE) !== 0) parts.push('7');
  if (from.fg !== to.fg) parts.push(to.fg);
  if (from.bg !== to.bg) parts.push(to.bg);
  if (parts.length === 0) return '';
  const isPlain = to.fg === '39' && to.bg === '49' && to.flags === 0;
  return isPlain ? '\x1b[m' : `\x1b[${parts.join(';')}m`;
}
