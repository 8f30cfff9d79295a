const maxSequence = 256;
/** Whole sequences of ours: move, erase, scroll, colour, cursor shown or hidden, lines wrapped or not, ACS or not. */
const drawing = /^(?:\u001b\[[0-9;:]*[@A-HJ-MPSTXZ`a-bd-fmrsu]|\u001b\[\?(?:7|25)[hl]|\u001b[78DEM]|\u001b[()][0B])$/;
/** A sequence that is not whole yet. */
const begun = /^\u001b(?:\[[\u0020-\u003f]*|[()]|[\]PX^_][^\u0007\u001b]*\u001b?)?$/;
/** Any sequence. One that holds another is none: so each letter is looked at a few times at most, whatever the text. */
const sequence =
  /\u001b(?:\[[\u0020-\u003f]*[\u0040-\u007e]|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|[()][\u0020-\u007e]|[^[\]PX^_()\u001b])/y;
const plain = /[^\u001b]+/y;
const acting = /[\u0000-\u0007\u000b\u000c\u000e-\u001a\u001c-\u001f\u007f-\u009f]/g;

/**
 * Lets what draws through and nothing else: no mouse, paste or screen modes, no titles, clipboards, questions or devices. For a terminal that shows what
 * another one was sent. A sequence may come in pieces.
 */
export class DrawingOnly {
  #rest = '';

  filter(text: string): string {
    const all = this.#rest + text;
    this.#rest = '';
    let out = '';
    let at = 0;
    while (at < all.length) {
      const words = match(plain, all, at);
      if (words !== '') {
        out += words.replaceAll(acting, '');
        at += words.length;
        continue;
      }
      const found = match(sequence, all, at);
      if (found !== '') {
        if (found.length <= maxSequence && drawing.test(found)) out += found;
        at += found.length;
      } else if (all.length - at < maxSequence && begun.test(all.slice(at))) {
        this.#rest = all.slice(at);
        return out;
      } else at += 1;
    }
    return out;
  }
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}
