import { registerHooks } from 'node:module';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import { bounds } from './bounds.ts';
import { forbiddenKeys, type Located, type LocatedEntry, type Spot } from './located.ts';
import type { ParsedText } from './parse-text.ts';
import { problemAt } from './problem.ts';

/**
 * Runs a TypeScript configuration, its types stripped by Node, and takes its default export as data. The very text that trust was
 * given to is run, not the file once more; and it may import Node's own modules only, so that its hash covers all of it.
 */
export async function runTypeScript(text: string, at: Pick<Spot, 'layer' | 'place'>): Promise<ParsedText> {
  const spot = { ...at, line: 0, column: 0 };
  try {
    const module: unknown = await importText(text, at.place);
    if (typeof module !== 'object' || module === null || !('default' in module)) {
      throw new NotPlain([], 'it has no default export');
    }
    return { value: new Copy(spot).value(module.default, [], 0), problems: [] };
  } catch (error) {
    const path = error instanceof NotPlain ? error.path : [];
    return { value: null, problems: [problemAt(spot, path, reason(error))] };
  }
}

let imported = 0;

async function importText(text: string, file: string): Promise<unknown> {
  imported += 1;
  const url = `holdfast-config:${encodeURI(file)}?${imported}`;
  const hooks = registerHooks({
    resolve(specifier, context, next) {
      if (specifier === url) return { url, format: 'module-typescript', shortCircuit: true };
      if (context.parentURL === url && !specifier.startsWith('node:')) {
        throw new HoldfastError('CONFIG_INVALID', 'it may import modules of Node only, as `node:…`');
      }
      return next(specifier, context);
    },
    load(wanted, context, next) {
      if (wanted === url) return { format: 'module-typescript', source: text, shortCircuit: true };
      return next(wanted, context);
    },
  });
  try {
    return await import(/* @vite-ignore */ url);
  } finally {
    hooks.deregister();
  }
}

/** Only the kind of a stranger's error: its text may hold a secret that the code has read. */
function reason(error: unknown): string {
  if (error instanceof NotPlain || isHoldfastError(error)) return error.message;
  return `it failed to run: ${error instanceof Error ? error.name : 'it threw something that is not an error'}`;
}

class NotPlain extends Error {
  readonly path: readonly string[];
  constructor(path: readonly string[], message: string) {
    super(message);
    this.path = path;
  }
}

/** A copy of plain data, within the bounds of a file. */
class Copy {
  readonly #spot: Spot;
  #values = 0;

  constructor(spot: Spot) {
    this.#spot = spot;
  }

  value(from: unknown, path: readonly string[], depth: number): Located {
    this.#values += 1;
    if (this.#values > bounds.values) throw new NotPlain(path, `more than ${bounds.values} values`);
    if (depth > bounds.depth) throw new NotPlain(path, `more than ${bounds.depth} levels deep`);
    const spot = this.#spot;
    if (from === null || typeof from === 'string' || typeof from === 'boolean') {
      return { kind: 'scalar', value: from, spot };
    }
    if (typeof from === 'number' && Number.isFinite(from)) return { kind: 'scalar', value: from, spot };
    if (Array.isArray(from)) {
      const items = from.map((item: unknown, index) => this.value(item, [...path, String(index)], depth + 1));
      return { kind: 'list', items, spot };
    }
    if (typeof from !== 'object') throw new NotPlain(path, 'neither text, number, true, false, a list nor a map');
    const entries = new Map<string, LocatedEntry>();
    for (const [key, value] of Object.entries(from)) {
      if (forbiddenKeys.has(key)) throw new NotPlain([...path, key], `"${key}" may not be a key`);
      if (value !== undefined) entries.set(key, { key: spot, value: this.value(value, [...path, key], depth + 1) });
    }
    return { kind: 'map', entries, spot };
  }
}
