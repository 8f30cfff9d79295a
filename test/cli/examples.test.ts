import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('the examples in the help of every command parse, and each command has one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-examples-'));
  try {
    // A process of its own: oclif loads the commands by itself, past the test runner's transforms.
    const script = join(import.meta.dirname, 'parse-examples.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [script, folder]);
    const outcomes = Object.entries(JSON.parse(stdout) as Record<string, Record<string, string | null>>);
    expect(outcomes.length).toBeGreaterThan(40);
    for (const [id, examples] of outcomes) {
      expect(Object.keys(examples).length, id).toBeGreaterThan(0);
      for (const [example, problem] of Object.entries(examples)) expect(problem, example).toBeNull();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
