/** What is known of a column when room is shared out. */
export interface Wanted {
  readonly priority: number;
  /** Numbers are never cut: part of one says something else. */
  readonly isNumber: boolean;
  /** Columns of the terminal that it would like. */
  readonly width: number;
}

export const gap = 2;
const leastWidth = 8;

const total = (widths: readonly number[]): number =>
  widths.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, widths.length - 1);

/** Whether cutting words a little makes room enough, so that no column has to go. */
const canShrink = (kept: readonly Wanted[], room: number): boolean =>
  total(kept.map(({ isNumber, width }) => (isNumber ? width : Math.min(width, 2 * leastWidth)))) <= room;

/**
 * Makes columns fit: those of low priority go first, then the widest words are cut, in the end columns go from the right.
 * @returns For each column that stays its place in `columns` and its width, in order.
 */
export function fitColumns(columns: readonly Wanted[], room: number): readonly { index: number; width: number }[] {
  let kept = columns.map((column, index) => ({ ...column, index }));
  while (kept.length > 1 && total(kept.map(({ width }) => width)) > room) {
    const lowest = Math.max(...kept.map(({ priority }) => priority));
    // A column that only needs a little cutting is worth more than its absence.
    if (lowest <= 0 || (lowest <= 1 && canShrink(kept, room))) break;
    const drop = kept.findLastIndex(({ priority }) => priority === lowest);
    kept = kept.filter((_, index) => index !== drop);
  }
  let fitted = shrink(kept, room);
  while (fitted.length > 1 && total(fitted.map(({ width }) => width)) > room) {
    fitted = shrink(kept.slice(0, fitted.length - 1), room);
  }
  const [only] = fitted;
  return only !== undefined && fitted.length === 1
    ? [{ ...only, width: Math.max(0, Math.min(only.width, room)) }]
    : fitted;
}

function shrink<T extends Wanted & { readonly index: number }>(kept: readonly T[], room: number) {
  const fitted = kept.map(({ index, width, isNumber }) => ({ index, width, isNumber }));
  let over = total(fitted.map(({ width }) => width)) - room;
  const words = fitted.filter(({ isNumber }) => !isNumber);
  while (over > 0 && words.length > 0) {
    const widest = words.reduce((a, b) => (b.width > a.width ? b : a));
    if (widest.width <= leastWidth) break;
    widest.width -= 1;
    over -= 1;
  }
  return fitted;
}
