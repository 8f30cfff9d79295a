/** A text that is looked through again and again, folded once. */
export interface Haystack {
  readonly text: string;
  readonly folded: string;
  /** A bit for each letter that occurs, so that most texts are passed over without being read. */
  readonly letters: number;
}

/** How well a query fits, and which letters of the text it met (UTF-16 offsets), in order. */
export interface Fit {
  readonly score: number;
  readonly at: readonly number[];
}

const longest = 512;
const longestQuery = 128;

const scores = { letter: 1, wordStart: 8, hump: 7, next: 5, first: 4, exactCase: 1, gap: -3, mostLead: -3 } as const;

/** Lower case that keeps its length, so that offsets stay true. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from({ length: text.length }, (_, index) => {
    const one = text.charAt(index).toLowerCase();
    return one.length === 1 ? one : text.charAt(index);
  }).join('');
}

function lettersOf(folded: string): number {
  let bits = 0;
  for (let i = 0; i < folded.length; i++) bits |= 1 << (folded.charCodeAt(i) & 31);
  return bits;
}

/** @param text At most its first 512 letters are looked through. */
export function haystackOf(text: string): Haystack {
  const cut = text.slice(0, longest);
  const folded = fold(cut);
  return { text: cut, folded, letters: lettersOf(folded) };
}

export const queryOf = (query: string): Haystack =>
  haystackOf(query.normalize('NFC').replace(/\s+/gu, '').slice(0, longestQuery));

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLower = (code: number): boolean => code >= 97 && code <= 122;
const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isWord = (code: number): boolean => isUpper(code) || isLower(code) || isDigit(code) || code > 127;

/** What standing at this place is worth: the start of the text, of a word, of a hump. */
function placeScore(text: string, at: number): number {
  if (at === 0) return scores.wordStart + scores.first;
  const before = text.charCodeAt(at - 1);
  const code = text.charCodeAt(at);
  if (!isWord(before) && isWord(code)) return scores.wordStart;
  if (isUpper(code) && isLower(before)) return scores.hump;
  return isDigit(code) && !isDigit(before) ? scores.hump : 0;
}

/** Whether all letters of the query come in the text, in order. */
function occurs(hay: Haystack, query: Haystack): boolean {
  if ((hay.letters & query.letters) !== query.letters) return false;
  let at = -1;
  for (let i = 0; i < query.folded.length; i++) {
    at = hay.folded.indexOf(query.folded.charAt(i), at + 1);
    if (at < 0) return false;
  }
  return true;
}

const nowhere = Number.NEGATIVE_INFINITY;
// Ten thousand texts are looked through at each key: the rows of the table are made once.
let before = new Float64Array(longest);
let best = new Float64Array(longest);

/**
 * Fills, letter by letter of the query, how good the best way is that ends at each place of the text; the last row stays in `before`.
 * @param from Gets, for each letter, where the one before it stands.
 */
function fillTable(hay: Haystack, query: Haystack, from: Int16Array[] | null): void {
  const width = hay.folded.length;
  for (let q = 0; q < query.folded.length; q++) {
    const letter = query.folded.charCodeAt(q);
    const came = from === null ? null : new Int16Array(width).fill(-1);
    best.fill(nowhere, 0, width);
    // The best place that leaves a gap to the letter at hand.
    let far = nowhere;
    let farAt = -1;
    for (let t = q; t < width; t++) {
      const candidate = q > 0 && t >= 2 ? (before[t - 2] ?? nowhere) : nowhere;
      if (candidate >= far) {
        far = candidate;
        farAt = t - 2;
      }
      if (hay.folded.charCodeAt(t) !== letter) continue;
      const isExact = hay.text.charCodeAt(t) === query.text.charCodeAt(q);
      const own = scores.letter + placeScore(hay.text, t) + (isExact ? scores.exactCase : 0);
      const beside = q === 0 ? Math.max(scores.mostLead, -t) : (before[t - 1] ?? nowhere) + scores.next;
      const gapped = far + scores.gap;
      best[t] = own + Math.max(beside, gapped);
      if (came !== null && q > 0) came[t] = beside >= gapped ? t - 1 : farAt;
    }
    if (came !== null) from?.push(came);
    [before, best] = [best, before];
  }
}

function endOf(width: number): number {
  let end = -1;
  for (let t = 0; t < width; t++) {
    if ((before[t] ?? nowhere) > (end < 0 ? nowhere : (before[end] ?? nowhere))) end = t;
  }
  return end;
}

/** As `fuzzyFit`, without saying where; `null` when the query does not occur. */
export function fuzzyScore(hay: Haystack, query: Haystack): number | null {
  if (query.folded === '') return 0;
  if (!occurs(hay, query)) return null;
  fillTable(hay, query, null);
  return before[endOf(hay.folded.length)] ?? null;
}

/**
 * Finds the letters of a query in a text, in order but not side by side, where they count most: starts of words, humps (`rM` in `restoreMachine`),
 * letters that follow each other.
 * @returns `null` when they do not all occur. A query without letters fits everything with 0.
 */
export function fuzzyFit(hay: Haystack, query: Haystack): Fit | null {
  if (query.folded === '') return { score: 0, at: [] };
  if (!occurs(hay, query)) return null;
  const from: Int16Array[] = [];
  fillTable(hay, query, from);
  let end = endOf(hay.folded.length);
  const score = before[end] ?? 0;
  const at: number[] = [];
  for (const came of from.toReversed()) {
    at.unshift(end);
    end = came[end] ?? -1;
  }
  return { score, at };
}
