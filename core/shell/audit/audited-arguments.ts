import type { CommandDeclaration, Plain } from '@holdfast/api';

type Arguments = Readonly<Record<string, Plain>>;
type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const schemaOf = (command: CommandDeclaration, name: string): Schema | null => {
  const properties = isSchema(command.args.properties) ? command.args.properties : {};
  const schema = Object.hasOwn(properties, name) ? properties[name] : null;
  return isSchema(schema) ? schema : null;
};

/** Whether an argument's value is secret by its schema: its own, or that of its elements. */
const isSecret = (schema: Schema): boolean =>
  schema.secret === true || (isSchema(schema.items) && schema.items.secret === true);

/** References that name a place and no program. */
const placed = /^(env|file|keyring|systemd|sealed):/;

function audited(schema: Schema, value: Plain): Plain {
  if (Array.isArray(value)) return value.map((item: Plain) => audited(schema, item));
  if (typeof value !== 'string') return value;
  // A setting may be secret by the schema of a plugin that is not looked at here, or be mistyped: only its name is kept.
  if (schema['x-value'] === 'SETTING') return `${/^[\w.-]{1,100}(?==)/.exec(value)?.[0] ?? ''}=…`;
  // What should be a reference to a secret may be the secret itself.
  if (schema['x-value'] === 'REF') return placed.test(value) ? value : value.startsWith('command:') ? 'command:…' : '…';
  return value;
}

/** The arguments of a command as the audit log keeps them: without secrets. What the schema does not know is not kept. */
export function auditedArguments(command: CommandDeclaration, args: Arguments): Arguments {
  const kept: Record<string, Plain> = {};
  for (const [name, value] of Object.entries(args)) {
    const schema = schemaOf(command, name);
    if (schema === null || value === undefined || isSecret(schema) || schema['x-unlogged'] === true) continue;
    kept[name] = audited(schema, value);
  }
  return kept;
}

/** The arguments that an approval is for: all that are not secret. */
export function approvedArguments(command: CommandDeclaration, args: Arguments): Arguments {
  return Object.fromEntries(
    Object.entries(args).filter(([name]) => {
      const schema = schemaOf(command, name);
      return schema !== null && !isSecret(schema);
    }),
  );
}
