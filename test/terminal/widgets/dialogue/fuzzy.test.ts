import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fuzzyFit, fuzzyScore, haystackOf, queryOf } from '../../../../core/terminal/widgets/dialogue/fuzzy.ts';
import { hostileString } from '../../../model/text/hostile-strings.ts';

const best = (query: string, ...texts: readonly string[]): string | undefined =>
  texts
    .map((text) => ({ text, score: fuzzyScore(haystackOf(text), queryOf(query)) ?? Number.NEGATIVE_INFINITY }))
    .toSorted((a, b) => b.score - a.score)
    .at(0)?.text;

const met = (text: string, query: string): string | null => {
  const fit = fuzzyFit(haystackOf(text), queryOf(query));
  return fit === null ? null : Array.from(text, (char, at) => (fit.at.includes(at) ? `[${char}]` : char)).join('');
};

describe('what is typed finds', () => {
  test('starts of words before letters inside of them', () => {
    expect(best('rm', 'Alarm', 'Restore machine')).toBe('Restore machine');
    expect(met('Restore a machine', 'rm')).toBe('[R]estore a [m]achine');
  });

  test('humps and digits as starts of words', () => {
    expect(met('xrmreadMachine', 'rm')).toBe('x[r][m]readMachine');
    expect(met('xrxmreadMachine', 'eM')).toBe('xrxmr[e]ad[M]achine');
    expect(met('web7web07', 'w0')).toBe('[w]eb7web[0]7');
  });

  test('letters that follow each other before letters that are strewn', () => {
    expect(best('prune', 'protect run one', 'prune')).toBe('prune');
    expect(met('a point pool', 'poo')).toBe('a point [p][o][o]l');
  });

  test('whatever the case and however blanks are put', () => {
    expect(met('Web-07', 'WEB 7')).toBe('[W][e][b]-0[7]');
    expect(met('web-07', 'x')).toBeNull();
    expect(met('web-07', '70')).toBeNull();
    expect(met('anything', '')).toBe('anything');
  });

  test('the same letters whether it is only counted or told where, in order and each once', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c', ' ', '-', '1', 'é', 'İ'), maxLength: 24 });
    const query = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '1', 'É'), maxLength: 5 });
    fc.assert(
      fc.property(text, query, (hay, needle) => {
        const fit = fuzzyFit(haystackOf(hay), queryOf(needle));
        expect(fuzzyScore(haystackOf(hay), queryOf(needle))).toBe(fit?.score ?? null);
        const folded = haystackOf(hay).folded;
        if (fit === null) {
          let at = -1;
          const isIn = [...queryOf(needle).folded].every((char) => {
            at = folded.indexOf(char, at + 1);
            return at >= 0;
          });
          expect(isIn).toBe(false);
          return;
        }
        expect(fit.at.map((at) => folded[at]).join('')).toBe(queryOf(needle).folded);
        expect(fit.at).toEqual([...new Set(fit.at)].toSorted((a, b) => a - b));
      }),
    );
  });

  test('the best of all ways there are', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'B', ' ', '1'), maxLength: 9 });
    const query = fc.string({ unit: fc.constantFrom('a', 'b', '1'), minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(text, query, (hay, needle) => {
        const score = fuzzyScore(haystackOf(hay), queryOf(needle));
        const ways = places(haystackOf(hay).folded, needle).map((at) => worth(hay, needle, at));
        expect(score).toBe(ways.length === 0 ? null : Math.max(...ways) + inOnePiece(hay, needle));
      }),
      { numRuns: 500 },
    );
  });

  test('nothing that breaks it', () => {
    fc.assert(
      fc.property(hostileString, hostileString, (text, query) => {
        const fit = fuzzyFit(haystackOf(text), queryOf(query));
        for (const at of fit?.at ?? []) expect(at).toBeLessThan(text.length);
      }),
    );
  });
});

/** What a query is worth beyond that where it stands in one piece: most at the start of a word. */
function inOnePiece(text: string, query: string): number {
  const { folded } = haystackOf(text);
  const starts = [...folded].flatMap((_, at) => (folded.startsWith(query, at) ? [at] : []));
  return starts.length === 0 ? 0 : query.length * 4 + Math.max(...starts.map((at) => placeWorth(text, at)));
}

/** All ways to find a query in a text. */
function places(text: string, query: string, from = 0): number[][] {
  if (query === '') return [[]];
  const found: number[][] = [];
  for (let at = from; at < text.length; at++) {
    if (text[at] === query[0]) for (const rest of places(text, query.slice(1), at + 1)) found.push([at, ...rest]);
  }
  return found;
}

function placeWorth(text: string, place: number): number {
  const char = text[place] ?? '';
  const before = text[place - 1];
  if (before === undefined) return 12;
  if (before === ' ' && char !== ' ') return 8;
  return (/[B]/.test(char) && /[ab]/.test(before)) || (char === '1' && before !== '1') ? 7 : 0;
}

/** What a way is worth, written down apart from the search. */
function worth(text: string, query: string, at: readonly number[]): number {
  const first = Math.max(-3, -(at[0] ?? 0));
  return at.reduce((sum, place, index) => {
    const place0 = placeWorth(text, place);
    const char = text[place] ?? '';
    const last = at[index - 1];
    const step = last === undefined ? 0 : place === last + 1 ? 5 : -3;
    return sum + 1 + place0 + step + (char === query[index] ? 1 : 0);
  }, first);
}
