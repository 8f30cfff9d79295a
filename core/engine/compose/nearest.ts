/** Names that may have been meant by one that does not exist, nearest first; none that is too far off to be a slip. */
export function nearest(wanted: string, names: readonly string[], most: number): string[] {
  const word = wanted.slice(0, 64).toLowerCase();
  return [...new Set(names)]
    .map((name) => ({ name, distance: distance(word, name.slice(0, 64).toLowerCase()) }))
    .filter(({ name, distance: far }) => far <= Math.max(2, Math.floor(Math.min(word.length, name.length) / 3)))
    .toSorted((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** Levenshtein's: how many letters to insert, remove or exchange; a name that begins with what was typed counts as one. */
function distance(a: string, b: string): number {
  if (a.length >= 2 && b.startsWith(a)) return 1;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
