import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

test('files are small: none over 500 lines, half of them at most 80', () => {
  const sizes = globSync(['core/**/*.ts', 'plugins/**/*.ts', 'test/**/*.ts', '.ci/*.ts', 'core/cli/*.js'], {
    cwd: root,
    // The snapshot of the API is generated.
    exclude: ['**/node_modules', 'test/api/snapshot.d.ts'],
  })
    .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
    .toSorted((a, b) => a.lines - b.lines);
  const ours = sizes.filter(({ file }) => !file.startsWith('test/'));
  const at = (part: number) => ours[Math.floor(ours.length * part)]?.lines ?? 0;
  console.log(
    `${ours.length} files of core and plugins: median ${at(0.5)} lines, p90 ${at(0.9)}, longest ${ours.at(-1)?.lines}`,
  );
  expect(sizes.filter(({ lines }) => lines > 500)).toEqual([]);
  expect(at(0.5)).toBeLessThanOrEqual(80);
  expect(at(0.9)).toBeLessThanOrEqual(300);
});
