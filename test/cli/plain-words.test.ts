import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('a line that is read without the full parser means what the full parser says, for every command', async () => {
  // A process of its own: oclif loads the commands by itself, past the test runner's transforms.
  const script = join(import.meta.dirname, 'compare-parsers.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script]);
  const { plain, different } = JSON.parse(stdout) as { plain: number; different: readonly unknown[] };
  expect(different).toEqual([]);
  expect(plain).toBeGreaterThan(500);
});
