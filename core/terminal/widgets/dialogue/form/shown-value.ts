import type { Plain } from '@holdfast/api';

/** A value as it is typed. Lists are joined; what has no form of its own is JSON. */
export function typedForm(value: Plain): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value.join(', ');
  if (typeof value === 'object') return JSON.stringify(value) ?? '';
  return String(value);
}
