import type { ConfigProblem } from '../contract.ts';
import type { Located, LocatedEntry, LocatedMap, PlainValue, Spot } from '../located.ts';
import { nearest } from '../nearest.ts';
import { problemAt } from '../problem.ts';
import { visible } from '../visible.ts';
import { most, policyBounds } from './bounds.ts';

/** A value and where it stands: its keys from the top. */
export interface Placed {
  readonly node: Located;
  readonly path: readonly string[];
}

const namePattern = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Reads located values and gathers all that is wrong with them. Each method answers `null` where it has refused something. */
export class Reader {
  readonly problems: ConfigProblem[] = [];

  refuse(spot: Spot, path: readonly string[], message: string, near?: string): null {
    if (this.problems.length < policyBounds.problems) this.problems.push(problemAt(spot, path, message, near));
    return null;
  }

  /** The entries of a map, by key; keys that are not known are refused with the nearest one. A `null` of YAML is an empty map. */
  map({ node, path }: Placed, known: readonly string[]): Fields | null {
    const entries = this.entries({ node, path });
    if (entries === null) return null;
    const fields: Fields = new Map();
    for (const [key, entry] of entries) {
      const keyPath = [...path, key];
      if (known.includes(key)) fields.set(key, { node: entry.value, path: keyPath, key: entry.key });
      else if (key === '<<')
        this.refuse(
          entry.key,
          keyPath,
          'merge keys are not read: write the keys out, or use an alias for a whole value',
        );
      else {
        const near = nearest(key, known);
        const hint = near === undefined ? `known here: ${known.join(', ')}` : `the nearest one is "${near}"`;
        this.refuse(entry.key, keyPath, `unknown key "${visible(key)}", ${hint}`, near);
      }
    }
    return fields;
  }

  entries({ node, path }: Placed): LocatedMap['entries'] | null {
    if (node.kind === 'map') return node.entries;
    if (node.kind === 'scalar' && node.value === null) return new Map();
    return this.refuse(node.spot, path, `must be a map of settings, and is ${kindOf(node)}`);
  }

  /** Things by name: names are checked, and how many there are. */
  named(
    placed: Placed,
    what: string,
    limit: number,
  ): readonly (Placed & { readonly name: string; readonly key: Spot })[] {
    const entries = this.entries(placed);
    if (entries === null) return [];
    if (entries.size > limit) {
      this.refuse(placed.node.spot, placed.path, `has ${entries.size} ${what}, and at most ${limit} are read`);
      return [];
    }
    return [...entries].flatMap(([name, { key, value }]: [string, LocatedEntry]) => {
      const path = [...placed.path, name];
      if (namePattern.test(name)) return [{ name, key, node: value, path }];
      this.refuse(
        key,
        path,
        name === '<<'
          ? 'merge keys are not read: write the keys out, or use an alias for a whole value'
          : 'a name is made of a–z, 0–9 and "-", begins with a letter or digit and has at most 63 characters',
      );
      return [];
    });
  }

  text({ node, path }: Placed, what: string): string | null {
    if (node.kind !== 'scalar' || typeof node.value !== 'string')
      return this.refuse(node.spot, path, `must be ${what}, and is ${kindOf(node)}${quoteHint(node)}`);
    const value = node.value.trim();
    if (value === '') return this.refuse(node.spot, path, `must be ${what}, and is empty`);
    if (value.length > most.word) return this.refuse(node.spot, path, `is longer than ${most.word} characters`);
    return value;
  }

  /** A list, or the one thing in its place. */
  list({ node, path }: Placed, limit: number): readonly Placed[] {
    if (node.kind !== 'list') return [{ node, path }];
    if (node.items.length > limit) {
      this.refuse(node.spot, path, `has ${node.items.length} entries, and at most ${limit} are read`);
      return [];
    }
    return node.items.map((item, index) => ({ node: item, path: [...path, String(index)] }));
  }

  texts(placed: Placed, what: string): readonly string[] {
    const read = this.list(placed, most.words).flatMap((item) => this.text(item, what) ?? []);
    if (placed.node.kind === 'list' && placed.node.items.length === 0)
      this.refuse(placed.node.spot, placed.path, 'is an empty list: name something, or leave the key out');
    return [...new Set(read)];
  }

  flag({ node, path }: Placed, otherwise: boolean): boolean {
    if (node.kind === 'scalar' && typeof node.value === 'boolean') return node.value;
    this.refuse(node.spot, path, `must be true or false, and is ${kindOf(node)}`);
    return otherwise;
  }

  count({ node, path }: Placed): number | null {
    if (node.kind === 'scalar' && typeof node.value === 'number' && Number.isInteger(node.value))
      if (node.value >= 0 && node.value <= most.count) return node.value;
    return this.refuse(node.spot, path, `must be a whole number from 0 to ${most.count}`);
  }
}

/** What was read of a map, by key. */
export type Fields = Map<string, Placed & { readonly key: Spot }>;

export function kindOf(node: Located): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.value === null) return 'empty';
  if (typeof node.value === 'string') return 'text';
  return typeof node.value === 'number' ? 'a number' : 'true or false';
}

const quoteHint = (node: Located): string =>
  node.kind === 'scalar' && (typeof node.value === 'number' || typeof node.value === 'boolean')
    ? ': put it in quotes'
    : '';

/** A plain value whose maps are ordinary objects. */
export function ordinary(value: PlainValue): PlainValue {
  if (Array.isArray(value)) return value.map(ordinary);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, ordinary(inner)]));
}
