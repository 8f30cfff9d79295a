import type { Plain } from '@holdfast/api';
import type { ShellCommand } from '../../../../shell/contract.ts';
import { argumentsOf } from '../../../../shell/registry/arguments.ts';
import type { Fields } from '../reading.ts';

const isEmpty = (value: Plain): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const same = (a: Plain, b: Plain): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What a form holds, as a command takes it: what is empty, not the command's, or as it is by default is left out. */
export function givenBy(command: ShellCommand, values: Fields): Fields {
  const given: Record<string, Plain> = {};
  for (const { name, type, fallback, required } of argumentsOf(command)) {
    const value = values[name];
    if (isEmpty(value) || (!required && same(value, fallback ?? (type === 'boolean' ? false : undefined)))) continue;
    given[name] = value;
  }
  return given;
}

/** The same without what nobody may read over a shoulder. */
export function withoutSecrets(command: ShellCommand, args: Fields): Fields {
  const secrets = new Set(argumentsOf(command).flatMap(({ name, secret }) => (secret ? [name] : [])));
  return Object.fromEntries(Object.entries(args).filter(([name]) => !secrets.has(name)));
}
