import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

/** Where the time of day may be asked for; everywhere else it is handed in, so that tests can set it. */
const allowed = ['core/main.ts', 'core/base/', 'core/cli/', 'core/api/testing/'];

test('the time of day is asked for in few places', () => {
  const asking = globSync(['core/**/*.ts', 'plugins/*/*/src/**/*.ts'], { cwd: root, exclude: ['**/node_modules'] })
    .filter((file) => !allowed.some((place) => file.startsWith(place)))
    .flatMap((file) => {
      const lines = readFileSync(join(root, file), 'utf8').split('\n');
      return lines.flatMap((line, index) => (/Date\.now\(\)|new Date\(\)/.test(line) ? [`${file}:${index + 1}`] : []));
    });
  expect(asking).toEqual([]);
});
