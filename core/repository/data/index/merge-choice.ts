/** A lookup asks the Bloom filter of each file: that is cheap next to copying the same records again and again. */
const MOST_FILES = 16;
/** How many are left when there were more. */
const GOOD_FILES = 10;
/** Files of so many records are not merged any more: what a merge takes in memory and on the disk stays bounded. */
const MOST_RECORDS = 2 ** 25;

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
  const small = known.filter((file) => file.records < MOST_RECORDS).toSorted((a, b) => a.records - b.records);
  if (small.length <= MOST_FILES) return stale.map(({ file }) => file);
  const chosen = [];
  let sum = 0;
  for (const file of small) {
    const isNeeded = small.length - chosen.length + 1 > GOOD_FILES;
    const isWorthIt = isNeeded || file.records <= sum;
    if (chosen.length >= 2 && (!isWorthIt || sum + file.records > MOST_RECORDS)) break;
    chosen.push(file);
    sum += file.records;
  }
  return [...new Set([...chosen, ...stale])].map(({ file }) => file);
}
