import { defaultSlots } from '../deps.ts';

/** How many of a slot there are: as configured for the very name, or for its kind (what stands before the colon); the same as runs go by. */
export function capacityIn(slots: Readonly<Record<string, number>>): (name: string) => number {
  const known = new Map<string, number>();
  const find = (name: string): number => {
    const kind = name.slice(0, Math.max(0, name.indexOf(':')));
    for (const key of [name, kind]) if (Object.hasOwn(slots, key)) return slots[key] ?? defaultSlots;
    return defaultSlots;
  };
  return (name) => {
    let capacity = known.get(name);
    if (capacity === undefined) {
      capacity = find(name);
      known.set(name, capacity);
    }
    return capacity;
  };
}
