import type { Grid } from '../cells/grid.ts';

/** Rows that are the same as before, further up or down. */
export interface Shift {
  /** Rows in the new frame, both included. */
  readonly from: number;
  readonly to: number;
  /** Row `y` shows what was in row `y + by`: above 0 everything has moved up. */
  readonly by: number;
}

/** How far things are looked for: keys move by one, wheels by up to three. */
const distances = [1, -1, 2, -2, 3, -3] as const;
/** Less than this many cells are cheaper to send than to move. */
const worthCells = 60;
/** Rows that are looked at to find the distance. */
const samples = 10;

/** Cells of a row that differ from a row of another grid. */
function differing(next: Grid, y: number, last: Grid, lastY: number): number {
  const { width } = next;
  const to = y * width;
  const from = lastY * width;
  let count = 0;
  for (let x = 0; x < width; x++) {
    const a = to + x;
    const b = from + x;
    if (next.bg[a] !== last.bg[b] || next.flags[a] !== last.flags[b] || next.chars[a] !== last.chars[b]) count += 1;
    else if (next.fg[a] !== last.fg[b] && next.chars[a] !== ' ') count += 1;
  }
  return count;
}

/**
 * Finds rows that only moved. Side bars beside them do not hinder: what moves too much is repaired afterwards, as long as there is
 * something to gain.
 * @param changed Rows that differ, in order.
 */
export function findShift(last: Grid, next: Grid, changed: readonly number[]): Shift | null {
  const top = changed[0] ?? 0;
  const bottom = changed.at(-1) ?? 0;
  if (changed.length < 3) return null;
  const every = Math.max(1, Math.floor(changed.length / samples));
  const looked = changed.filter((_, index) => index % every === 0);
  const stays = looked.map((y) => differing(next, y, last, y));
  const all = stays.reduce((sum, cells) => sum + cells, 0);
  let best: number | null = null;
  let most = 0;
  for (const by of distances) {
    let gain = 0;
    for (const [index, y] of looked.entries()) {
      if (y + by < top || y + by > bottom) continue;
      // A row that stays, as the selected one at the edge of a list does, says nothing against the others.
      gain += Math.max(0, (stays[index] ?? 0) - differing(next, y, last, y + by));
    }
    if (gain > most) [best, most] = [by, gain];
    // It will hardly get better.
    if (gain > all * 0.6) break;
  }
  return best === null ? null : bestRange(last, next, { top, bottom, by: best });
}

/** The rows, one after another, that gain the most together. */
function bestRange(last: Grid, next: Grid, among: { top: number; bottom: number; by: number }): Shift | null {
  const { top, bottom, by } = among;
  let best: Shift | null = null;
  let most = worthCells;
  let sum = 0;
  let from = top;
  for (let y = top; y <= bottom; y++) {
    const isInside = y + by >= top && y + by <= bottom;
    const gain = isInside ? differing(next, y, last, y) - differing(next, y, last, y + by) : 0;
    if (sum <= 0 || !isInside) {
      sum = 0;
      from = y;
    }
    if (!isInside) continue;
    sum += gain;
    if (sum > most) [best, most] = [{ from, to: y, by }, sum];
  }
  return best;
}
