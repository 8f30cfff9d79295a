import type { Plain } from '@holdfast/api';

/** The strings among what an earlier process wrote down, by key; what is of another kind is left out. */
export function readStrings<K extends string>(state: Plain, keys: readonly K[]): Partial<Record<K, string>> {
  const read: Partial<Record<K, string>> = {};
  if (typeof state !== 'object' || state === null) return read;
  for (const key of keys) {
    const value: unknown = Object.hasOwn(state, key) ? Reflect.get(state, key) : undefined;
    if (typeof value === 'string') read[key] = value;
  }
  return read;
}
