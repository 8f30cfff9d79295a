type Schema = Readonly<Record<string, unknown>>;

const kept = new Set([
  'type',
  'title',
  'description',
  'default',
  'secret',
  'enum',
  'const',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'required',
]);

/**
 * A schema with only what checking a value against it takes little time for, whoever wrote it: no patterns, references or
 * alternatives. What a schema that nobody trusts says about settings is read this way.
 */
export function boundedSchema(schema: unknown, depth = 0): Schema {
  if (!isRecord(schema) || depth > 16) return {};
  const bounded = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (key === 'properties' && isRecord(value)) {
      const members = Object.entries(value).map(([name, member]) => [name, boundedSchema(member, depth + 1)]);
      return [[key, Object.fromEntries(members)]];
    }
    if (key === 'items' && isRecord(value)) return [[key, boundedSchema(value, depth + 1)]];
    if (key === 'additionalProperties' && typeof value === 'boolean') return [[key, value]];
    return kept.has(key) ? [[key, value]] : [];
  });
  return Object.fromEntries(bounded);
}

const isRecord = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
