import { isAlias, isMap, isScalar, isSeq, Lexer, LineCounter, type Node, parseDocument } from 'yaml';
import { type Bounds, bounds } from './bounds.ts';
import type { ConfigProblem } from './contract.ts';
import { forbiddenKeys, type Located, type LocatedEntry, type LocatedMap, type Spot } from './located.ts';
import { problemAt } from './problem.ts';
import { syntaxMessage } from './syntax-message.ts';
import { visible } from './visible.ts';

/** What a text says, and everything wrong with it. Either it has problems or it has a value. */
export interface ParsedText {
  /** `null` when the text is empty or has problems. */
  readonly value: Located | null;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads YAML 1.2, of which JSON is a part, within bounds: size, tokens, depth and values. Nothing in it can run code.
 * Texts of problems never hold a value of the file, for it may be a secret in the wrong place.
 * @param format With `json`, what YAML allows beyond JSON is a problem.
 * @param limits Default is those of configuration files.
 */
export function parseText(
  text: string,
  format: 'yaml' | 'json',
  at: Pick<Spot, 'layer' | 'place'>,
  limits: Bounds = bounds,
): ParsedText {
  const refuse = (message: string, line = 1, column = 1) => ({
    value: null,
    problems: [problemAt({ ...at, line, column }, [], message)],
  });
  const tooMuch = overBounds(text, limits);
  if (tooMuch !== null) return refuse(tooMuch);
  if (text.trim() === '') return { value: null, problems: [] };
  if (format === 'json') {
    const fault = jsonFault(text);
    if (fault !== null) return refuse(fault.message, fault.line, fault.column);
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    schema: 'core',
    // 'silent' would pass over a second document.
    logLevel: 'error',
  });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    const problems = faults.slice(0, limits.problems).map((fault) => {
      const { line, col } = lines.linePos(fault.pos[0]);
      return problemAt({ ...at, line, column: col }, [], syntaxMessage(fault.code));
    });
    return { value: null, problems };
  }
  const { explicit, version } = document.directives?.yaml ?? {};
  if (explicit === true && version !== '1.2') return refuse('YAML 1.2 is read, and no other version');
  const reading = new Reading(lines, at, limits);
  const value = document.contents === null ? null : reading.node(document.contents, [], 0);
  return reading.problems.length > 0 ? { value: null, problems: reading.problems } : { value, problems: [] };
}

/** One walk over a document. */
class Reading {
  readonly problems: ConfigProblem[] = [];
  readonly #anchors = new Map<string, Node>();
  readonly #lines: LineCounter;
  readonly #at: Pick<Spot, 'layer' | 'place'>;
  readonly #limits: Bounds;
  #values = 0;
  #full = false;

  constructor(lines: LineCounter, at: Pick<Spot, 'layer' | 'place'>, limits: Bounds) {
    this.#lines = lines;
    this.#at = at;
    this.#limits = limits;
  }

  node(node: Node, path: readonly string[], depth: number): Located | null {
    const spot = this.#spot(node);
    if (this.#full) return null;
    this.#values += 1;
    if (this.#values > this.#limits.values) {
      this.#full = true;
      return this.#refuse(spot, path, `more than ${this.#limits.values} values, aliases counted each time`);
    }
    if (depth > this.#limits.depth) return this.#refuse(spot, path, `more than ${this.#limits.depth} levels deep`);
    if (isAlias(node)) {
      const meant = this.#anchors.get(node.source);
      if (meant === undefined) return this.#refuse(spot, path, 'an alias without its anchor');
      return this.node(meant, path, depth + 1);
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    if (isMap<Node, Node | null>(node)) return this.#map(node.items, spot, path, depth);
    if (isSeq<Node | null>(node)) {
      const items: Located[] = [];
      for (const [index, item] of node.items.entries()) {
        const read = item === null ? null : this.node(item, [...path, String(index)], depth + 1);
        if (read !== null) items.push(read);
      }
      return { kind: 'list', items, spot };
    }
    if (isScalar(node)) return this.#scalar(node.value, spot, path);
    return this.#refuse(spot, path, 'something that is neither a value nor a list nor a map');
  }

  #map(
    items: readonly { readonly key: Node; readonly value: Node | null }[],
    spot: Spot,
    path: readonly string[],
    depth: number,
  ): LocatedMap {
    const entries = new Map<string, LocatedEntry>();
    for (const { key, value } of items) {
      const keySpot = this.#spot(key);
      const name = keyName(key);
      if (name === null) {
        this.#refuse(keySpot, path, 'a key must be text');
        continue;
      }
      const keyPath = [...path, name];
      const earlier = entries.get(name);
      if (forbiddenKeys.has(name)) this.#refuse(keySpot, keyPath, `"${name}" may not be a key`);
      else if (earlier !== undefined) {
        this.#refuse(keySpot, keyPath, `the key "${visible(name)}" stands twice, first in line ${earlier.key.line}`);
      } else {
        const read = value === null ? nothing(keySpot) : this.node(value, keyPath, depth + 1);
        if (read !== null) entries.set(name, { key: keySpot, value: read });
      }
    }
    return { kind: 'map', entries, spot };
  }

  #scalar(value: unknown, spot: Spot, path: readonly string[]): Located | null {
    if (value === null || value === undefined) return nothing(spot);
    if (typeof value === 'string' || typeof value === 'boolean') return { kind: 'scalar', value, spot };
    if (typeof value === 'number' && Number.isFinite(value)) return { kind: 'scalar', value, spot };
    return this.#refuse(spot, path, 'neither text nor a finite number nor true nor false');
  }

  #spot(node: Node): Spot {
    const { line, col } = this.#lines.linePos(node.range?.[0] ?? 0);
    return { ...this.#at, line, column: col };
  }

  #refuse(spot: Spot, path: readonly string[], message: string): null {
    if (this.problems.length < this.#limits.problems) this.problems.push(problemAt(spot, path, message));
    return null;
  }
}

function nothing(spot: Spot): Located {
  return { kind: 'scalar', value: null, spot };
}

/** The key as it is written: `2:` and `true:` are the names `2` and `true`. */
function keyName(key: Node): string | null {
  if (!isScalar(key)) return null;
  if (typeof key.value === 'string') return key.value;
  return key.value === null || key.value === undefined ? null : (key.source ?? String(key.value));
}

/** What is over the bounds, before anything is built from the text: YAML's lexer reads it in one pass and keeps nothing. */
function overBounds(text: string, limits: Bounds): string | null {
  if (text.length > limits.fileBytes) return `larger than ${limits.fileBytes} bytes`;
  let tokens = 0;
  let open = 0;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (tokens > limits.tokens) return `more than ${limits.tokens} words and signs`;
    if (token === '[' || token === '{') open += 1;
    else if (token === ']' || token === '}') open -= 1;
    if (open > limits.depth) return `more than ${limits.depth} brackets in each other`;
  }
  return null;
}

/** What is wrong with a text as JSON. */
function jsonFault(text: string): { message: string; line: number; column: number } | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    // V8 says where, but quotes the text around it, which may hold a secret: only the numbers are taken.
    const place = /\(line (\d+) column (\d+)\)/.exec(error instanceof Error ? error.message : '');
    const end = text.split('\n');
    return {
      message: place === null ? 'the JSON ends too early' : 'not valid JSON from here on',
      line: place === null ? end.length : Number(place[1]),
      column: place === null ? (end.at(-1)?.length ?? 0) + 1 : Number(place[2]),
    };
  }
}
