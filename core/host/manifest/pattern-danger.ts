/** Longest pattern that a schema may have. */
export const maxPatternLength = 500;

/**
 * Why a regular expression is refused, or `null`. A part that is repeated without limit and is itself within something
 * repeated, as in `(a+)+`, can take time without end on a short text; so can alternatives that are repeated and begin alike.
 */
export function patternDanger(pattern: string): string | null {
  if (pattern.length > maxPatternLength) return `is longer than ${maxPatternLength} characters`;
  try {
    new RegExp(pattern, 'u');
  } catch {
    return 'is not a regular expression';
  }
  const open: { isLoose: boolean; from: number }[] = [];
  let isLooseHere = false;
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === '\\') at++;
    else if (char === '[') at = endOfClass(pattern, at);
    else if (char === '(') {
      open.push({ isLoose: isLooseHere, from: at });
      isLooseHere = false;
    } else if (char === ')') {
      const outer = open.pop();
      const inner = pattern.slice((outer?.from ?? 0) + 1, at);
      if (repeats(pattern, at + 1)) {
        if (isLooseHere && !isSeparated(inner))
          return 'repeats what is repeated already, as in (a+)+: that can take time without end';
        if (hasLikeAlternatives(inner)) return 'repeats alternatives that begin alike: that can take time without end';
        isLooseHere = true;
      }
      isLooseHere = isLooseHere || outer?.isLoose === true;
    } else if (repeats(pattern, at) && pattern.charAt(at - 1) !== ')') isLooseHere = true;
  }
  return null;
}

/** Whether a quantifier stands here that lets what is before it come many times. */
function repeats(pattern: string, at: number): boolean {
  const char = pattern.charAt(at);
  if (char === '*' || char === '+') return true;
  const upTo = /^\{\d+(,?)(\d*)\}/.exec(pattern.slice(at, at + 20));
  return upTo !== null && upTo[1] === ',' && (upTo[2] === '' || Number(upTo[2]) > 8);
}

function endOfClass(pattern: string, from: number): number {
  let at = from + 1;
  while (at < pattern.length && pattern.charAt(at) !== ']') at += pattern.charAt(at) === '\\' ? 2 : 1;
  return at;
}

/** Whether each turn of a repeated part begins with a sign that cannot come within it, as in `(-[a-z]+)*`: it has one reading. */
function isSeparated(inner: string): boolean {
  const sign = /^(?:\?:)?(\\[^\w]|[^\w\\[(.^$|])(?![*+?{])/.exec(inner);
  if (sign === null) return false;
  const rest = inner.slice(sign[0].length).replace(/[a-z0-9]-[a-z0-9]/gi, '');
  return !rest.includes(sign[1]?.at(-1) ?? '') && !/[|(.]|\\[WSD]|\[\^/.test(rest);
}

function hasLikeAlternatives(inner: string): boolean {
  if (inner.includes('(') || !inner.includes('|')) return false;
  const firsts = inner.replace(/^\?[:=!]/, '').split('|');
  const wide = firsts.some((one) => /^(\.|\\[wWdDsS]|\[)/.test(one));
  const heads = firsts.map((one) => one.slice(0, one.startsWith('\\') ? 2 : 1));
  return wide || new Set(heads).size < heads.length;
}
