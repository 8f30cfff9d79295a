declare const safe: unique symbol;

/** Text that may go to a terminal, a log or a file name column as it is: one line, nothing in it that acts. */
export type SafeText = string & { readonly [safe]: true };

const plain = /^[\x20-\x7e]*$/;
/** Acts on the terminal, reorders what is read, or cannot be seen. */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
/** Format characters of Arabic, Syriac and Kaithi that are drawn like any letter. */
const drawn = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
/** Joins or forks letters of many scripts and emoji, but is nothing but invisible beside others. */
const joiner = /\u200c|\u200d|[\ufe00-\ufe0f]/;
const joinable = /[\p{L}\p{M}\p{S}]/u;
const combining = /\p{M}/u;
/** Scripts need up to five marks on a letter; more only serve to paint over the lines above and below. */
const marksPerLetter = 6;

const isJoinable = (char: string | undefined): boolean => char !== undefined && char > '\x7f' && joinable.test(char);

function visible(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

/**
 * Makes foreign text safe to show. Control characters become their pictures (`␛`, `␊`), C1 codes, bidirectional overrides and everything else
 * invisible become `<U+202E>`, lone surrogates `�`; joiners stay where scripts and emoji need them; a letter carries at most six combining
 * marks, and a text that begins with one gets a `◌` to carry it. What is safe already comes back unchanged.
 * @param maxLength UTF-16 units that the answer has at most; a longer text is cut and ends in `…`. Default is 4,096. No more of the text is read
 *   than that, so the cost is bounded too.
 * @see UAX #9, UTR #36 §3; design: one sanitiser for widgets, command line and logs.
 */
export function safeText(text: string, maxLength = 4096): SafeText {
  if (text.length <= maxLength && plain.test(text)) return text as SafeText;
  const chars = Array.from(text.slice(0, maxLength + 1));
  let isCut = text.length > maxLength;
  let out = '';
  // Where to cut so that `…` still fits.
  let lastFit = '';
  let last = '';
  let marks = 0;
  for (const [index, char] of chars.entries()) {
    const next = chars[index + 1];
    const isJoiner = joiner.test(char);
    if (combining.test(char)) marks += 1;
    else if (!isJoiner) marks = 0;
    let shown = char;
    if (marks > marksPerLetter) shown = marks === marksPerLetter + 1 ? '…' : '';
    else if (isJoiner) shown = isJoinable(last) && (char >= '\ufe00' || isJoinable(next)) ? char : visible(char);
    else if (unsafe.test(char) && !drawn.test(char)) shown = visible(char);
    else if (marks > 0 && last === '') shown = `◌${char}`;
    if (shown === '') continue;
    out += shown;
    last = shown;
    if (out.length < maxLength) lastFit = out;
    if (out.length > maxLength) {
      isCut = true;
      break;
    }
  }
  if (!isCut) return out as SafeText;
  return (maxLength < 1 ? '' : `${lastFit.replace(/(?:\u200c|\u200d)$/, '')}…`) as SafeText;
}
