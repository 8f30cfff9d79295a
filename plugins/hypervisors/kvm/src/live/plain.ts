import type { Plain } from '@holdfast/api';

/** A member of an object in an answer from outside; `undefined` when there is none, or the answer is no object. */
export function member(value: Plain, ...path: readonly string[]): Plain {
  let at: Plain = value;
  for (const key of path) {
    if (typeof at !== 'object' || at === null || Array.isArray(at) || at instanceof Uint8Array) return undefined;
    at = Object.hasOwn(at, key) ? (at as { readonly [key: string]: Plain })[key] : undefined;
  }
  return at;
}

export const listOf = (value: Plain): readonly Plain[] => (Array.isArray(value) ? (value as readonly Plain[]) : []);

export const textOf = (value: Plain): string => (typeof value === 'string' ? value : '');

/** A whole number that is not negative, or 0. */
export const sizeOf = (value: Plain): number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0;
