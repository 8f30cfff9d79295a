import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { collectionBook } from '../../../core/shell/duties/collection-book.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-book-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what one process notes another one reads', async () => {
  const file = join(folder, 'data', 'collections.json');
  await collectionBook(file).write('main', { collectedAt: 1, dueAt: 2 });
  await collectionBook(file).write('second', { collectedAt: null, dueAt: 3 });
  expect(await collectionBook(file).read()).toEqual({
    main: { collectedAt: 1, dueAt: 2 },
    second: { collectedAt: null, dueAt: 3 },
  });
  expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ version: 1 });
});

test.each([
  ['nothing', null],
  ['no JSON', '{'],
  ['another shape', '{"targets": {"main": {"dueAt": "soon"}, "other": 5}}'],
  ['a list', '[]'],
  ['more than it can be', `{"targets": {"main": {"dueAt": 1}}, "x": "${'x'.repeat(2_000_000)}"}`],
])('a file with %s in it counts as empty', async (_what, content) => {
  const file = join(folder, 'collections.json');
  if (content !== null) writeFileSync(file, content);
  expect(await collectionBook(file).read()).toEqual({});
});

test('what cannot be written is remembered as long as the process lives, so that nothing is collected every minute', async () => {
  writeFileSync(join(folder, 'data'), 'not a folder');
  const book = collectionBook(join(folder, 'data', 'collections.json'));
  await book.write('main', { collectedAt: 1, dueAt: 2 });
  expect(await book.read()).toEqual({ main: { collectedAt: 1, dueAt: 2 } });
});
