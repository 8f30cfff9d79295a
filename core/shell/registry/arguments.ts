import type { CommandDeclaration, Plain } from '@holdfast/api';

/** One argument of a command, read from its JSON schema. */
export interface Argument {
  /** Property name in the schema and in the handler's `args`. */
  readonly name: string;
  /** How it is written on a command line, without dashes: `recoveryFile` is `recovery-file`. */
  readonly flag: string;
  /** Where it stands among the positional arguments; `null` for a flag. */
  readonly position: number | null;
  readonly type: 'string' | 'integer' | 'number' | 'boolean' | 'list';
  readonly required: boolean;
  readonly description: string;
  readonly fallback: Plain;
  readonly options: readonly string[] | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly pattern: string | null;
  /** One letter that it can be written with, `-f`; `null` for none. */
  readonly short: string | null;
  /** What stands for the value in help: `FOLDER`. */
  readonly value: string;
  /** A list may also be written in one piece, parted by this. */
  readonly separator: string | null;
  /** Typed without being shown. */
  readonly secret: boolean;
  /** Kind of name that completion offers: `machine`, `target`, `endpoint`, `point`, `run`, `plugin`, `file`. */
  readonly completes: string | null;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const textOr = <T>(value: unknown, other: T): string | T => (typeof value === 'string' ? value : other);
const numberOrNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** `recoveryFile` as it is written on a command line: `recovery-file`. */
export const flagName = (property: string): string => property.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`);

function typeOf(schema: Readonly<Record<string, unknown>>): Argument['type'] {
  switch (schema.type) {
    case 'boolean':
    case 'integer':
    case 'number':
      return schema.type;
    case 'array':
      return 'list';
    default:
      return 'string';
  }
}

function readArgument(name: string, given: unknown, command: CommandDeclaration, required: boolean): Argument {
  const schema = isRecord(given) ? given : {};
  const items = isRecord(schema.items) ? schema.items : {};
  const choices = schema.enum ?? items.enum;
  const position = command.positionals?.indexOf(name) ?? -1;
  const fallback = schema.default;
  const isPlain = ['string', 'number', 'boolean'].includes(typeof fallback) || Array.isArray(fallback);
  return {
    name,
    flag: flagName(name),
    position: position < 0 ? null : position,
    type: typeOf(schema),
    required,
    description: textOr(schema.description, textOr(schema.title, '')),
    fallback: isPlain ? (fallback as Plain) : undefined,
    options: Array.isArray(choices) ? choices.map(String) : null,
    minimum: numberOrNull(schema.minimum),
    maximum: numberOrNull(schema.maximum),
    pattern: textOr(schema.pattern, null),
    short: textOr(schema['x-short'], null),
    value: textOr(schema['x-value'], flagName(name).replaceAll('-', '_').toUpperCase()),
    separator: textOr(schema['x-separator'], null),
    secret: schema.secret === true,
    completes: textOr(schema['x-completes'], null),
  };
}

/** The arguments of a command, positional ones first and in their order. A schema that is no object schema has none. */
export function argumentsOf(command: CommandDeclaration): readonly Argument[] {
  const properties = isRecord(command.args.properties) ? command.args.properties : {};
  const required = Array.isArray(command.args.required) ? command.args.required : [];
  return Object.entries(properties)
    .map(([name, schema]) => readArgument(name, schema, command, required.includes(name)))
    .toSorted((a, b) => (a.position ?? Number.MAX_SAFE_INTEGER) - (b.position ?? Number.MAX_SAFE_INTEGER));
}

/** How an argument is named to a person: `NAME`, or `--recovery-file`. */
export function spell(argument: Argument): string {
  return argument.position === null ? `--${argument.flag}` : argument.value;
}
