import { type CommandDeclaration, HoldfastError, type Plain } from '@holdfast/api';
import type { Arguments } from './argument-values.ts';
import { type Argument, argumentsOf, spell } from './arguments.ts';

function refuse(argument: Argument, problem: string): never {
  throw new HoldfastError('USAGE', `${spell(argument)} ${problem}`, { facts: { argument: argument.name } });
}

function checkText(argument: Argument, value: unknown): string {
  if (typeof value !== 'string') refuse(argument, 'takes a text');
  if (argument.options !== null && !argument.options.includes(value)) {
    refuse(argument, `must be one of ${argument.options.join(', ')}, not ${JSON.stringify(value)}`);
  }
  if (argument.pattern !== null && !new RegExp(argument.pattern, 'u').test(value)) {
    refuse(argument, `is not written as it should be: ${JSON.stringify(value)}`);
  }
  return value;
}

function checkNumber(argument: Argument, value: unknown): number {
  if (typeof value !== 'number' || Number.isNaN(value)) refuse(argument, 'takes a number');
  if (argument.type === 'integer' && !Number.isSafeInteger(value)) refuse(argument, 'takes a whole number');
  if (argument.minimum !== null && value < argument.minimum) refuse(argument, `must be at least ${argument.minimum}`);
  if (argument.maximum !== null && value > argument.maximum) refuse(argument, `must be at most ${argument.maximum}`);
  return value;
}

function checkValue(argument: Argument, value: Plain): Plain {
  switch (argument.type) {
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse(argument, 'is either there or not');
    case 'integer':
    case 'number':
      return checkNumber(argument, value);
    case 'list':
      return Array.isArray(value) ? value.map((item) => checkText(argument, item)) : refuse(argument, 'takes a list');
    case 'string':
      return checkText(argument, value);
  }
}

/**
 * Checks arguments against a command's schema and fills its defaults in. Arguments that are required and absent are left to the asking.
 * @throws `USAGE` naming the argument as it is written on a command line.
 */
export function checkArguments(command: CommandDeclaration, given: Arguments): Arguments {
  const known = argumentsOf(command);
  const extra = Object.keys(given).find((name) => !known.some((argument) => argument.name === name));
  if (extra !== undefined) throw new HoldfastError('USAGE', `${command.id} has no argument named ${extra}`);
  const checked: Record<string, Plain> = {};
  for (const argument of known) {
    const value = given[argument.name] ?? argument.fallback;
    if (value !== undefined && value !== null) checked[argument.name] = checkValue(argument, value);
  }
  return checked;
}
