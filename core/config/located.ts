import type { Origin } from './contract.ts';

/** Where something stands in a source. Line and column count from 1; both are 0 in a source that has no lines. */
export interface Spot {
  readonly layer: Origin['layer'];
  /** The file, or the environment variable. */
  readonly place: string;
  readonly line: number;
  readonly column: number;
}

/** A value of the configuration that knows where it was written. */
export type Located = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly spot: Spot;
  /** It would run a program and stands in a file that is not trusted. */
  readonly withheld?: true;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly items: readonly Located[];
  readonly spot: Spot;
}

/** Keys in their order. A `Map`, so that no key can reach a prototype. */
export interface LocatedMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, LocatedEntry>;
  readonly spot: Spot;
}

export interface LocatedEntry {
  /** Where the key stands. */
  readonly key: Spot;
  readonly value: Located;
}

/** Keys that would change an object's prototype in careless code further on; they are refused everywhere. */
export const forbiddenKeys: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** A plain value: objects have no prototype. */
export type PlainValue = string | number | boolean | null | PlainValue[] | { [key: string]: PlainValue };

export function toPlain(node: Located): PlainValue {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(toPlain);
  const plain: { [key: string]: PlainValue } = Object.create(null);
  for (const [key, entry] of node.entries) plain[key] = toPlain(entry.value);
  return plain;
}

export function emptyMap(spot: Spot): LocatedMap {
  return { kind: 'map', entries: new Map(), spot };
}

/** The value under a key, or nothing where there is no map or no such key. */
export function child(node: Located | undefined, key: string): Located | undefined {
  return node?.kind === 'map' ? node.entries.get(key)?.value : undefined;
}
