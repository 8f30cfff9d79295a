/**
 * Whether a text is what a pattern says: `*` stands for any letters, `?` for one, all else for itself. In time proportional to both lengths
 * multiplied, whatever the pattern: one star at a time is remembered, so nothing is tried over and over as a regular expression would.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let after = 0;
  while (at < text.length) {
    if (place < pattern.length && pattern[place] === '*') {
      star = place;
      place += 1;
      after = at;
    } else if (place < pattern.length && (pattern[place] === '?' || pattern[place] === text[at])) {
      place += 1;
      at += 1;
    } else if (star >= 0) {
      // The last star takes one letter more.
      place = star + 1;
      after += 1;
      at = after;
    } else return false;
  }
  while (place < pattern.length && pattern[place] === '*') place += 1;
  return place === pattern.length;
}

/** Whether a folder is one of those that a pattern names, or lies below it. Stars stay within one level. */
export function matchesFolder(pattern: string, folder: string): boolean {
  const wanted = levels(pattern);
  const there = levels(folder);
  return wanted.length <= there.length && wanted.every((level, index) => matchesGlob(level, there[index] ?? ''));
}

const levels = (path: string): string[] => path.split('/').filter((level) => level !== '');
