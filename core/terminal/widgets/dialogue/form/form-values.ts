import type { Plain } from '@holdfast/api';
import type { FormRow } from './form-row.ts';

/** What the fields hold, by name; properties of objects in objects. What is empty is left out. */
export function gather(rows: readonly FormRow[]): Record<string, Plain> {
  const values: [string, Plain][] = [];
  const groups = new Map<string, [string, Plain][]>();
  for (const { spec, value } of rows) {
    const [first = '', second] = spec.path;
    if (value === undefined) continue;
    if (second === undefined) {
      values.push([first, value]);
      continue;
    }
    let group = groups.get(first);
    if (group === undefined) {
      group = [];
      groups.set(first, group);
    }
    group.push([second, value]);
  }
  for (const [name, group] of groups) values.push([name, Object.fromEntries(group)]);
  // Names may be any, `__proto__` among them: they become properties like all others.
  return Object.fromEntries(values);
}

/** Whether a field has to be filled in: required, and in an object that is itself required or has been begun. */
export function isNeeded(row: FormRow, rows: readonly FormRow[]): boolean {
  const { spec } = row;
  const { required, fallback } = spec.argument;
  const hasDefault = fallback !== undefined && !(Array.isArray(fallback) && fallback.length === 0);
  if (!required || hasDefault) return false;
  if (spec.group === null || spec.isGroupRequired) return true;
  return rows.some((other) => other.spec.group !== null && other.spec.path[0] === spec.path[0] && !other.isEmpty);
}
