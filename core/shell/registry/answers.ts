import { type CommandDeclaration, HoldfastError, type Plain } from '@holdfast/api';
import type { Ask } from '../contract.ts';
import type { Arguments } from './argument-values.ts';
import { type Argument, argumentsOf, spell } from './arguments.ts';

function missing(command: CommandDeclaration, argument: Argument): HoldfastError {
  const words = command.id.replaceAll('.', ' ');
  const written = argument.position === null ? `--${argument.flag} ${argument.value}` : argument.value;
  return new HoldfastError('ANSWER_MISSING', `${words} needs ${spell(argument)}: ${argument.description}`, {
    remedy: `add \`${written}\`; \`holdfast ${words} --help\` shows examples`,
    facts: { argument: argument.name },
  });
}

const parsers: Readonly<Record<Argument['type'], (answer: string) => Plain>> = {
  string: (answer) => answer,
  boolean: (answer) => /^y/i.test(answer),
  integer: Number,
  number: Number,
  list: (answer) => answer.split(/[\s,]+/).filter((word) => word !== ''),
};

/**
 * Asks a person for required arguments that are absent.
 * @throws `ANSWER_MISSING` naming the first of them when there is nobody to ask.
 */
export async function completeArguments(
  command: CommandDeclaration,
  given: Arguments,
  ask: Ask | null,
): Promise<Arguments> {
  const answers: Record<string, Plain> = { ...given };
  for (const argument of argumentsOf(command)) {
    const value = answers[argument.name];
    const isAbsent = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    if (!argument.required || !isAbsent) continue;
    if (ask === null) throw missing(command, argument);
    const choices = argument.options === null ? '' : ` (${argument.options.join(', ')})`;
    const answer = await ask.text(`${argument.description}${choices}`, { secret: argument.secret });
    if (answer.trim() === '') throw missing(command, argument);
    answers[argument.name] = parsers[argument.type](answer.trim());
  }
  return answers;
}
