const MOST_FILES = 6;

/**
 * Which files to merge into one: small ones before large ones, so that each record is copied only a few times in its life.
 * @returns Nothing when all is well as it is.
 */
export function chooseMerge<F>(
  files: readonly F[],
  describe: (file: F) => { readonly records: number; readonly isMostlyGone: boolean },
): F[] {
  const known = files.map((file) => ({ file, ...describe(file) }));
  const stale = known.filter((file) => file.isMostlyGone);
  if (files.length <= MOST_FILES) return stale.map(({ file }) => file);
  const sorted = known.toSorted((a, b) => a.records - b.records);
  const chosen = [];
  let sum = 0;
  for (const file of sorted) {
    const isNeeded = files.length - chosen.length + 1 > MOST_FILES / 2;
    if (chosen.length >= 2 && !isNeeded && file.records > sum) break;
    chosen.push(file);
    sum += file.records;
  }
  return [...new Set([...chosen, ...stale])].map(({ file }) => file);
}
