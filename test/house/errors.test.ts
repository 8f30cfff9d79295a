import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorCodes } from '@holdfast/api';
import { expect, test } from 'vitest';
import { groups, renderErrorPage } from './error-page.ts';

const root = new URL('../../', import.meta.url).pathname;
const source = readFileSync(join(root, 'core/api/error-codes.ts'), 'utf8');
const files = globSync(['core/**/*.ts', 'plugins/**/*.ts'], { cwd: root, exclude: ['**/node_modules'] })
  .filter((file) => file !== 'core/api/error-codes.ts')
  .toSorted()
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

test('the page on errors says what the table of codes says', async () => {
  await expect(renderErrorPage(source)).toMatchFileSnapshot(join(root, 'docs/errors.md'));
});

test('every code stands in one group of the page', () => {
  const grouped = groups(source).flatMap(([, codes]) => codes.map(([code]) => code));
  expect(grouped).toEqual(Object.keys(errorCodes));
});

test('every text of the table is one line, in lower case, without a full stop or a sign that breaks a table', () => {
  for (const [code, { meaning, remedy }] of Object.entries(errorCodes)) {
    for (const text of [meaning, remedy]) {
      expect(text, code).toMatch(/^[a-z`].*[^.\s]$/);
      expect(text, code).not.toMatch(/[|\n]/);
    }
  }
});

test('every code is thrown somewhere', () => {
  const texts = files.map(({ text }) => text).join('\n');
  expect(Object.keys(errorCodes).filter((code) => !texts.includes(`'${code}'`))).toEqual([]);
});

test('every HoldfastError is made with a code of the table', () => {
  const unknown: string[] = [];
  let known = 0;
  for (const { file, text } of files) {
    for (const [, code = ''] of text.matchAll(/new HoldfastError\(\s*'([^']*)'/g)) {
      if (Object.hasOwn(errorCodes, code)) known += 1;
      else unknown.push(`${file}: ${code}`);
    }
  }
  expect(unknown).toEqual([]);
  expect(known).toBeGreaterThan(50);
});
