import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layerViolations } from './layers.ts';
import { scanImports } from './scan-imports.ts';

const root = new URL('../../', import.meta.url).pathname;

test('no file of core or of a plugin imports what its layer may not know, and there is no cycle', () => {
  expect(layerViolations(root)).toEqual([]);
});

describe('the checker of layers', () => {
  test('is content with a small house in order', async () => {
    await using house = await makeHouse({});
    expect(layerViolations(house.root)).toEqual([]);
  });

  test.each([
    [
      'a lower layer that imports a higher one',
      'core/host/x.ts',
      "import { a } from '../engine/a.ts';",
      'host imports engine',
    ],
    ['the same for a type', 'core/config/x.ts', "import type { A } from '../shell/a.ts';", 'config imports shell'],
    ['the same for a re-export', 'core/model/x.ts', "export * from '../config/a.ts';", 'model imports config'],
    ['the same at run time', 'core/base/x.ts', "const a = await import('../model/a.ts');", 'base imports model'],
    ['the same for a worker', 'core/base/x.ts', "workerUrl(import.meta.url, '../engine/a');", 'base imports engine'],
    [
      'host and repository, which do not know each other',
      'core/host/x.ts',
      "import '../repository/a.ts';",
      'host imports repository',
    ],
    [
      'catalog and host, which do not know each other',
      'core/catalog/x.ts',
      "import '../host/a.ts';",
      'catalog imports host',
    ],
    ['a front that is imported from below', 'core/shell/x.ts', "import '../cli/a.ts';", 'shell imports cli'],
    ['main, which nobody imports', 'core/cli/x.ts', "import '../main.ts';", 'nothing imports main.ts'],
    ['a folder that is no layer', 'core/misc/x.ts', "import '../base/a.ts';", 'lies in no layer'],
    [
      'core that reaches for a plugin',
      'core/host/x.ts',
      "import '../../plugins/targets/disk/a.ts';",
      'core leaves its folder',
    ],
    ['core that reaches for the tests', 'core/host/x.ts', "import '../../test/a.ts';", 'core leaves its folder'],
    ['kit that imports more than api', 'core/kit/x.ts', "import '../base/a.ts';", 'kit imports base'],
    ['api that imports kit', 'core/api/x.ts', "import '@holdfast/kit/a';", 'api imports kit'],
    ['api that imports a package', 'core/api/x.ts', "import 'yaml';", 'api imports nothing'],
    ['api that imports Node', 'core/api/x.ts', "import 'node:fs';", 'api imports nothing'],
    ['a package that is not declared', 'core/config/x.ts', "import 'left-pad';", 'no dependency of package.json'],
    ['a package for development only', 'core/config/x.ts', "import 'vitest';", 'no dependency of package.json'],
    [
      'a package that only the root declares',
      'core/kit/x.ts',
      "import 'yaml';",
      'no dependency of core/kit/package.json',
    ],
    [
      'a plugin that imports core',
      'plugins/targets/disk/x.ts',
      "import '../../../core/api/index.ts';",
      'leaves its folder',
    ],
    [
      'a plugin that imports core’s inside by name',
      'plugins/targets/disk/x.ts',
      "import 'holdfast';",
      'no dependency of plugins/targets/disk',
    ],
    ['a plugin that imports another plugin', 'plugins/targets/disk/x.ts', "import '../cloud/a.ts';", 'another plugin'],
    [
      'a plugin that imports another plugin by name',
      'plugins/targets/disk/x.ts',
      "import '@holdfast/target-cloud';",
      'no dependency of',
    ],
    [
      'a plugin that leaves its folder',
      'plugins/targets/disk/src/x.ts',
      "import '../../../../test/a.ts';",
      'leaves its folder',
    ],
    [
      'a plugin that reads out of its folder',
      'plugins/targets/disk/x.ts',
      "new URL('../../../package.json', import.meta.url);",
      'leaves its folder',
    ],
    ['a file that imports itself', 'core/base/x.ts', "import './x.ts';", 'a cycle: core/base/x.ts → core/base/x.ts'],
    [
      'a cycle of two',
      'core/base/b.ts',
      "import './a.ts';\nexport {};",
      'a cycle: core/base/a.ts → core/base/b.ts → core/base/a.ts',
    ],
  ])('finds %s', async (_name, file, code, fault) => {
    await using house = await makeHouse({ [file]: code });
    const violations = layerViolations(house.root);
    expect(violations).toHaveLength(1);
    expect(violations[0]).toContain(fault);
  });

  test('lets every layer know those below it, and main all of them', async () => {
    const order = ['cli', 'shell', 'engine', 'host', 'config', 'model', 'base'];
    const files = order.slice(0, -1).map((layer, at) => [`core/${layer}/x.ts`, `import '../${order[at + 1]}/a.ts';`]);
    await using house = await makeHouse({
      ...Object.fromEntries(files),
      'core/main.ts': "import './cli/a.ts'; import './repository/a.ts'; import 'yaml';",
      'core/kit/x.ts': "import type { A } from '@holdfast/api'; import 'node:fs';",
      'plugins/targets/disk/y.ts':
        "import '@holdfast/api'; import '@holdfast/kit/a'; import './a.ts'; import 'node:fs'; import 'own';",
    });
    expect(layerViolations(house.root)).toEqual([]);
  });
});

test('imports are told from what only looks like them', () => {
  const source = `
    // import 'comment';
    /* import 'comment'; */
    import first, { type B } from 'first'; // from 'comment'
    export { a as from } from "second";
    const text = 'import "text"', quoted = "it's from 'x'";
    const skeleton = \`import '\${await import('third')}' from 'text' \${{ a: \`from 'deep'\` }}\`;
    const pattern = a / b / c ? /from 'pattern'[/']/ : Array.from('call');
    import
      'fourth';
    type T = import('fifth').T;
  `;
  expect(scanImports(source)).toEqual([
    { specifier: 'first', line: 4 },
    { specifier: 'second', line: 5 },
    { specifier: 'third', line: 7 },
    { specifier: 'fourth', line: 10 },
    { specifier: 'fifth', line: 11 },
  ]);
});

/** A checkout in small: one file `a.ts` in each layer and in two plugins, and what a test adds. */
async function makeHouse(added: Readonly<Record<string, string>>): Promise<{ root: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-house-'));
  const layers = ['api', 'kit', 'base', 'model', 'config', 'host', 'repository', 'catalog', 'engine', 'shell', 'cli'];
  const files: Record<string, string> = {
    'package.json': '{ "dependencies": { "yaml": "2" }, "devDependencies": { "vitest": "5" } }',
    'core/api/package.json': '{}',
    'core/kit/package.json': '{ "dependencies": { "@holdfast/api": "1" } }',
    'core/main.ts': 'export {};',
    'core/api/index.ts': 'export {};',
    'core/base/b.ts': 'export {};',
    'test/a.ts': 'export {};',
    'plugins/targets/disk/package.json': '{ "dependencies": { "own": "1" } }',
    'plugins/targets/disk/a.ts': 'export {};',
    'plugins/targets/cloud/package.json': '{}',
    'plugins/targets/cloud/a.ts': 'export {};',
    ...Object.fromEntries(
      layers.map((layer) => [`core/${layer}/a.ts`, layer === 'base' ? "import './b.ts';" : 'export {};']),
    ),
    ...added,
  };
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return { root: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
