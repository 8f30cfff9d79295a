/** A text that is looked through again and again, folded once. */
export interface Haystack {
  readonly text: string;
  readonly folded: string;
}

/** How well a query fits, and which letters of the text it met (UTF-16 offsets), in order. */
export interface Fit {
  readonly score: number;
  readonly at: readonly number[];
}

const longest = 512;
const longestQuery = 128;

const scores = {
  letter: 1,
  wordStart: 8,
  hump: 7,
  next: 5,
  first: 4,
  exactCase: 1,
  gap: -3,
  mostLead: -3,
  whole: 4,
} as const;

/** Lower case that keeps its length, so that offsets stay true. */
function fold(text: string): string {
  const lower = text.toLowerCase();
  if (lower.length === text.length) return lower;
  return Array.from({ length: text.length }, (_, index) => {
    const one = text.charAt(index).toLowerCase();
    return one.length === 1 ? one : text.charAt(index);
  }).join('');
}

/** @param text At most its first 512 letters are looked through. */
export function haystackOf(text: string): Haystack {
  const cut = text.slice(0, longest);
  return { text: cut, folded: fold(cut) };
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
  let at = -1;
  for (let i = 0; i < query.folded.length; i++) {
    at = hay.folded.indexOf(query.folded.charAt(i), at + 1);
    if (at < 0) return false;
  }
  return true;
}

/** The places of one letter of the query in the text, and how good the best way is that ends at each. */
interface Line {
  readonly places: Int16Array;
  readonly scores: Float64Array;
  length: number;
}

const nowhere = Number.NEGATIVE_INFINITY;
const makeLine = (): Line => ({ places: new Int16Array(longest), scores: new Float64Array(longest), length: 0 });
// Ten thousand texts are looked through at each key: the lines are made once.
let before = makeLine();
let current = makeLine();

/**
 * Works out, letter by letter of the query, the best way to each place of the text where it stands; the last line stays in `before`.
 * @param from Gets, for each letter and each of its places, which place of the letter before the way came from.
 */
function fillLines(hay: Haystack, query: Haystack, from: Int16Array[] | null): void {
  const { folded, text } = hay;
  for (let q = 0; q < query.folded.length; q++) {
    const letter = query.folded.charAt(q);
    const came = from === null ? null : new Int16Array(folded.length).fill(-1);
    let count = 0;
    // The best place that leaves a gap to the letter at hand, and the next one of the line before to look at.
    let far = nowhere;
    let farAt = -1;
    let next = 0;
    for (let t = folded.indexOf(letter, q); t >= 0; t = folded.indexOf(letter, t + 1)) {
      let way = Math.max(scores.mostLead, -t);
      if (q > 0) {
        for (; next < before.length && (before.places[next] ?? 0) < t - 1; next++) {
          if ((before.scores[next] ?? nowhere) < far) continue;
          far = before.scores[next] ?? nowhere;
          farAt = next;
        }
        const isBeside = next < before.length && before.places[next] === t - 1;
        const beside = isBeside ? (before.scores[next] ?? nowhere) + scores.next : nowhere;
        way = Math.max(beside, far + scores.gap);
        if (came !== null) came[count] = beside >= far + scores.gap ? next : farAt;
        if (way === nowhere) continue;
      }
      const isExact = text.charCodeAt(t) === query.text.charCodeAt(q);
      current.places[count] = t;
      current.scores[count] = way + scores.letter + placeScore(text, t) + (isExact ? scores.exactCase : 0);
      count += 1;
    }
    current.length = count;
    if (came !== null) from?.push(came, current.places.slice(0, count));
    [before, current] = [current, before];
  }
}

/** Which place of the last line is best; the first of several. */
function endOf(): number {
  let end = 0;
  for (let index = 1; index < before.length; index++) {
    if ((before.scores[index] ?? nowhere) > (before.scores[end] ?? nowhere)) end = index;
  }
  return end;
}

/** Who types a word means that word: in one piece it counts more than scattered over the starts of several. */
function wholeScore(hay: Haystack, query: Haystack): number {
  let most = 0;
  for (let at = hay.folded.indexOf(query.folded); at >= 0; at = hay.folded.indexOf(query.folded, at + 1)) {
    most = Math.max(most, query.folded.length * scores.whole + placeScore(hay.text, at));
  }
  return most;
}

/** As `fuzzyFit`, without saying where; `null` when the query does not occur. */
export function fuzzyScore(hay: Haystack, query: Haystack): number | null {
  if (query.folded === '') return 0;
  if (!occurs(hay, query)) return null;
  fillLines(hay, query, null);
  const score = before.scores[endOf()];
  return score === undefined ? null : score + wholeScore(hay, query);
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
  fillLines(hay, query, from);
  let end = endOf();
  const score = (before.scores[end] ?? 0) + wholeScore(hay, query);
  const at: number[] = [];
  for (let q = query.folded.length - 1; q >= 0; q--) {
    at.unshift(from[2 * q + 1]?.[end] ?? 0);
    end = from[2 * q]?.[end] ?? 0;
  }
  return { score, at };
}
