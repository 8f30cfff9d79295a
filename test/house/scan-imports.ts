/** An import as it stands in a file. */
export interface FoundImport {
  readonly specifier: string;
  /** From 1. */
  readonly line: number;
}

type Token = { readonly kind: 'word' | 'string' | 'sign'; readonly text: string; readonly line: number };

/** Words after which a `/` begins a regular expression and does not divide. */
const beforeExpression = new Set([
  'return',
  'typeof',
  'case',
  'in',
  'of',
  'new',
  'delete',
  'void',
  'await',
  'yield',
  'else',
  'do',
]);

/**
 * Everything that a TypeScript file imports: `import`, `export … from`, `import()` with a plain text, and the files that it names
 * with `workerUrl(import.meta.url, …)` or `new URL(…, import.meta.url)`. Comments and text that only looks like code are passed over.
 */
export function scanImports(source: string): FoundImport[] {
  const tokens = [...tokenize(source)];
  const found: FoundImport[] = [];
  const take = (token: Token | undefined) => {
    if (token?.kind === 'string') found.push({ specifier: token.text, line: token.line });
  };
  for (const [index, token] of tokens.entries()) {
    const after = (steps: number) => tokens[index + steps];
    if (token.kind !== 'word') continue;
    if (token.text === 'from') take(after(1));
    else if (token.text === 'import') take(after(1)?.text === '(' ? after(2) : after(1));
    else if (token.text === 'workerUrl' && after(2)?.text === 'import') take(after(8));
    else if (token.text === 'URL' && after(1)?.text === '(' && after(4)?.text === 'import') take(after(2));
  }
  return found;
}

function* tokenize(source: string): Generator<Token> {
  let at = 0;
  let line = 1;
  let last: Token | null = null;
  /** Brackets that are open inside of each template literal that is open. */
  const templates: number[] = [];
  const token = (kind: Token['kind'], text: string): Token => {
    last = { kind, text, line };
    return last;
  };
  const skip = (length: number) => {
    line += source.slice(at, at + length).split('\n').length - 1;
    at += length;
  };
  const rest = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    return pattern.exec(source)?.[0] ?? '';
  };
  while (at < source.length) {
    const sign = source.charAt(at);
    const blank = rest(/(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)+/y);
    const word = rest(/[\p{ID_Start}$_#][\p{ID_Continue}$]*/uy);
    const text = rest(/'(?:\\[\s\S]|[^'\\])*'|"(?:\\[\s\S]|[^"\\])*"/y);
    if (blank !== '') skip(blank.length);
    else if (word !== '') {
      yield token('word', word);
      skip(word.length);
    } else if (text !== '') {
      yield token('string', text.slice(1, -1));
      skip(text.length);
    } else if (sign === '`' || (sign === '}' && templates.at(-1) === 0)) {
      if (sign === '}') templates.pop();
      const piece = rest(/[`}](?:\\[\s\S]|\$(?!\{)|[^\\`$])*(?:`|\$\{)/y);
      if (piece.endsWith('${')) templates.push(0);
      token('string', '');
      skip(piece.length || 1);
    } else if (sign === '/' && beginsExpression(last)) {
      const expression = rest(/\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y);
      token('string', '');
      skip(expression.length || 1);
    } else {
      const open = templates.length - 1;
      if (sign === '{' && open >= 0) templates[open] = (templates[open] ?? 0) + 1;
      if (sign === '}' && open >= 0) templates[open] = (templates[open] ?? 0) - 1;
      yield token('sign', sign);
      skip(1);
    }
  }
}

function beginsExpression(last: Token | null): boolean {
  if (last === null) return true;
  if (last.kind === 'word') return beforeExpression.has(last.text);
  return last.kind === 'sign' && !')]}'.includes(last.text);
}
