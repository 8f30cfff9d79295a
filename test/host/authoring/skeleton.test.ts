import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { questionsOf } from '@holdfast/api';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkPlugin } from '../../../core/host/authoring/check-plugin.ts';
import { newPlugin } from '../../../core/host/authoring/new-plugin.ts';
import { testPlugin } from '../../../core/host/authoring/test-plugin.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-authoring-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

for (const kind of ['target', 'hypervisor', 'technique', 'notifier'] as const) {
  test(`a new ${kind} works as it stands: it is valid and passes the conformance kit on both sides`, {
    timeout: 240_000,
  }, async () => {
    const folder = join(root, 'my plugin');
    const made = newPlugin(kind, `@acme/${kind}-my-own`, folder);
    expect(made.id).toBe('my-own');
    expect(checkPlugin(folder)).toMatchObject({ problems: [], manifest: { name: `@acme/${kind}-my-own` } });
    const report = await testPlugin(folder, { manyObjects: 300 });
    const sides = report.contributions.flatMap((one) => [one.inProcess, one.acrossWorker, one.afterCrash]);
    const results = [...sides, report.own].flatMap((side) => side.results);
    expect(results.filter((result) => !result.ok).map(({ name, failure }) => `${name}: ${failure}`)).toEqual([]);
    expect(report).toMatchObject({ ok: true, contributions: [{ differences: [] }] });
    expect(results.length).toBeGreaterThan(10);
  });
}

test('the skeletons are well typed against the host’s copy of the API', { timeout: 120_000 }, () => {
  const tsc = join(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
  for (const kind of ['target', 'hypervisor', 'technique', 'notifier'] as const) {
    const { folder } = newPlugin(kind, `acme-${kind}`, join(root, kind));
    execFileSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' });
  }
});

test('the sheet of a skeleton asks every question of its kind in words', () => {
  for (const [kind, families] of [
    ['hypervisor', ['movement', 'snapshot']],
    ['target', ['target']],
  ] as const) {
    const { folder } = newPlugin(kind, `acme-${kind}`, join(root, kind));
    const text = readFileSync(join(folder, 'answers.json'), 'utf8');
    for (const { id, question } of questionsOf(families)) {
      expect(JSON.parse(text)).toHaveProperty(id);
      expect(text).toContain(JSON.stringify(question).slice(1, -1));
    }
  }
});

test('a skeleton is never written over something, nor under a name that npm would refuse', () => {
  writeFileSync(join(root, 'mine'), 'precious');
  expect(() => newPlugin('target', 'acme', root)).toThrowError(expect.objectContaining({ code: 'NAME_TAKEN' }));
  for (const name of ['', 'A', '../x', '@acme', 'a b', '__proto__', 'x'.repeat(200)]) {
    expect(() => newPlugin('target', name, join(root, 'new')), name).toThrowError(
      expect.objectContaining({ code: 'NAME_INVALID' }),
    );
  }
  expect(readFileSync(join(root, 'mine'), 'utf8')).toBe('precious');
});
