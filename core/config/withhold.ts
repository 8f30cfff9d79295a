import type { Located, LocatedEntry } from './located.ts';

/** How a withheld secret reference appears in the configuration; resolving it fails with `CONFIG_UNTRUSTED`. */
export const withheldScheme = 'untrusted:';

/** A copy in which every text that would run a program (`command:…`) is marked as withheld, and how many there are. */
export function withholdCommands(node: Located): { readonly node: Located; readonly withheld: number } {
  let withheld = 0;
  const mark = (from: Located): Located => {
    if (from.kind === 'list') return { ...from, items: from.items.map(mark) };
    if (from.kind === 'map') {
      const entries = [...from.entries].map(([key, { key: spot, value }]): [string, LocatedEntry] => [
        key,
        { key: spot, value: mark(value) },
      ]);
      return { ...from, entries: new Map(entries) };
    }
    if (typeof from.value !== 'string' || !from.value.trimStart().startsWith('command:')) return from;
    withheld += 1;
    return { ...from, withheld: true };
  };
  return { node: mark(node), withheld };
}
