import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Where the declarations that were agreed on are kept. */
export const snapshotFile = join(import.meta.dirname, 'snapshot.d.ts');

/** The declarations of the API and its test kit as the compiler writes them, one file after the other. */
export function apiDeclarations(): string {
  const out = mkdtempSync(join(tmpdir(), 'holdfast-api-'));
  try {
    const options = '--declaration --emitDeclarationOnly --noEmit false --allowImportingTsExtensions --target es2024';
    const modules = '--module nodenext --types node --strict --exactOptionalPropertyTypes --skipLibCheck';
    const lib = '--lib es2024,esnext.disposable,esnext.iterator,esnext.array';
    const entries = [join(root, 'core/api/index.ts'), join(root, 'core/api/testing/index.ts')];
    const args = `${options} ${modules} ${lib} --ignoreConfig --rootDir ${root}/core/api --outDir ${out}`.split(' ');
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    // What does not compile is declared all the same: `tsc --noEmit` tells of errors, this tells of changes.
    spawnSync(process.execPath, [tsc, ...args, ...entries], { cwd: root });
    const files = globSync('**/*.d.ts', { cwd: out }).toSorted();
    return files.map((file) => `// ${file}\n${readFileSync(join(out, file), 'utf8').trim()}\n`).join('\n');
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}
