import { createHash } from 'node:crypto';

const maxLength = 80;
const notPlain = /[^\p{L}\p{M}\p{N}._-]+/gu;
/** Names that mean a device to Windows, where files are often copied to. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * Any name as a file name that nothing takes for a path, an option, a hidden file, a pattern or a device: letters, digits, `.`, `_`, `-`, at most
 * 80 characters.
 */
export function safeName(name: string): string {
  const letters = Array.from(name.normalize('NFC').replaceAll(notPlain, '_')).slice(0, maxLength).join('');
  const open = letters.replace(/\.+$/, '_').replace(/^(?=[.-]|\p{M})/u, '_');
  return open === '' || device.test(open) ? `_${open}` : open;
}

/** Something to be named: each name is longer and more telling than the one before, the last is unique. */
export interface Nameable<T> {
  readonly thing: T;
  readonly names: readonly [string, ...string[]];
}

/** Names of things in one folder. */
export interface Names<T> {
  /** Each thing once, under the shortest of its names that is no other's, in order of name. */
  readonly listed: readonly { readonly name: string; readonly thing: T }[];
  /** By any of its names that is no other's: a long one stays right when another thing takes the short one. */
  find(name: string): T | null;
}

/** Names all things apart, also for those who do not tell small letters from capitals. */
export function namesOf<T>(things: readonly Nameable<T>[]): Names<T> {
  const uses = new Map<string, number>();
  for (const { names } of things) {
    for (const key of new Set(names.map(keyOf))) uses.set(key, (uses.get(key) ?? 0) + 1);
  }
  const isOwn = (name: string): boolean => uses.get(keyOf(name)) === 1;
  const byName = new Map<string, T>();
  const listed = things.map(({ thing, names }) => {
    for (const name of names) if (isOwn(name)) byName.set(name, thing);
    const name = names.find(isOwn) ?? names.at(-1) ?? names[0];
    return { name, thing };
  });
  return {
    listed: listed.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)),
    find: (name) => byName.get(name) ?? null,
  };
}

const keyOf = (name: string): string => name.normalize('NFC').toLowerCase();

/** Eight hexadecimal digits that stand for an identity. */
export const shortHash = (...identity: readonly string[]): string =>
  createHash('sha256').update(identity.join('\0')).digest('hex').slice(0, 8);
