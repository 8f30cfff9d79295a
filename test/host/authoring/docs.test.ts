import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testPlugin } from '../../../core/host/authoring/test-plugin.ts';

test('the target of the page for plugin authors, typed off as it stands, passes the conformance kit', {
  timeout: 240_000,
}, async () => {
  const page = readFileSync(new URL('../../../docs/plugin-authors.md', import.meta.url), 'utf8');
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-'));
  try {
    const files = [...page.matchAll(/^```\w+ file=(\S+)\n(.*?)^```$/gms)];
    expect(files.map(([, name]) => name)).toEqual([
      'package.json',
      'settings.schema.json',
      'plugin.ts',
      'answers.json',
      'conformance.ts',
    ]);
    for (const [, name = '', text = ''] of files) writeFileSync(join(folder, name), text);
    const report = await testPlugin(folder);
    const results = report.contributions.flatMap((one) => [...one.inProcess.results, ...one.acrossWorker.results]);
    expect(report.problems).toEqual([]);
    expect(results.filter((result) => !result.ok).map(({ name, failure }) => `${name}: ${failure}`)).toEqual([]);
    expect(results.length).toBeGreaterThan(40);
    expect(report.ok).toBe(true);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
