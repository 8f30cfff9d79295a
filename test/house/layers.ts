import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, normalize, relative } from 'node:path';
import { findCycles } from './cycles.ts';
import { scanImports } from './scan-imports.ts';

/** How high a layer stands: it imports only what stands lower. Layers of one height do not know each other. */
export const heights: Readonly<Record<string, number>> = {
  terminal: 8,
  server: 8,
  cli: 8,
  shell: 7,
  engine: 6,
  host: 5,
  repository: 5,
  catalog: 5,
  config: 4,
  model: 3,
  base: 2,
  kit: 1,
  api: 0,
};

/**
 * Everything in a checkout that breaks the rules of its layers, as `FILE:LINE: what`, in order.
 * @param root Folder that holds `core`, `plugins` and the root's `package.json`.
 */
export function layerViolations(root: string): string[] {
  const files = globSync(['core/**/*.ts', 'plugins/**/*.ts'], { cwd: root, exclude: ['**/node_modules'] }).toSorted();
  const violations: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of files) {
    const edges: string[] = [];
    graph.set(file, edges);
    for (const { specifier, line } of scanImports(readFileSync(join(root, file), 'utf8'))) {
      const to = resolveImport(root, file, specifier);
      if (to.kind === 'file') edges.push(to.path);
      const fault = judge(root, file, to, specifier);
      if (fault !== null) violations.push(`${file}:${line}: ${fault}`);
    }
  }
  for (const cycle of findCycles(graph)) violations.push(`${cycle[0]}: a cycle: ${cycle.join(' → ')}`);
  return violations;
}

type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'node' }
  | { readonly kind: 'package'; readonly name: string };

function resolveImport(root: string, file: string, specifier: string): Target {
  if (specifier.startsWith('.')) return onDisk(root, normalize(join(dirname(file), specifier)));
  if (specifier.startsWith('node:') || builtinModules.includes(specifier)) return { kind: 'node' };
  const [first = '', second = ''] = specifier.split('/');
  const name = specifier.startsWith('@') ? `${first}/${second}` : first;
  if (name === '@holdfast/api' || name === '@holdfast/kit') {
    const inside = specifier.slice(name.length + 1);
    const folder = name.replace('@holdfast', 'core');
    if (inside === 'testing') return onDisk(root, `${folder}/testing/index.ts`);
    return onDisk(root, inside === '' ? `${folder}/index.ts` : `${folder}/${inside}.ts`);
  }
  return { kind: 'package', name };
}

function onDisk(root: string, path: string): Target {
  const candidates = [path, `${path}.ts`];
  const found = candidates.find(
    (candidate) => existsSync(join(root, candidate)) && statSync(join(root, candidate)).isFile(),
  );
  return found === undefined ? { kind: 'missing', path } : { kind: 'file', path: found };
}

/** What is wrong with one import, or nothing. */
function judge(root: string, file: string, to: Target, specifier: string): string | null {
  if (to.kind === 'node')
    return file.startsWith('core/api/') && !isTestKit(file) ? `api imports nothing, not "${specifier}"` : null;
  if (to.kind === 'package') return judgePackage(root, file, to.name);
  // Only TypeScript is imported; what is missing there is the type checker's to say. Other files are read as data.
  const plugin = pluginOf(file);
  if (plugin !== null) return judgePlugin(plugin, to.path, specifier);
  return judgeCore(file, to.path);
}

function judgePlugin(plugin: string, to: string, specifier: string): string | null {
  if (to.startsWith(`${plugin}/`)) return null;
  if (!specifier.startsWith('.')) return null;
  return pluginOf(to) === null ? `a plugin leaves its folder for ${to}` : `a plugin imports another plugin: ${to}`;
}

function judgeCore(file: string, to: string): string | null {
  const from = layerOf(file);
  const onto = layerOf(to);
  if (file === 'core/main.ts' || from === onto) return null;
  if (to === 'core/main.ts') return 'nothing imports main.ts';
  if (!to.startsWith('core/')) return `core leaves its folder for ${to}`;
  const height = heights[from];
  const below = heights[onto];
  if (height === undefined) return `${file} lies in no layer`;
  if (below === undefined) return `${to} lies in no layer`;
  return below < height ? null : `${from} imports ${onto}, which does not stand below it`;
}

/** A package must be declared by whoever imports it: the root for core, the workspace for api, kit and plugins. */
function judgePackage(root: string, file: string, name: string): string | null {
  const plugin = pluginOf(file);
  const layer = layerOf(file);
  if (layer === 'api') return `api imports nothing, not "${name}"`;
  const owner = plugin ?? (layer === 'kit' ? 'core/kit' : '.');
  const manifest: unknown = JSON.parse(readFileSync(join(root, owner, 'package.json'), 'utf8'));
  const declared = [field(manifest, 'dependencies'), field(manifest, 'optionalDependencies')];
  if (declared.some((dependencies) => field(dependencies, name) !== undefined)) return null;
  return `"${name}" is no dependency of ${relative(root, join(root, owner, 'package.json'))}`;
}

function field(of: unknown, key: string): unknown {
  return typeof of === 'object' && of !== null && Object.hasOwn(of, key) ? Reflect.get(of, key) : undefined;
}

function layerOf(file: string): string {
  return file.startsWith('core/') ? (file.split('/')[1] ?? '') : '';
}

/** `plugins/<kind>/<name>` of a file that lies in one. */
function pluginOf(file: string): string | null {
  const parts = file.split('/');
  return parts[0] === 'plugins' && parts.length > 3 ? parts.slice(0, 3).join('/') : null;
}

/** The conformance suites need Node; the contract does not. */
function isTestKit(file: string): boolean {
  return file.startsWith('core/api/testing/');
}
