const longest = 64;

/**
 * The candidate with the smallest edit distance, if it is near enough to be what was meant: at most a third of the
 * longer one's letters differ, or two. Letters' case and `_`, `-` make no difference.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  const wanted = fold(word);
  for (const candidate of candidates) {
    const folded = fold(candidate);
    const limit = Math.max(2, Math.floor(Math.max(wanted.length, folded.length) / 3));
    const distance = editDistance(wanted, folded);
    if (distance <= limit && distance < Math.max(wanted.length, folded.length) && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
export function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const steps = [at(previous, column) + 1, at(current, column - 1) + 1, at(previous, column - 1) + (same ? 0 : 1)];
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        steps.push(at(beforePrevious, column - 2) + 1);
      }
      current.push(Math.min(...steps));
    }
    beforePrevious = previous;
    previous = current;
  }
  return at(previous, to.length);
}

function fold(word: string): string {
  return word.slice(0, longest).toLowerCase().replaceAll(/[_-]/g, '');
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
