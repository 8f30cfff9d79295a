/** What a reader of JSON with comments accepts at most. */
export interface JsonBounds {
  /** UTF-16 units. Default is 1 Mi. */
  readonly length?: number;
  /** Default is 32. */
  readonly depth?: number;
}

const forbidden = new Set(['__proto__', 'constructor', 'prototype']);
const blank = /[\s\uFEFF]/;

/**
 * Reads JSON as VS Code writes it: with `//` and block comments and with a comma after the last element. Anything else is as JSON has it.
 * @throws {SyntaxError} saying what is wrong and in which line; also for a text that is too long, too deep, or names a member that would reach
 *   into the prototype of an object.
 */
export function parseJsonWithComments(text: string, { length = 1024 * 1024, depth = 32 }: JsonBounds = {}): unknown {
  if (text.length > length) throw new SyntaxError(`is longer than ${Math.floor(length / 1024)} KiB`);
  const value: unknown = readPlain(withoutComments(text, depth));
  refuseKeys(value);
  return value;
}

function readPlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (thrown) {
    const at = /position (\d+)/.exec(thrown instanceof Error ? thrown.message : '')?.[1];
    const line = at === undefined ? text.split('\n').length : text.slice(0, Number(at)).split('\n').length;
    throw new SyntaxError(`is not JSON: something is wrong in line ${line}`);
  }
}

/** The text with comments and last commas blanked out, so that lines and places stay what they are. */
function withoutComments(text: string, mostDepth: number): string {
  const pieces: string[] = [];
  let depth = 0;
  let from = 0;
  let at = 0;
  const drop = (start: number, end: number): void => {
    pieces.push(text.slice(from, start), text.slice(start, end).replace(/[^\n]/g, ' '));
    from = end;
    at = end;
  };
  while (at < text.length) {
    const char = text.charAt(at);
    const next = text.charAt(at + 1);
    if (char === '"') at = endOfString(text, at);
    else if (char === '/' && next === '/') drop(at, endOr(text, text.indexOf('\n', at)));
    else if (char === '/' && next === '*') {
      const end = text.indexOf('*/', at + 2);
      drop(at, end < 0 ? text.length : end + 2);
    } else if (char === ',' && isClosing(text, at + 1)) drop(at, at + 1);
    else if (char === '\uFEFF') drop(at, at + 1);
    else {
      if (char === '{' || char === '[') depth += 1;
      else if (char === '}' || char === ']') depth -= 1;
      if (depth > mostDepth) throw new SyntaxError(`is nested deeper than ${mostDepth}`);
      at += 1;
    }
  }
  pieces.push(text.slice(from));
  return pieces.join('');
}

const endOr = (text: string, found: number): number => (found < 0 ? text.length : found);

function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const char = text.charAt(at);
    if (char === '\\') at += 1;
    else if (char === '"' || char === '\n') return at + 1;
  }
  return text.length;
}

/** Whether nothing but blanks and comments stands between here and a closing bracket. */
function isClosing(text: string, from: number): boolean {
  let at = from;
  while (at < text.length) {
    const char = text.charAt(at);
    const pair = text.slice(at, at + 2);
    if (pair === '//') at = endOr(text, text.indexOf('\n', at));
    else if (pair === '/*') {
      const end = text.indexOf('*/', at + 2);
      at = end < 0 ? text.length : end + 2;
    } else if (blank.test(char)) at += 1;
    else return char === '}' || char === ']';
  }
  return false;
}

function refuseKeys(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (forbidden.has(key)) throw new SyntaxError(`has a member named ${key}`);
    refuseKeys(inner);
  }
}
