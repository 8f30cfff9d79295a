import { type ErrorEntry, errorCodes } from '@holdfast/api';

const exits: Readonly<Record<number, string>> = {
  0: 'ok',
  1: 'failed',
  2: 'usage: the command line, an answer or the configuration is not valid',
  3: 'partial: some of it was done and some failed',
  4: 'not found',
  5: 'denied',
  6: 'conflict',
  7: 'timeout',
  130: 'interrupted',
};

/** The page on errors, made from the table of codes; groups are the comments of its source. */
export function renderErrorPage(source: string): string {
  const lines = [
    '# Errors',
    '',
    'Every expected failure has a stable code, says what happened to what, and what to do next; `--json` prints the same as data. Anything else is a bug: it is',
    'reported as `INTERNAL` with its stack. This page is made from `core/api/error-codes.ts`; `npx vitest run test/house/errors.test.ts -u` writes it anew.',
    '',
    '## Exit codes',
    '',
    '| exit code | means |',
    '|---|---|',
    ...Object.entries(exits).map(([code, meaning]) => `| ${code} | ${meaning} |`),
  ];
  for (const [group, codes] of groups(source)) {
    lines.push('', `## ${group.charAt(0).toUpperCase()}${group.slice(1)}`, '');
    lines.push('| code | exit code | what happened | what to do |', '|---|---|---|---|');
    for (const [code, { exit, meaning, remedy }] of codes)
      lines.push(`| \`${code}\` | ${exit} | ${meaning} | ${remedy} |`);
  }
  return `${lines.join('\n')}\n`;
}

/** Codes by the comment that stands above them. */
export function groups(source: string): [string, [string, ErrorEntry][]][] {
  const found: [string, [string, ErrorEntry][]][] = [];
  const table = source.slice(source.indexOf('export const errorCodes'));
  for (const line of table.split('\n')) {
    const group = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    const code = /^ {2}([A-Z][A-Z_]*): entry\(/.exec(line)?.[1];
    if (group !== undefined) found.push([group, []]);
    const entry = Object.entries(errorCodes).find(([name]) => name === code);
    if (entry !== undefined) found.at(-1)?.[1].push(entry);
  }
  return found;
}
