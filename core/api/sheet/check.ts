import type { JsonSchema } from '../view.ts';

/** Something wrong with a value: `path` is a JSON pointer, `message` continues it: `/N1/value` `is missing maxRetained`. */
export interface ShapeProblem {
  readonly path: string;
  readonly message: string;
}

const understood = new Set(
  `$schema $id $comment title description default examples deprecated readOnly writeOnly secret names format
  type enum const properties required additionalProperties items anyOf minimum maximum exclusiveMinimum
  exclusiveMaximum minLength maxLength pattern minItems maxItems uniqueItems minProperties maxProperties`.split(/\s+/),
);

/** Whether `checkShape` knows every keyword of a schema. For any other schema a full validator is needed. */
export function isSimpleSchema(schema: unknown, depth = 0): boolean {
  if (typeof schema === 'boolean') return true;
  if (!isRecord(schema) || depth > 32) return false;
  const inner = [
    ...(isRecord(schema.properties) ? Object.values(schema.properties) : []),
    ...(Array.isArray(schema.anyOf) ? schema.anyOf : []),
    ...(schema.items === undefined ? [] : [schema.items]),
    ...(schema.additionalProperties === undefined ? [] : [schema.additionalProperties]),
  ];
  return Object.keys(schema).every((key) => understood.has(key)) && inner.every((s) => isSimpleSchema(s, depth + 1));
}

/**
 * Checks a value against the part of JSON schema (draft 2020-12) that `isSimpleSchema` names. Stops at 100 problems.
 * Small on purpose: it starts in no time and needs no other package.
 */
export function checkShape(schema: unknown, value: unknown, path = ''): readonly ShapeProblem[] {
  const problems: ShapeProblem[] = [];
  check(schema, value, path, problems);
  return problems.slice(0, 100);
}

function check(schema: unknown, value: unknown, path: string, problems: ShapeProblem[]): void {
  if (schema === false) problems.push({ path, message: 'is not allowed' });
  if (!isRecord(schema) || problems.length >= 100) return;
  const say = (message: string): void => void problems.push({ path, message });
  if (!checkType(schema, value, say)) return;
  checkChoice(schema, value, path, say);
  if (typeof value === 'string') checkText(schema, value, say);
  else if (typeof value === 'number') checkNumber(schema, value, say);
  else if (Array.isArray(value)) checkList(schema, value, path, problems);
  else if (isRecord(value)) checkMembers(schema, value, path, problems);
}

function checkType(schema: JsonSchema, value: unknown, say: (message: string) => void): boolean {
  const type = schema.type;
  const types = type === undefined ? null : Array.isArray(type) ? type : [type];
  if (types === null || types.some((t) => hasType(value, t))) return true;
  say(`is ${nameOf(value)}, not ${types.join(' or ')}`);
  return false;
}

function checkChoice(schema: JsonSchema, value: unknown, path: string, say: (message: string) => void): void {
  const words = schema.enum;
  if (Array.isArray(words) && !words.some((word) => same(word, value))) {
    say(`is ${brief(value)}, not one of ${words.map(brief).join(', ')}`);
  }
  if ('const' in schema && !same(schema.const, value)) say(`is ${brief(value)}, not ${brief(schema.const)}`);
  const anyOf = schema.anyOf;
  if (!Array.isArray(anyOf)) return;
  const tries = anyOf.map((one) => checkShape(one, value, path));
  if (tries.every((found) => found.length > 0)) {
    const best = tries.reduce((a, b) => (depthOf(b) > depthOf(a) ? b : a));
    say(`fits none of ${anyOf.length} forms; the nearest: ${best[0]?.path.slice(path.length)} ${best[0]?.message}`);
  }
}

const depthOf = (found: readonly ShapeProblem[]): number => Math.max(...found.map((p) => p.path.length));

function checkText(schema: JsonSchema, value: string, say: (message: string) => void): void {
  const length = [...value].length;
  if (below(length, schema.minLength)) say(length === 0 ? 'is empty' : `is shorter than ${schema.minLength}`);
  if (above(length, schema.maxLength)) say(`is longer than ${schema.maxLength}`);
  const pattern = schema.pattern;
  if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) say(`does not match ${pattern}`);
}

function checkNumber(schema: JsonSchema, value: number, say: (message: string) => void): void {
  if (below(value, schema.minimum)) say(`is less than ${schema.minimum}`);
  if (above(value, schema.maximum)) say(`is more than ${schema.maximum}`);
  if (below(value, schema.exclusiveMinimum, true)) say(`is not more than ${schema.exclusiveMinimum}`);
  if (above(value, schema.exclusiveMaximum, true)) say(`is not less than ${schema.exclusiveMaximum}`);
}

function checkList(schema: JsonSchema, value: readonly unknown[], path: string, problems: ShapeProblem[]): void {
  const say = (message: string): void => void problems.push({ path, message });
  if (below(value.length, schema.minItems)) say(`has fewer than ${schema.minItems}`);
  if (above(value.length, schema.maxItems)) say(`has more than ${schema.maxItems}`);
  if (schema.uniqueItems === true && value.some((a, i) => value.slice(0, i).some((b) => same(a, b)))) {
    say('has the same twice');
  }
  value.forEach((item, index) => {
    check(schema.items, item, `${path}/${index}`, problems);
  });
}

function checkMembers(
  schema: JsonSchema,
  value: Readonly<Record<string, unknown>>,
  path: string,
  problems: ShapeProblem[],
): void {
  const say = (message: string): void => void problems.push({ path, message });
  const members = isRecord(schema.properties) ? schema.properties : {};
  const keys = Object.keys(value);
  if (below(keys.length, schema.minProperties)) say(`has fewer than ${schema.minProperties} members`);
  if (above(keys.length, schema.maxProperties)) say(`has more than ${schema.maxProperties} members`);
  for (const name of Array.isArray(schema.required) ? schema.required : []) {
    if (!Object.hasOwn(value, String(name))) say(`is missing ${String(name)}`);
  }
  for (const key of keys) {
    const at = `${path}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (Object.hasOwn(members, key)) check(members[key], value[key], at, problems);
    else if (schema.additionalProperties === false) problems.push({ path: at, message: 'is not known here' });
    else check(schema.additionalProperties, value[key], at, problems);
  }
}

function hasType(value: unknown, type: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'number') return typeof value === 'number' && Number.isFinite(value);
  return type === nameOf(value);
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

const below = (value: number, limit: unknown, orEqual = false): boolean =>
  typeof limit === 'number' && (value < limit || (orEqual && value === limit));
const above = (value: number, limit: unknown, orEqual = false): boolean =>
  typeof limit === 'number' && (value > limit || (orEqual && value === limit));

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => same(item, b[i]));
  if (isRecord(a) && isRecord(b)) {
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]));
  }
  return a === b;
}

function brief(value: unknown): string {
  const json = JSON.stringify(value) ?? nameOf(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}
