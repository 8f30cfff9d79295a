import type { JsonSchema } from '../view.ts';

/**
 * A JSON schema that describes values of type `T`. `T` is carried by a property that only the compiler knows, so that a
 * schema and its type cannot drift apart.
 */
export type Shape<T> = JsonSchema & { readonly '~describes'?: (value: T) => T };

const shape = <T>(schema: JsonSchema): Shape<T> => schema;

/** Any text, at least one character. */
export const text: Shape<string> = shape({ type: 'string', minLength: 1, maxLength: 500 });
export const yesNo: Shape<boolean> = shape({ type: 'boolean' });
/** A number that is not negative, whole or not. */
export const amount: Shape<number> = shape({ type: 'number', minimum: 0 });
/** A number that is not negative, or `null`: no limit, or not known; the answer's type says which. */
export const amountOrNull: Shape<number | null> = shape({ type: ['number', 'null'], minimum: 0 });

/** Exactly one of some words. */
export function oneOf<const W extends string>(...words: readonly W[]): Shape<W> {
  return shape({ type: 'string', enum: words });
}

/** A list without repeats. Default is that it may be empty. */
export function list<T>(of: Shape<T>, atLeast = 0): Shape<readonly T[]> {
  return shape({ type: 'array', items: of, minItems: atLeast, maxItems: 100, uniqueItems: true });
}

/** An object with exactly these members. */
export function object<T extends object>(members: { readonly [K in keyof T]: Shape<T[K]> }): Shape<T> {
  return shape({ type: 'object', properties: members, required: Object.keys(members), additionalProperties: false });
}

/** The same, or `null`. */
export function orNull<T>(of: Shape<T>): Shape<T | null> {
  return shape({ anyOf: [of, { type: 'null' }] });
}
