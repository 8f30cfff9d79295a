/**
 * Splits a command into words as a shell would, and does nothing else that a shell would: no variables, no patterns, no
 * substitution. Blanks part words; single quotes keep all, double quotes all but `\"` and `\\`; outside, `\` keeps the next character.
 * @returns `null` when a quote is not closed.
 */
export function splitWords(command: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  let quote: '"' | "'" | null = null;
  for (let at = 0; at < command.length; at++) {
    const sign = command.charAt(at);
    const next = command.charAt(at + 1);
    if (quote !== null) {
      if (sign === quote) quote = null;
      else if (quote === '"' && sign === '\\' && (next === '"' || next === '\\')) {
        word = (word ?? '') + next;
        at += 1;
      } else word = (word ?? '') + sign;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
      word ??= '';
    } else if (sign === '\\' && next !== '') {
      word = (word ?? '') + next;
      at += 1;
    } else if (/\s/.test(sign)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + sign;
  }
  if (quote !== null) return null;
  if (word !== null) words.push(word);
  return words;
}
