import type { IBuffer, IBufferCell } from '@xterm/headless';
import { type SafeText, safeText } from '../../model/text/safe-text.ts';
import { displayWidth } from '../../shell/format/width.ts';
import { nearest16, type Rgb, rgbOf } from '../cells/palette.ts';
import type { Style, Surface } from '../contract.ts';
import type { ColourToken } from '../theme/tokens.ts';

const names = ['Black', 'Red', 'Green', 'Yellow', 'Blue', 'Magenta', 'Cyan', 'White'];
const ansi = [...names, ...names.map((name) => `Bright${name}`)].map((name) => `terminal.ansi${name}` as ColourToken);

/** Stands for a letter whose width is not what the program inside counted on. */
const box = '▯';
const ascii = /^[\x20-\x7e]$/;
const nearest = new Map<number, number>();

function among(key: number, rgb: Rgb): number {
  let number = nearest.get(key);
  if (number === undefined) {
    if (nearest.size > 4096) nearest.clear();
    number = nearest16(rgb);
    nearest.set(key, number);
  }
  return number;
}

/** Which of the sixteen a colour is; -1 for the terminal's own. */
function numberOf(isRgb: boolean, isPalette: boolean, value: number): number {
  if (isRgb) return among(value + 256, [(value >> 16) & 255, (value >> 8) & 255, value & 255]);
  if (!isPalette) return -1;
  return value < 16 ? value : among(value, rgbOf(value));
}

/** How a cell of the inner terminal looks, in names of the theme. */
function styleOf(cell: IBufferCell): { readonly key: number; readonly style: () => Style } {
  const [isFgRgb, isBgRgb] = [Boolean(cell.isFgRGB()), Boolean(cell.isBgRGB())];
  let fg = numberOf(isFgRgb, Boolean(cell.isFgPalette()), cell.getFgColor());
  const bg = numberOf(isBgRgb, Boolean(cell.isBgPalette()), cell.getBgColor());
  // Two colours that were different stay so.
  const wasSame = cell.getFgColor() === cell.getBgColor() && cell.getFgColorMode() === cell.getBgColorMode();
  if (fg >= 0 && fg === bg && !wasSame) fg = bg === 0 || bg === 8 ? 15 : 0;
  const flags =
    (cell.isBold() === 0 ? 0 : 1) |
    (cell.isDim() === 0 ? 0 : 2) |
    (cell.isUnderline() === 0 ? 0 : 4) |
    (cell.isInverse() === 0 ? 0 : 8);
  return {
    key: ((fg + 1) << 12) | ((bg + 1) << 4) | flags,
    style: () => ({
      fg: ansi[fg] ?? 'terminal.foreground',
      bg: ansi[bg] ?? 'terminal.background',
      bold: (flags & 1) !== 0,
      dim: (flags & 2) !== 0,
      underline: (flags & 4) !== 0,
      inverse: (flags & 8) !== 0,
    }),
  };
}

/** The letter of a cell, as it may be drawn: nothing of what the program sent but what can be seen. */
function letterOf(cell: IBufferCell): SafeText {
  const chars = cell.isInvisible() === 0 ? cell.getChars() || ' ' : ' ';
  if (ascii.test(chars)) return chars as SafeText;
  const text = safeText(chars, 64);
  if (displayWidth(text) === cell.getWidth()) return text;
  return safeText(cell.getWidth() === 2 ? `${box} ` : box);
}

/** Copies what an inner terminal shows to a surface, in runs of cells that look the same. */
export function copyCells(buffer: IBuffer, surface: Surface): void {
  const cell = buffer.getNullCell();
  for (let y = 0; y < surface.height; y++) {
    const line = buffer.getLine(buffer.viewportY + y);
    if (line === undefined) continue;
    let run = '';
    let from = 0;
    let key = -1;
    let style: Style = {};
    const end = Math.min(surface.width, line.length);
    for (let x = 0; x < end; x++) {
      line.getCell(x, cell);
      if (cell.getWidth() === 0) continue;
      const look = styleOf(cell);
      if (look.key !== key) {
        if (run !== '') surface.text(from, y, run as SafeText, style);
        [run, from, key, style] = ['', x, look.key, look.style()];
      }
      run += letterOf(cell);
    }
    if (run !== '') surface.text(from, y, run as SafeText, style);
  }
}
