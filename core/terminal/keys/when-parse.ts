import { HoldfastError } from '@holdfast/api';
import { safeText } from '../../model/text/safe-text.ts';

export type Comparison = '==' | '!=' | '>' | '<' | '>=' | '<=';
export type Scalar = string | number | boolean;

/** A condition as a tree. */
export type WhenNode =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'value'; readonly value: Scalar }
  | { readonly kind: 'not'; readonly of: WhenNode }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly WhenNode[] }
  | { readonly kind: 'compare'; readonly how: Comparison; readonly left: WhenNode; readonly right: WhenNode };

/** Limits of a condition: it may come from a plugin. */
export const whenBounds = { letters: 1000, depth: 32 } as const;

const token =
  /\s*(?:(?<sign>&&|\|\||[=!<>]=|[!<>()])|(?<number>-?\d{1,15}(?:\.\d{1,15})?(?![\w.]))|(?<name>[A-Za-z_][\w.:-]{0,99})|'(?<single>[^'\n]*)'|"(?<double>[^"\n]*)")/y;

interface Token {
  readonly at: number;
  readonly sign: string | null;
  readonly node: WhenNode | null;
}

function refuse(text: string, at: number, problem: string): never {
  const where = at >= text.length ? 'at its end' : `at letter ${at + 1}`;
  const shown = safeText(text, 120);
  throw new HoldfastError(
    'KEYS_INVALID',
    `the condition ${JSON.stringify(shown)} is not understood ${where}: ${problem}`,
    {
      remedy: "write it like `kind == 'machine' && !marked`, or `(points > 0 || isAdmin)`",
      facts: { letter: at + 1 },
    },
  );
}

function nodeOf(groups: Readonly<Record<string, string | undefined>>): WhenNode | null {
  const { number, name, single, double } = groups;
  if (number !== undefined) return { kind: 'value', value: Number(number) };
  if (name === 'true' || name === 'false') return { kind: 'value', value: name === 'true' };
  if (name !== undefined) return { kind: 'name', name };
  const text = single ?? double;
  return text === undefined ? null : { kind: 'value', value: text };
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  let at = 0;
  while (at < end) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (found === null) refuse(text, at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0), 'an unknown sign');
    const groups = found.groups ?? {};
    const blanks = found[0].length - found[0].trimStart().length;
    tokens.push({ at: at + blanks, sign: groups.sign ?? null, node: nodeOf(groups) });
    at = token.lastIndex;
  }
  return tokens;
}

const comparisons: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
const isComparison = (sign: string | null): sign is Comparison => sign !== null && comparisons.has(sign);

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  whole(): WhenNode {
    const node = this.#or();
    if (this.#next < this.#tokens.length) this.#refuse('something is left over');
    return node;
  }

  #refuse(problem: string): never {
    return refuse(this.#text, this.#tokens[this.#next]?.at ?? this.#text.length, problem);
  }

  #takes(sign: string): boolean {
    if (this.#tokens[this.#next]?.sign !== sign) return false;
    this.#next += 1;
    return true;
  }

  #or(): WhenNode {
    const parts = [this.#and()];
    while (this.#takes('||')) parts.push(this.#and());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'or', parts };
  }

  #and(): WhenNode {
    const parts = [this.#comparison()];
    while (this.#takes('&&')) parts.push(this.#comparison());
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'and', parts };
  }

  #comparison(): WhenNode {
    const left = this.#not();
    const sign = this.#tokens[this.#next]?.sign ?? null;
    if (!isComparison(sign)) return left;
    this.#next += 1;
    return { kind: 'compare', how: sign, left, right: this.#not() };
  }

  #not(): WhenNode {
    this.#depth += 1;
    if (this.#depth > whenBounds.depth) this.#refuse(`more than ${whenBounds.depth} in each other`);
    const node: WhenNode = this.#takes('!') ? { kind: 'not', of: this.#not() } : this.#atom();
    this.#depth -= 1;
    return node;
  }

  #atom(): WhenNode {
    if (this.#takes('(')) {
      const node = this.#or();
      if (!this.#takes(')')) this.#refuse('a `)` is missing');
      return node;
    }
    const node = this.#tokens[this.#next]?.node ?? this.#refuse('a name, a number or a text is missing');
    this.#next += 1;
    return node;
  }
}

/** Reads a condition. @throws {HoldfastError} `KEYS_INVALID` naming the letter at which it is not understood. */
export function parseWhenTree(text: string): WhenNode {
  if (text.length > whenBounds.letters) refuse(text, whenBounds.letters, `longer than ${whenBounds.letters} letters`);
  if (text.trim() === '') refuse(text, text.length, 'it is empty');
  return new Parser(text).whole();
}
