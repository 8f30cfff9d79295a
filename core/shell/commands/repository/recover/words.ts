import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { text as textOfStream } from 'node:stream/consumers';
import { HoldfastError } from '@holdfast/api';
import type { Site } from '../../../contract.ts';

const mostBytes = 64 * 1024;
const count = 24;

const unusable = (file: string, why: string): HoldfastError =>
  new HoldfastError('USAGE', `the recovery words cannot be read from ${file}: ${why}`, {
    remedy:
      'name the file that `--recovery-file` made, or one with the 24 words in their order; `-` reads them from stdin',
  });

/**
 * Recovery words from a file, or from stdin for `-`: as `--recovery-file` wrote them, or as somebody typed them from paper, with numbers or without.
 * Whether they are right is for the repository to say.
 */
export async function readWords(site: Site, file: string): Promise<string> {
  if (file === '-') {
    if (site.actor.from !== 'local') throw unusable('stdin', 'that is not yours over this connection');
    return wordsIn(await textOfStream(process.stdin));
  }
  const path = resolve(file);
  try {
    const { size } = await stat(path);
    if (size > mostBytes) throw unusable(file, `it is longer than ${mostBytes} bytes`);
    return wordsIn(await readFile(path, 'utf8'));
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    throw unusable(file, cause instanceof Error && 'code' in cause ? String(cause.code) : 'failed');
  }
}

/** The words in a text: a line of 24, else the word after each number, else all there is. */
export function wordsIn(text: string): string {
  const lines = text
    .slice(0, mostBytes)
    .split('\n')
    .map((line) => line.trim());
  const whole = lines
    .map((line) => line.split(/\s+/))
    .findLast((words) => words.length === count && words.every(isWord));
  if (whole !== undefined) return whole.join(' ');
  const numbered = lines.flatMap((line) =>
    [...line.matchAll(/(?:^|\s)\d{1,2}[.):]?\s+([a-z]+)\b/gi)].map(([, word]) => word),
  );
  if (numbered.length === count) return numbered.join(' ');
  return text.split(/\s+/).filter(isWord).join(' ');
}

const isWord = (word: string): boolean => /^[a-z]+$/i.test(word);

/** Whether what somebody typed is meant as recovery words. */
export const looksLikeWords = (typed: string): boolean => {
  const words = typed.trim().split(/\s+/);
  return words.length === count && words.every(isWord);
};
