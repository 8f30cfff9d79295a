/** What a view in a stack would like. */
export interface Wish {
  /** Rows in which all of it can be seen. */
  readonly rows: number;
  /** Whether it scrolls by itself, so that it can do with fewer. */
  readonly isElastic: boolean;
}

export const between = 1;
/** Fewer rows of a list than this help nobody: rather the whole scrolls. */
const leastRows = 6;

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

/** Rows for each view of a stack. Together with one blank row between them they are more than `height` only where they must be. */
export function shareRows(wishes: readonly Wish[], height: number): readonly number[] {
  const gaps = between * Math.max(0, wishes.length - 1);
  const wanted = wishes.map(({ rows }) => Math.max(1, Math.min(rows, 1_000_000)));
  if (sum(wanted) + gaps <= height) return wanted;
  // Nothing is taller than the screen: it would be scrolled within what is scrolled.
  const least = wishes.map(({ isElastic }, at) =>
    Math.min(wanted[at] ?? 1, isElastic ? leastRows : Math.max(1, height)),
  );
  let left = height - gaps - sum(least);
  const rows = [...least];
  if (left < 0) {
    return rows.map((one, at) =>
      Math.min(wanted[at] ?? one, Math.max(one, wishes[at]?.isElastic ? Math.floor(height / 2) : one)),
    );
  }
  // The room that is left goes in equal shares to those that want more.
  for (let hungry = needy(rows, wanted); left > 0 && hungry.length > 0; hungry = needy(rows, wanted)) {
    const share = Math.max(1, Math.floor(left / hungry.length));
    for (const at of hungry) {
      const more = Math.min(share, left, (wanted[at] ?? 0) - (rows[at] ?? 0));
      rows[at] = (rows[at] ?? 0) + more;
      left -= more;
    }
  }
  return rows;
}

const needy = (rows: readonly number[], wanted: readonly number[]): readonly number[] =>
  [...rows.keys()].filter((at) => (rows[at] ?? 0) < (wanted[at] ?? 0));
