import type { IBufferCell, Terminal } from '@xterm/headless';

const cellWidth = 9;
const cellHeight = 18;
const ground = '#1f1f1f';
const ink = '#cccccc';
const base =
  '000000 cd3131 0dbc79 e5e510 2472c8 bc3fbc 11a8cd e5e5e5 666666 f14c4c 23d18b f5f543 3b8eea d670d6 29b8db ffffff';

/** The 256 colours of a terminal. */
const palette: readonly string[] = (() => {
  const steps = [0, 95, 135, 175, 215, 255];
  const hex = (...parts: readonly number[]) => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
  const cube = Array.from({ length: 216 }, (_, n) =>
    hex(steps[Math.floor(n / 36)] ?? 0, steps[Math.floor(n / 6) % 6] ?? 0, steps[n % 6] ?? 0),
  );
  const greys = Array.from({ length: 24 }, (_, n) => hex(8 + n * 10, 8 + n * 10, 8 + n * 10));
  return [...base.split(' ').map((colour) => `#${colour}`), ...cube, ...greys];
})();

const rgb = (value: number): string => `#${value.toString(16).padStart(6, '0')}`;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function lookOf(cell: IBufferCell): { readonly fg: string; readonly bg: string; readonly style: string } {
  const fg = cell.isFgRGB() ? rgb(cell.getFgColor()) : cell.isFgPalette() ? (palette[cell.getFgColor()] ?? ink) : ink;
  const bg = cell.isBgRGB()
    ? rgb(cell.getBgColor())
    : cell.isBgPalette()
      ? (palette[cell.getBgColor()] ?? ground)
      : ground;
  const style =
    (cell.isBold() ? ' font-weight="bold"' : '') +
    (cell.isUnderline() ? ' text-decoration="underline"' : '') +
    (cell.isDim() ? ' opacity="0.6"' : '');
  return cell.isInverse() ? { fg: bg, bg: fg, style } : { fg, bg, style };
}

/** What a terminal shows, as a picture. */
export function svgOf(terminal: Terminal, title: string): string {
  const buffer = terminal.buffer.active;
  const [width, height] = [terminal.cols * cellWidth, terminal.rows * cellHeight];
  const parts: string[] = [];
  for (let y = 0; y < terminal.rows; y++) {
    const line = buffer.getLine(buffer.viewportY + y);
    for (let x = 0; x < terminal.cols; ) {
      const cell = line?.getCell(x);
      if (cell === undefined) break;
      const look = lookOf(cell);
      const key = JSON.stringify(look);
      const from = x;
      let text = '';
      for (
        let next = line?.getCell(x);
        next !== undefined && JSON.stringify(lookOf(next)) === key;
        next = line?.getCell(x)
      ) {
        if (next.getWidth() > 0) text += next.getChars() === '' ? ' ' : next.getChars();
        x += 1;
      }
      const [left, top, wide] = [from * cellWidth, y * cellHeight, (x - from) * cellWidth];
      if (look.bg !== ground)
        parts.push(`<rect x="${left}" y="${top}" width="${wide}" height="${cellHeight}" fill="${look.bg}"/>`);
      if (text.trim() === '') continue;
      parts.push(
        `<text x="${left}" y="${top + 14}" textLength="${wide}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="${look.fg}"${look.style}>${escaped(text)}</text>`,
      );
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="15"><title>${escaped(title)}</title><rect width="100%" height="100%" fill="${ground}"/>\n${parts.join('\n')}\n</svg>\n`;
}
