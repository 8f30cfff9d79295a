import { type CommandDeclaration, HoldfastError, type Plain } from '@holdfast/api';
import type { Arguments } from './argument-values.ts';
import { type Argument, argumentsOf, spell } from './arguments.ts';

function refuse(argument: Argument, problem: string): never {
  throw new HoldfastError('USAGE', `${spell(argument)} ${problem}`, { facts: { argument: argument.name } });
}

/** Longer texts than any argument has are not tried: a pattern of a plugin may take more than linear time. */
const mostTried = 4_096;

function checkPattern(argument: Argument, pattern: string, value: string): void {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, 'u');
  } catch {
    // What cannot be checked is not handed on.
    refuse(argument, 'cannot be checked: the pattern of its plugin is not valid');
  }
  if (value.length <= mostTried && expression.test(value)) return;
  refuse(argument, `is not written as it should be: ${JSON.stringify(value.slice(0, mostTried))}`);
}

function checkText(argument: Argument, value: unknown): string {
  if (typeof value !== 'string') refuse(argument, 'takes a text');
  if (argument.options !== null && !argument.options.includes(value)) {
    refuse(argument, `must be one of ${argument.options.join(', ')}, not ${JSON.stringify(value)}`);
  }
  if (argument.pattern !== null) checkPattern(argument, argument.pattern, value);
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
  // Names such as `constructor` are names like any other.
  return Object.fromEntries(
    known.flatMap((argument) => {
      const own = Object.hasOwn(given, argument.name) ? given[argument.name] : undefined;
      const value = own ?? argument.fallback;
      return value === undefined || value === null ? [] : [[argument.name, checkValue(argument, value)] as const];
    }),
  );
}
