import { type SafeText, safeText } from '../../../model/text/safe-text.ts';
import { displayWidth } from '../../../shell/format/width.ts';
import { lettersOf } from '../../cells/letters.ts';
import type { Style, Surface } from '../../contract.ts';
import { describeKey } from '../../keys/describe-key.ts';
import { fuzzyFit, type Haystack, haystackOf } from './fuzzy.ts';
import { cutSafe } from './line-break.ts';
import type { PickItem } from './pick-item.ts';

const gap = 2;

/** Draws one item on one row: its title with the letters that were found, its detail dim, its key or what refuses it on the right. */
export function drawPickRow(surface: Surface, y: number, item: PickItem, query: Haystack, ground: Style): void {
  const { width } = surface;
  surface.fill(0, y, width, 1, ground);
  const isRefused = typeof item.refused === 'string';
  const isSelected = ground.bg === 'list.activeSelectionBackground';
  const quiet: Style = isSelected ? { ...ground, bold: false } : { ...ground, fg: 'descriptionForeground' };
  const look: Style = isRefused ? { ...quiet, ...(isSelected ? {} : { fg: 'disabledForeground' }), dim: true } : ground;
  const title = cutSafe(safeText(item.title, 1024), width - 2);
  const taken = 1 + displayWidth(title);
  drawFound(surface, y, title, item.title, query, look);
  let right = width - 1;
  const last = isRefused
    ? safeText(`✗ ${item.refused ?? ''}`, 256)
    : item.key === undefined
      ? null
      : describeKey(item.key);
  if (last !== null) {
    const room = right - taken - gap;
    const shown = room < 3 ? ('' as SafeText) : cutSafe(last, Math.min(room, isRefused ? room : width >> 1));
    right -= displayWidth(shown);
    surface.text(right, y, shown, quiet);
    right -= gap;
  }
  const room = right - taken - gap;
  if (item.detail !== undefined && room >= 4) {
    surface.text(taken + gap, y, cutSafe(safeText(item.detail, 1024), room), quiet);
  }
}

/** Underlines what was found, so that it can be seen without colour too. */
function drawFound(surface: Surface, y: number, shown: SafeText, raw: string, query: Haystack, look: Style): void {
  // Offsets are true only where nothing had to be made visible.
  const found =
    query.folded === '' || !raw.startsWith(shown.replace(/…$/, '')) ? null : fuzzyFit(haystackOf(raw), query);
  const marked = new Set(found?.at);
  const highlight: Style = { ...look, underline: true, bold: true };
  let offset = 0;
  let column = 1;
  for (const letter of lettersOf(shown)) {
    const isMarked = marked.has(offset);
    surface.text(column, y, letter.char as SafeText, isMarked ? { ...highlight, ...markColour(look) } : look);
    column += letter.columns;
    offset += letter.char.length;
  }
}

/** The colour of what was found, but not on a selected row, where it might not be readable. */
const markColour = (look: Style): Style =>
  look.bg === 'list.activeSelectionBackground' ? {} : { fg: 'list.highlightForeground' };
