import type { JsonSchema } from '@holdfast/api';

type Extra = Readonly<Record<string, unknown>>;

/** Short words for the schemas that commands declare. Each answers the schema of one property. */
export const text = (description: string, extra: Extra = {}): Extra => ({ type: 'string', description, ...extra });
export const yesNo = (description: string, extra: Extra = {}): Extra => ({
  type: 'boolean',
  description,
  default: false,
  ...extra,
});
export const whole = (description: string, extra: Extra = {}): Extra => ({ type: 'integer', description, ...extra });
export const several = (description: string, extra: Extra = {}): Extra => ({
  type: 'array',
  items: { type: 'string' },
  description,
  ...extra,
});

/** The schema of a command's arguments. */
export const args = (properties: Readonly<Record<string, Extra>>, required: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

/** Completion of names, and what stands for them in help. */
export const names = (kind: string, value: string): Extra => ({ 'x-completes': kind, 'x-value': value });
