/**
 * Builds `dist/` for the npm package: JavaScript for core and the shipped plugins, because Node strips no types under
 * `node_modules`. A checkout never needs this. Run by `npm pack` (prepack).
 */
import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
process.chdir(root);

/** Where an import of the host's own packages leads in the built tree. */
function builtPath(specifier: string): string | null {
  if (specifier === '@holdfast/api') return 'core/api/index.js';
  if (specifier === '@holdfast/api/testing') return 'core/api/testing/index.js';
  if (specifier.startsWith('@holdfast/kit/')) return `core/kit/${specifier.slice('@holdfast/kit/'.length)}.js`;
  return null;
}

/** Makes imports of the host's own packages relative: the package carries one copy of each. */
function rewriteImports(file: string): void {
  const text = readFileSync(file, 'utf8');
  const changed = text.replace(
    /(\bfrom\s*|\bimport\s*\(\s*|\bimport\s+)'(@holdfast\/[^']+)'/g,
    (whole, before, specifier) => {
      const target = builtPath(specifier);
      if (target === null) return whole;
      const path = relative(dirname(file), join(dist, target));
      return `${before}'${path.startsWith('.') ? path : `./${path}`}'`;
    },
  );
  if (changed !== text) writeFileSync(file, changed);
}

/** Copies what is read at run time as data; a manifest's `.ts` entry points become `.js`. */
function copyData(file: string): void {
  const to = join(dist, file);
  mkdirSync(dirname(to), { recursive: true });
  if (file.endsWith('package.json')) {
    writeFileSync(to, readFileSync(file, 'utf8').replaceAll('.ts"', '.js"'));
  } else {
    cpSync(file, to);
  }
}

rmSync(dist, { recursive: true, force: true });
execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
});
for (const file of globSync('dist/**/*.{js,d.ts}')) rewriteImports(join(root, file));
const data = globSync('{core,plugins}/**/*.{json,sql,txt,md,sh}', {
  exclude: (name) => String(name).includes('node_modules'),
});
for (const file of data) copyData(file);
console.log(`dist: ${globSync('dist/**/*.js').length} modules, ${data.length} data files`);
