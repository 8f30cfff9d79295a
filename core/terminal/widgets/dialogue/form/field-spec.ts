import { type CommandDeclaration, isHoldfastError, type JsonSchema, type Plain } from '@holdfast/api';
import { type Argument, argumentsOf, flagName, spell } from '../../../../shell/registry/arguments.ts';
import { checkArguments } from '../../../../shell/registry/check-arguments.ts';

/** How a value is typed. `json` is for what has no form of its own. */
export type FieldKind = 'text' | 'secret' | 'number' | 'toggle' | 'choice' | 'list' | 'json';

/** One field of a form, read from a JSON schema as a command's arguments are. */
export interface FieldSpec {
  /** `as`, or `lock.days` for a property of an object. */
  readonly name: string;
  /** Keys from the top: one or two. */
  readonly path: readonly string[];
  readonly label: string;
  /** Heading of the object it belongs to; `null` at the top. */
  readonly group: string | null;
  readonly kind: FieldKind;
  readonly argument: Argument;
  /** The object it belongs to has to be there. */
  readonly isGroupRequired: boolean;
  readonly schema: JsonSchema;
}

const mostFields = 300;

type Fields = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const commandOf = (args: JsonSchema, positionals: readonly string[] = []): CommandDeclaration => ({
  id: 'form',
  title: '',
  args,
  positionals,
  danger: 'read',
});

function kindOf(schema: Fields, argument: Argument): FieldKind {
  // Whatever it is, it is not shown.
  if (argument.secret && argument.type !== 'boolean') return 'secret';
  if (schema.type === 'object') return 'json';
  const items = isRecord(schema.items) ? schema.items.type : undefined;
  if (argument.type === 'list') return items === undefined || items === 'string' ? 'list' : 'json';
  if (argument.type === 'boolean') return 'toggle';
  if (argument.type !== 'string') return 'number';
  if (argument.options !== null) return 'choice';
  return 'text';
}

const labelOf = (schema: Fields, name: string): string =>
  typeof schema.title === 'string' && schema.title !== '' ? schema.title : flagName(name).replaceAll('-', ' ');

function specsIn(schema: JsonSchema, positionals: readonly string[], parent: FieldSpec | null): readonly FieldSpec[] {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  return argumentsOf(commandOf(schema, positionals)).flatMap((argument): readonly FieldSpec[] => {
    const given = properties[argument.name];
    const own = isRecord(given) ? given : {};
    const spec: FieldSpec = {
      name: parent === null ? argument.name : `${parent.name}.${argument.name}`,
      path: parent === null ? [argument.name] : [...parent.path, argument.name],
      label: labelOf(own, argument.name),
      group: parent?.label ?? null,
      kind: kindOf(own, argument),
      argument,
      isGroupRequired: parent === null || parent.argument.required,
      schema: own,
    };
    return own.type === 'object' && isRecord(own.properties) && parent === null ? specsIn(own, [], spec) : [spec];
  });
}

/** The fields of an object schema, positional ones first; objects in it are taken apart one level deep, and 300 fields are shown at most. */
export const specsOf = (schema: JsonSchema, positionals: readonly string[] = []): readonly FieldSpec[] =>
  specsIn(schema, positionals, null).slice(0, mostFields);

function checkJson(spec: FieldSpec, value: Plain): string | null {
  if (spec.schema.type === 'array') return Array.isArray(value) ? null : 'takes a list in JSON: [1, 2]';
  return isRecord(value) ? null : 'takes an object in JSON: {"key": "value"}';
}

/** What is wrong with a value that was given, in the words of the check that the command itself makes; `null` when nothing is. */
export function checkField(spec: FieldSpec, value: Plain): string | null {
  if (spec.kind === 'json') return checkJson(spec, value);
  const { argument } = spec;
  try {
    checkArguments(commandOf({ type: 'object', properties: { [argument.name]: spec.schema } }), {
      [argument.name]: value,
    });
    return null;
  } catch (error) {
    // A pattern of a plugin that is none: the command could not check it either.
    if (!isHoldfastError(error, 'USAGE')) return 'cannot be checked: the pattern of its plugin is not valid';
    // A secret is not told again, not even by what is wrong with it.
    if (argument.secret)
      return error.message.includes('is not written') ? 'is not written as it should be' : 'does not fit';
    const named = `${spell(argument)} `;
    return error.message.startsWith(named) ? error.message.slice(named.length) : error.message;
  }
}
