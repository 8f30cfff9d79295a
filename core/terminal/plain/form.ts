import { isHoldfastError, type Plain } from '@holdfast/api';
import type { ShellCommand } from '../../shell/contract.ts';
import type { Choice } from '../../shell/desk/contract.ts';
import { type Argument, argumentsOf } from '../../shell/registry/arguments.ts';
import { checkArguments } from '../../shell/registry/check-arguments.ts';
import { choiceTitle } from '../workbench/flows/choice-title.ts';
import { troubleOf } from '../workbench/flows/trouble.ts';
import { choose } from './menu.ts';
import type { Session } from './session.ts';

type Given = Readonly<Record<string, Plain>>;

const done = Symbol('done');

/** What nobody should leave as it is by accident: a restore begins with the point in time. */
const askedAnyway: Readonly<Record<string, readonly string[]>> = { 'restore.machine': ['at'] };

const isEmpty = (value: Plain): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

const worded = (value: Plain): string => (Array.isArray(value) ? value.join(', ') : String(value));

function parse(argument: Argument, typed: string): Plain {
  switch (argument.type) {
    case 'integer':
    case 'number':
      return typed === '' ? undefined : Number(typed);
    case 'boolean':
      return /^y(es)?$/i.test(typed);
    case 'list':
      return typed
        .split(',')
        .map((word) => word.trim())
        .filter((word) => word !== '');
    case 'string':
      return typed;
  }
}

/** What may be answered: of the schema, of what plugins offer right now, or of what there is. */
async function choicesOf(session: Session, command: ShellCommand, argument: Argument, given: Given) {
  const asked = await session.desk.choices(command.id, argument.name, given).catch(() => []);
  if (asked.length > 0 || argument.options === null) return asked;
  return argument.options.map((value): Choice => ({ value, title: value, refused: null }));
}

const item = (choice: Choice) => ({ value: choice.value, refused: choice.refused, title: choiceTitle(choice) });

/** A list, one after the other: after each the choices are asked for anew, for what fits depends on what was chosen before. */
async function askList(session: Session, command: ShellCommand, argument: Argument, given: Given): Promise<Plain> {
  const chosen: string[] = [];
  for (;;) {
    const choices = await choicesOf(session, command, argument, { ...given, [argument.name]: [...chosen] });
    if (choices.length === 0 && chosen.length === 0) {
      const help = [argument.description, 'Several are parted by commas.'];
      return parse(
        argument,
        await session.ask({ text: `${argument.description}, parted by commas`, help, fallback: '' }),
      );
    }
    const isStep = argument.name === 'steps';
    const left = choices.filter(({ value }) => isStep || !chosen.includes(value)).map(item);
    const so = chosen.length === 0 ? argument.description : `Chosen so far: ${chosen.join(', ')}`;
    const picked = await choose<string | typeof done>(session, {
      title: so,
      items: left,
      question: chosen.length === 0 ? 'Number' : 'Number of one more, or an empty line when that is all',
      fallback: '',
      otherwise: (typed) => (typed === '' ? done : null),
    });
    if (picked === done) return chosen;
    chosen.push(picked as string);
  }
}

async function askOne(session: Session, command: ShellCommand, argument: Argument, given: Given): Promise<Plain> {
  if (argument.type === 'list') return askList(session, command, argument, given);
  const { description, fallback, secret } = argument;
  if (argument.type === 'boolean') return session.isAgreed(`${description}?`);
  const choices = await choicesOf(session, command, argument, given);
  const before = given[argument.name] ?? fallback;
  if (choices.length > 0) {
    return choose<string>(session, {
      title: description,
      items: choices.map(item),
      otherwise: (typed) => (typed === '' ? worded(before ?? '') : null),
      fallback: '',
    });
  }
  const typed = await session.ask({
    text: description,
    help: [description],
    secret,
    fallback: isEmpty(before) ? '' : worded(before),
  });
  return parse(argument, typed);
}

/** Asks for one argument until it is one that the command takes; what is needed cannot be left empty. */
async function askChecked(session: Session, command: ShellCommand, argument: Argument, given: Given): Promise<Plain> {
  for (;;) {
    const value = await askOne(session, command, argument, given);
    if (isEmpty(value)) {
      if (!argument.required) return undefined;
      await session.speaker.say('This is needed.');
      continue;
    }
    try {
      return checkArguments(command, { [argument.name]: value })[argument.name];
    } catch (thrown) {
      if (!isHoldfastError(thrown)) throw thrown;
      await session.speaker.trouble(troubleOf(thrown));
    }
  }
}

const titleOf = (argument: Argument, given: Given): string => {
  const value = given[argument.name] ?? argument.fallback;
  const now = argument.secret || isEmpty(value) || value === false ? '' : `, now ${worded(value)}`;
  return `${argument.name}: ${argument.description}${now}`;
};

/**
 * Asks for the arguments of a command, line by line: what is needed one after the other, then whether any of the rest is to be other than it is.
 * @param isAgain All of them may be changed, also those that were given.
 */
export async function fillIn(session: Session, command: ShellCommand, given: Given, isAgain = false): Promise<Given> {
  const values: Record<string, Plain> = { ...given };
  const all = argumentsOf(command);
  const first = all.filter(({ name, required }) => required || askedAnyway[command.id]?.includes(name) === true);
  for (const argument of first) {
    if (!isEmpty(values[argument.name])) continue;
    values[argument.name] = await askChecked(session, command, argument, values);
  }
  const rest = all.filter((argument) => isAgain || !(first.includes(argument) || argument.name in given));
  while (rest.length > 0) {
    const picked = await choose<Argument | typeof done>(session, {
      title: 'May be changed:',
      items: rest.map((argument) => ({ title: titleOf(argument, values), value: argument })),
      question: 'Number of what to change, or an empty line to go on',
      fallback: '',
      otherwise: (typed) => (typed === '' ? done : null),
    });
    if (picked === done) break;
    const argument = picked as Argument;
    values[argument.name] = await askChecked(session, command, argument, values);
  }
  return Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));
}
