import type { JsonSchema, Plain } from '@holdfast/api';
import { type Fields, fieldsOf, wordsOf } from '../reading.ts';

/** A property of a plugin's settings as a field of a form that asks for more than those. */
export interface SettingField {
  /** Name in the form: `snapshot.quiesce`. */
  readonly name: string;
  /** Name in the settings: `quiesce`. */
  readonly key: string;
  readonly schema: Fields;
  readonly isRequired: boolean;
  readonly fallback: Plain;
}

/** The properties of a settings schema as fields of a form, each name with a prefix before it. */
export function settingFields(
  schema: JsonSchema,
  prefix: string,
  title: (key: string) => string,
): readonly SettingField[] {
  const required = wordsOf(schema.required);
  return Object.entries(fieldsOf(schema.properties)).map(([key, given]) => {
    const property = fieldsOf(given);
    return {
      name: `${prefix}.${key}`,
      key,
      schema: { ...property, title: title(key) },
      isRequired: required.includes(key),
      fallback: property.default,
    };
  });
}

/** A value as `--set` takes it: lists parted by commas. */
export function settingWord(value: Plain): string {
  return Array.isArray(value) ? value.map(String).join(',') : String(value ?? '');
}

/** Whether somebody meant a value: it is there, and not what it is by default. */
export function isMeant(value: Plain, fallback: Plain): boolean {
  if (value === undefined || value === null || value === '') return false;
  if (Array.isArray(value) && value.length === 0) return false;
  return JSON.stringify(value) !== JSON.stringify(fallback);
}
