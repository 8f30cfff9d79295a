import type { Located, LocatedEntry, LocatedMap } from './located.ts';

/** How a withheld secret reference appears in the configuration; resolving it fails with `CONFIG_UNTRUSTED`. */
export const withheldScheme = 'untrusted:';

/** Sections that say who may do what, and who hears of it: not for a file that somebody may have planted. */
const guarded = ['server', 'approvals'];

/** A copy without the sections that guard this installation, and how many there were. */
export function withholdGuards(map: LocatedMap): { readonly map: LocatedMap; readonly withheld: number } {
  const entries = new Map([...map.entries].filter(([key]) => !guarded.includes(key)));
  return { map: { ...map, entries }, withheld: map.entries.size - entries.size };
}

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
