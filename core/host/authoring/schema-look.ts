import { checkShape } from '@holdfast/api';
import { patternDanger } from '../manifest/pattern-danger.ts';
import type { Finding } from '../manifest/validator.ts';
import { boundedSchema } from '../settings/bounded-schema.ts';

type Schema = Readonly<Record<string, unknown>>;

const keywords = new Set(
  (
    '$schema $id $ref $anchor $defs $comment $dynamicRef $dynamicAnchor $vocabulary title description default examples deprecated ' +
    'readOnly writeOnly type enum const format contentEncoding contentMediaType contentSchema multipleOf minimum maximum ' +
    'exclusiveMinimum exclusiveMaximum minLength maxLength pattern minItems maxItems uniqueItems minContains maxContains ' +
    'minProperties maxProperties required dependentRequired properties patternProperties additionalProperties ' +
    'unevaluatedProperties propertyNames dependentSchemas items prefixItems unevaluatedItems contains allOf anyOf oneOf not ' +
    'if then else secret'
  ).split(' '),
);
const ofMembers = ['properties', 'patternProperties', '$defs', 'dependentSchemas'];
const ofOne = [
  'items',
  'additionalProperties',
  'unevaluatedProperties',
  'unevaluatedItems',
  'propertyNames',
  'contains',
  'not',
  'if',
  'then',
  'else',
];
const ofSeveral = ['allOf', 'anyOf', 'oneOf', 'prefixItems'];

/** What a valid schema says that nobody can have meant, or that would take a validator time without end. */
export function lookAtSchema(schema: unknown, path = '', depth = 0): readonly Finding[] {
  if (!isRecord(schema) || depth > 32) return [];
  const inner = (key: string, member: unknown, at = ''): readonly Finding[] =>
    lookAtSchema(
      member,
      `${path}/${key}${at === '' ? '' : `/${at.replaceAll('~', '~0').replaceAll('/', '~1')}`}`,
      depth + 1,
    );
  return [
    ...Object.keys(schema)
      .filter((key) => !keywords.has(key) && !key.startsWith('x-'))
      .map((key) => ({ path, message: `has ${key}, which no JSON schema knows; begin it with x- if it is your own` })),
    ...patternFindings(schema, path),
    ...requiredFindings(schema, path, depth === 0),
    ...defaultFindings(schema, path),
    ...ofMembers.flatMap((key) => {
      const members = schema[key];
      return isRecord(members) ? Object.entries(members).flatMap(([name, member]) => inner(key, member, name)) : [];
    }),
    ...ofOne.flatMap((key) => inner(key, schema[key])),
    ...ofSeveral.flatMap((key) => {
      const members = schema[key];
      return Array.isArray(members) ? members.flatMap((member, index) => inner(key, member, String(index))) : [];
    }),
  ];
}

function patternFindings(schema: Schema, path: string): readonly Finding[] {
  const names = isRecord(schema.patternProperties) ? Object.keys(schema.patternProperties) : [];
  const all = [...(typeof schema.pattern === 'string' ? [['pattern', schema.pattern] as const] : [])];
  return [...all, ...names.map((name) => ['patternProperties', name] as const)].flatMap(([key, pattern]) => {
    const danger = patternDanger(pattern);
    return danger === null ? [] : [{ path: `${path}/${key}`, message: danger }];
  });
}

/** Alternatives within a schema often name what stands outside of them. */
function requiredFindings(schema: Schema, path: string, isRoot: boolean): readonly Finding[] {
  if (!Array.isArray(schema.required) || !(isRoot || isRecord(schema.properties))) return [];
  return schema.required
    .filter((name): name is string => typeof name === 'string' && !mayHave(schema, name))
    .map((name) => ({ path: `${path}/required`, message: `names ${name}, which is no property` }));
}

function defaultFindings(schema: Schema, path: string): readonly Finding[] {
  if (!('default' in schema)) return [];
  const given = schema.default;
  const found = checkShape(boundedSchema(schema), given).map(({ path: at, message }) => ({
    path: `${path}/default${at}`,
    message,
  }));
  const { pattern } = schema;
  if (found.length > 0 || typeof given !== 'string' || typeof pattern !== 'string') return found;
  if (patternDanger(pattern) !== null || new RegExp(pattern, 'u').test(given)) return [];
  return [{ path: `${path}/default`, message: 'does not match its own pattern' }];
}

/** Whether settings of this schema may have a member of this name, as far as can be seen. */
export function mayHave(schema: Schema, name: string): boolean {
  if (isRecord(schema.properties) && Object.hasOwn(schema.properties, name)) return true;
  if (['$ref', 'allOf', 'anyOf', 'oneOf', 'if', 'patternProperties'].some((key) => key in schema)) return true;
  return schema.additionalProperties === true || isRecord(schema.additionalProperties);
}

/** Settings of the first level that take a reference to a secret. */
export function secretsOf(schema: Schema): readonly string[] {
  if (!isRecord(schema.properties)) return [];
  return Object.entries(schema.properties).flatMap(([name, member]) =>
    isRecord(member) && member.secret === true ? [name] : [],
  );
}

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
