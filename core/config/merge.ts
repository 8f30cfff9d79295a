import { child, type Located, type LocatedEntry, type LocatedMap } from './located.ts';

/** Sections whose entries are named by the administrator and name a contribution with `use`. */
export const instanceSections = ['endpoints', 'targets', 'notifiers'] as const;
export type InstanceSection = (typeof instanceSections)[number];

/**
 * Lays one source over another: maps are joined key by key, everything else is replaced whole. An endpoint, target or
 * notifier that says `use` anew is replaced whole as well: the settings of another plugin would mean nothing to it.
 */
export function merge(under: LocatedMap, over: LocatedMap): LocatedMap {
  return mergeMaps(under, over, []);
}

function mergeMaps(under: LocatedMap, over: LocatedMap, path: readonly string[]): LocatedMap {
  const entries = new Map<string, LocatedEntry>(under.entries);
  for (const [key, entry] of over.entries) {
    const below = under.entries.get(key);
    entries.set(key, below === undefined ? entry : mergeEntries(below, entry, [...path, key]));
  }
  return { kind: 'map', entries, spot: over.spot };
}

function mergeEntries(below: LocatedEntry, above: LocatedEntry, path: readonly string[]): LocatedEntry {
  // A section with nothing in it is `null` in YAML: it takes nothing away.
  if (path.length === 1 && isNothing(above.value)) return below;
  if (below.value.kind !== 'map' || above.value.kind !== 'map') return above;
  if (path.length === 2 && isInstanceSection(path[0]) && changesUse(below.value, above.value)) return above;
  return { key: above.key, value: mergeMaps(below.value, above.value, path) };
}

export function isInstanceSection(name: string | undefined): name is InstanceSection {
  return instanceSections.some((section) => section === name);
}

function isNothing(node: Located): boolean {
  return node.kind === 'scalar' && node.value === null;
}

function changesUse(under: LocatedMap, over: LocatedMap): boolean {
  const above = child(over, 'use');
  const below = child(under, 'use');
  return above?.kind === 'scalar' && below?.kind === 'scalar' && above.value !== below.value;
}
