import type { Plain } from '@holdfast/api';

/** Arguments of a command, as its handler gets them. */
export type Arguments = Readonly<Record<string, Plain>>;

/** The text of an argument that has been checked; empty when it is absent. */
export function textOf(args: Arguments, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}

/** The text of an argument, `null` when it was not given. */
export function textOrNull(args: Arguments, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' && value !== '' ? value : null;
}

export function numberOrNull(args: Arguments, name: string): number | null {
  const value = args[name];
  return typeof value === 'number' ? value : null;
}

export function isSet(args: Arguments, name: string): boolean {
  return args[name] === true;
}

export function listOf(args: Arguments, name: string): readonly string[] {
  const value = args[name];
  return Array.isArray(value) ? value.map(String) : [];
}
