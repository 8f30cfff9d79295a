import { checkShape, HoldfastError, isSimpleSchema, type Plain } from '@holdfast/api';
import { checkValue, type Finding } from '../manifest/validator.ts';

type Schema = Readonly<Record<string, unknown>>;

/**
 * Settings with their defaults filled in, checked against their schema. The settings given are not changed.
 * @param whose For people, for example `target disk-main`.
 * @throws `CONFIG_INVALID` naming each key that is wrong.
 */
export function completeSettings(
  schema: Schema,
  settings: Readonly<Record<string, unknown>>,
  whose: string,
): Readonly<Record<string, Plain>> {
  const completed = withDefaults(schema, settings);
  // The full validator takes far longer to load than to run, and few schemas need it.
  const found: readonly Finding[] = isSimpleSchema(schema)
    ? checkShape(schema, completed)
    : checkValue(schema, completed);
  const [first] = found;
  if (first === undefined) return completed as Readonly<Record<string, Plain>>;
  const said = found.map((f) => `${keyOf(f.path)} ${f.message}`.trim());
  throw new HoldfastError('CONFIG_INVALID', `settings of ${whose}: ${said.slice(0, 5).join('; ')}`, {
    remedy: `correct ${keyOfFinding(first) || 'the settings'} of ${whose} in the configuration`,
    facts: { whose, key: keyOfFinding(first), problems: found.length },
  });
}

/** `/server/port` as people write it: `server.port`. */
const keyOf = (pointer: string): string =>
  pointer.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');

/** What is missing is named, not what it is missing from. */
function keyOfFinding({ path, message }: Finding): string {
  const missing = /^is missing (.*)$/.exec(message)?.[1];
  return [keyOf(path), missing ?? ''].filter((part) => part !== '').join('.');
}

/** A value with the defaults of its schema filled in. The value given is not changed. */
export function withDefaults(schema: unknown, value: unknown, depth = 0): unknown {
  if (!isRecord(value) || !isRecord(schema) || depth > 16) return value;
  const members = isRecord(schema.properties) ? schema.properties : {};
  const filled = new Map(Object.entries(value).filter(([, inner]) => inner !== undefined));
  for (const [key, member] of Object.entries(members)) {
    if (!filled.has(key) && isRecord(member) && 'default' in member) filled.set(key, structuredClone(member.default));
    if (filled.has(key)) filled.set(key, withDefaults(member, filled.get(key), depth + 1));
  }
  return Object.fromEntries(filled);
}

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether a setting of the first level takes a secret reference. */
export function isSecret(schema: Schema, setting: string): boolean {
  const members = schema.properties;
  if (!isRecord(members) || !Object.hasOwn(members, setting)) return false;
  const member = members[setting];
  return isRecord(member) && member.secret === true;
}
