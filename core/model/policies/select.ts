import type { Policy, Selectable, Selector } from './contract.ts';
import { matchesFolder, matchesGlob } from './glob.ts';

/** Whether a selector lets a machine pass: each of its lists that is not empty does, and `except` does not name it. @see docs/formats/policies.md */
export function selects(selector: Selector, { endpoint, machine }: Selectable): boolean {
  const { endpoints, names, tags, folders, except } = selector;
  if (endpoints.length > 0 && !endpoints.includes(endpoint)) return false;
  if (tags.length > 0 && !machine.tags.some((tag) => tags.includes(tag))) return false;
  const isNamed = (pattern: string): boolean => pattern === machine.id || matchesGlob(pattern, machine.name);
  if (names.length > 0 && !names.some(isNamed)) return false;
  const folder = machine.folder ?? machine.place;
  if (folders.length > 0 && !folders.some((pattern) => matchesFolder(pattern, folder))) return false;
  return !except.some(isNamed);
}

/** Policies that run something for a machine: those that select it and are not paused. */
export function protecting(policies: readonly Policy[], machine: Selectable): readonly Policy[] {
  return policies.filter(({ isPaused, protect }) => !isPaused && selects(protect, machine));
}

/** The strictest of the objectives of policies; `null` where none says. */
export function strictest(policies: readonly Policy[]): {
  readonly rpoMs: number | null;
  readonly rtoMs: number | null;
} {
  const least = (of: (policy: Policy) => number | null): number | null =>
    policies.reduce<number | null>((least, policy) => {
      const ms = of(policy);
      return ms === null ? least : least === null ? ms : Math.min(least, ms);
    }, null);
  return { rpoMs: least(({ objective }) => objective.rpoMs), rtoMs: least(({ objective }) => objective.rtoMs) };
}
