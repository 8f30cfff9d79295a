import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { heights } from './layers.ts';

const root = new URL('../../', import.meta.url).pathname;

test('Biome refuses an import of a layer that does not stand below, and no other', async () => {
  const layers = Object.keys(heights);
  const files: Record<string, string> = {};
  const refused = new Set<string>();
  for (const from of layers) {
    for (const onto of layers) {
      const file = `core/${from}/deep/${onto}.ts`;
      files[file] = from === onto ? "import '../own.ts';" : `import '../../${onto}/a.ts';`;
      if (from !== onto && (heights[onto] ?? 0) >= (heights[from] ?? 0)) refused.add(file);
    }
    files[`core/${from}/main.ts`] = `import '../main.ts';`;
    refused.add(`core/${from}/main.ts`);
  }
  const inPlugin = (name: string, code: string, isRefused: boolean) => {
    const file = `plugins/targets/disk/src/${name}.ts`;
    files[file] = code;
    if (isRefused) refused.add(file);
  };
  inPlugin('api', "import type { Call } from '@holdfast/api';", false);
  inPlugin('testing', "import '@holdfast/api/testing';", false);
  inPlugin('kit', "import '@holdfast/kit/disk/reader';", false);
  inPlugin('own', "import './own.ts'; import '../own.ts'; import 'own';", false);
  inPlugin('core', "export * from '../../../../core/api/index.ts';", true);
  inPlugin('whole', "import 'holdfast';", true);
  inPlugin('other', "const other = await import('@holdfast/target-cloud');", true);
  inPlugin('sibling', "import '../../../hypervisors/kvm/a.ts';", true);
  files['core/main.ts'] = "import './cli/a.ts'; import './engine/a.ts';";
  expect(await refusedByBiome(files)).toEqual([...refused].toSorted());
});

async function refusedByBiome(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-biome-'));
  try {
    for (const name of ['biome.json', 'biome.layers.json']) await copyFile(join(root, name), join(folder, name));
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    const output = await lint(folder);
    const found = output.matchAll(/title=lint\/style\/noRestrictedImports,file=([^,]+),/g);
    return [...new Set([...found].map(([, file = '']) => file.replace(`${folder}/`, '')))].toSorted();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What Biome prints; it ends with 1 when it finds something. */
async function lint(folder: string): Promise<string> {
  const biome = join(root, 'node_modules/.bin/biome');
  const args = ['lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none', '.'];
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile(biome, args, { cwd: folder, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
    if (error !== null && error.code !== 1) reject(new Error(stderr));
    else resolve(stdout);
  });
  return await promise;
}
