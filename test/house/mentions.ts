import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A command line that a page or a message tells a person to type. */
export interface Mention {
  /** `FILE:LINE`. */
  readonly where: string;
  /** What follows `holdfast` or `npm run`. */
  readonly line: string;
}

/** Command lines in pages: in fenced blocks, and between backquotes. */
export function mentionsInPages(root: string, program: 'holdfast' | 'npm run'): Mention[] {
  return globSync(['*.md', 'docs/**/*.md', 'plugins/*/*/*.md'], { cwd: root, exclude: ['**/node_modules'] })
    .toSorted()
    .flatMap((file) => scan(file, readFileSync(join(root, file), 'utf8'), program));
}

/** Command lines between backquotes in what the code says: remedies, descriptions, questions, comments. */
export function mentionsInCode(root: string): Mention[] {
  return globSync(['core/**/*.ts', 'plugins/**/*.ts'], { cwd: root, exclude: ['**/node_modules'] })
    .toSorted()
    .flatMap((file) =>
      readFileSync(join(root, file), 'utf8')
        .split('\n')
        .flatMap((line, index) => spans(`${file}:${index + 1}`, sayings(line), 'holdfast')),
    );
}

/** What of a line of code is said to people: quoted texts, comments, escaped backquotes of a template. A template itself is none. */
function sayings(line: string): string {
  if (/^\s*(\/?\*|\/\/)/.test(line)) return line;
  const quoted = line.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g) ?? [];
  return [...quoted, ...(line.match(/\\`holdfast [^`]*/g) ?? [])].join('\n');
}

function scan(file: string, text: string, program: string): Mention[] {
  const block = new RegExp(`^(?:\\$ |npx )?${program} ([^#|>;&]+)`);
  let fenced = false;
  return text.split('\n').flatMap((line, index) => {
    const where = `${file}:${index + 1}`;
    if (line.trimStart().startsWith('```')) fenced = !fenced;
    const inBlock = fenced ? block.exec(line.trim())?.[1] : undefined;
    return inBlock === undefined ? spans(where, line, program) : [{ where, line: inBlock.trim() }];
  });
}

function spans(where: string, text: string, program: string): Mention[] {
  const found = text.matchAll(new RegExp(`\`${program} ([^\`$\\\\]+)`, 'g'));
  return [...found].map(([, line = '']) => ({ where, line: line.trim() }));
}
