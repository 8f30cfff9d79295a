import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { apiDeclarations, snapshotFile } from './declarations.ts';

test('the API that plugins are written against has not changed by accident', { timeout: 120_000 }, () => {
  const agreed = readFileSync(snapshotFile, 'utf8').split('\n');
  const now = apiDeclarations().split('\n');
  const at = now.findIndex((line, index) => line !== agreed[index]);
  const line = at === -1 && agreed.length > now.length ? now.length : at;
  const change =
    line === -1 ? null : `line ${line + 1} was: ${agreed[line] ?? '(nothing)'}\nand is: ${now[line] ?? '(nothing)'}`;
  expect(
    change,
    'the API has changed: if that is meant, run `node test/api/update-snapshot.ts` and raise the version where it breaks plugins',
  ).toBeNull();
});
