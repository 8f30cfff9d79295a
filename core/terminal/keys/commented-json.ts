import type { Plain } from '@holdfast/api';

/** A value of the list, or what is wrong with it. */
export type ListEntry =
  | { readonly line: number; readonly value: Plain }
  | { readonly line: number; readonly problem: string };

export interface ListBounds {
  readonly entries: number;
  readonly depth: number;
}

type Kind = 'sign' | 'value' | 'bad';

interface Token {
  readonly kind: Kind;
  readonly line: number;
  /** `{`, `}`, `[`, `]`, `,`, `:` of a sign; what is wrong of a bad one. */
  readonly text: string;
  readonly value: Plain;
}

const pattern =
  /(?<blank>[ \t\r\n\ufeff]+|\/\/[^\n]*|\/\*[\s\S]*?\*\/)|(?<sign>[{}[\],:])|(?<string>"(?:[^"\\\n]|\\.)*")|(?<word>true|false|null)(?![\w])|(?<number>-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])|(?<open>\/\*[\s\S]*$)|(?<unended>"[^\n]*)|(?<other>[^\s{}[\],:"]+|[\s\S])/y;

function valueToken(raw: string, line: number): Token {
  try {
    return { kind: 'value', line, text: raw, value: JSON.parse(raw) as Plain };
  } catch {
    return { kind: 'bad', line, text: 'a text with a sign in it that has to be written with \\', value: null };
  }
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, line: number): Token | null {
  const { blank, sign, unended, open } = groups;
  if (blank !== undefined) return null;
  if (sign !== undefined) return { kind: 'sign', line, text: sign, value: null };
  const value = groups.string ?? groups.word ?? groups.number;
  if (value !== undefined) return valueToken(value, line);
  if (unended !== undefined) return { kind: 'bad', line, text: 'a text without its closing quote', value: null };
  if (open !== undefined) return { kind: 'bad', line, text: 'a comment without its end', value: null };
  return { kind: 'bad', line, text: 'something that is no JSON: texts and names stand in double quotes', value: null };
}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let line = 1;
  for (let at = 0; at < text.length; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found === null) break;
    const token = tokenOf(found.groups ?? {}, line);
    if (token !== null) tokens.push(token);
    for (const char of found[0]) if (char === '\n') line += 1;
  }
  return tokens;
}

class Broken extends Error {
  readonly line: number;

  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

/** Reads the value that begins at a token, and says where it ends. */
class ValueReader {
  readonly #tokens: readonly Token[];
  readonly #depth: number;
  #at: number;

  constructor(tokens: readonly Token[], at: number, depth: number) {
    this.#tokens = tokens;
    this.#at = at;
    this.#depth = depth;
  }

  get at(): number {
    return this.#at;
  }

  read(depth = 0): Plain {
    const token = this.#take('a value is missing');
    if (token.kind === 'value') return token.value;
    if (depth >= this.#depth) throw new Broken(token.line, `more than ${this.#depth} brackets in each other`);
    if (token.text === '{') return this.#object(depth);
    if (token.text === '[') return this.#list(depth);
    throw new Broken(token.line, `a value is missing before \`${token.text}\``);
  }

  #take(missing: string): Token {
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new Broken(this.#tokens.at(-1)?.line ?? 1, missing);
    if (token.kind === 'bad') throw new Broken(token.line, token.text);
    this.#at += 1;
    return token;
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #object(depth: number): Plain {
    const entries: [string, Plain][] = [];
    while (!this.#takes('}')) {
      const key = this.#take('a `}` is missing');
      if (key.kind === 'sign' && key.text === '{') throw new Broken(key.line, 'a `}` is missing before this');
      if (typeof key.value !== 'string') throw new Broken(key.line, 'a name in double quotes is missing');
      if (!this.#takes(':')) throw new Broken(key.line, 'a `:` is missing after a name');
      entries.push([key.value, this.read(depth + 1)]);
      if (!this.#takes(',') && this.#tokens[this.#at]?.text !== '}') this.#missing('a `,` or `}` is missing');
    }
    return Object.fromEntries(entries);
  }

  #list(depth: number): Plain {
    const items: Plain[] = [];
    while (!this.#takes(']')) {
      items.push(this.read(depth + 1));
      if (!this.#takes(',') && this.#tokens[this.#at]?.text !== ']') this.#missing('a `,` or `]` is missing');
    }
    return items;
  }

  #missing(problem: string): never {
    const token = this.#take(problem);
    throw new Broken(token.line, problem);
  }
}

/** Where reading goes on after a broken entry: behind the brace that ends it, before one that can only begin another, or at the end of the list. */
function afterBroken(tokens: readonly Token[], start: number): number {
  const open: string[] = [];
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind !== 'sign') continue;
    const before = tokens[at - 1];
    const isValue = before?.kind === 'sign' && before.text === ':';
    if (token.text === '{' && open.length === 1 && open[0] === '{' && !isValue) return at;
    if (token.text === '{' || token.text === '[') open.push(token.text);
    if (token.text === ',' && open.length === 0) return at;
    if (token.text !== '}' && token.text !== ']') continue;
    const opening = open.lastIndexOf(token.text === '}' ? '{' : '[');
    // The bracket that closes the whole list is not this entry's.
    if (opening < 0 && token.text === ']') return at;
    open.length = Math.max(0, opening);
    if (open.length === 0) return at + 1;
  }
  return tokens.length;
}

/**
 * Reads a list in JSON with comments and trailing commas. A broken entry is told with its line; the others are read all the same.
 * @returns `null` when the text is no list.
 */
export function readCommentedList(text: string, bounds: ListBounds): readonly ListEntry[] | null {
  const tokens = tokensOf(text);
  const [first] = tokens;
  if (first === undefined) return [];
  if (first.kind !== 'sign' || first.text !== '[') return null;
  const entries: ListEntry[] = [];
  let at = 1;
  let comma: 'needed' | 'wrong' | 'either' = 'wrong';
  while (at < tokens.length && entries.length <= bounds.entries) {
    const token = tokens[at];
    if (token === undefined) break;
    const { line } = token;
    if (token.kind === 'sign' && token.text === ']') {
      const rest = tokens[at + 1];
      if (rest !== undefined) entries.push({ line: rest.line, problem: 'something stands after the end of the list' });
      return entries;
    }
    if (token.kind === 'sign' && token.text === ',') {
      if (comma === 'wrong') entries.push({ line, problem: 'a `,` too many' });
      comma = 'wrong';
      at += 1;
      continue;
    }
    if (comma === 'needed') entries.push({ line, problem: 'a `,` is missing before this' });
    const reader = new ValueReader(tokens, at, bounds.depth);
    try {
      entries.push({ line, value: reader.read() });
      at = reader.at;
      comma = 'needed';
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      entries.push({ line: error.line, problem: error.message });
      at = Math.max(at + 1, afterBroken(tokens, at));
      comma = 'either';
    }
  }
  if (at >= tokens.length) entries.push({ line: tokens.at(-1)?.line ?? 1, problem: 'the `]` at the end is missing' });
  return entries;
}
