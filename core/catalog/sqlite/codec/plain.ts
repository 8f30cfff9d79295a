import { HoldfastError } from '@holdfast/api';
import { notPlain } from '../../not-plain.ts';

/** Key of the objects that stand for what JSON lacks: `{"$": KIND, "of": …}`. */
const tag = '$';
const maximumDepth = 100;
/** Characters of JSON; a machine with its definition takes a few thousand. */
const maximumLength = 8 * 1024 * 1024;

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const refuse = (why: string): never => {
  throw notPlain(why);
};

function numberToJson(value: number): Json {
  if (Object.is(value, -0)) return { [tag]: 'number', of: '-0' };
  return Number.isFinite(value) ? value : { [tag]: 'number', of: String(value) };
}

function objectToJson(value: object, depth: number): Json {
  if (value instanceof Uint8Array)
    return { [tag]: 'bytes', of: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64') };
  if (Array.isArray(value)) return Array.from(value, (item) => toJson(item, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return refuse('it holds more than plain data');
  const entries = Object.entries(value).map(([key, item]): [string, Json] => [key, toJson(item, depth + 1)]);
  if (Object.hasOwn(value, tag)) return { [tag]: 'object', of: entries };
  return Object.fromEntries(entries);
}

function toJson(value: unknown, depth: number): Json {
  if (depth > maximumDepth) return refuse(`it is nested more than ${maximumDepth} deep`);
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value === undefined) return { [tag]: 'undefined' };
  if (typeof value === 'number') return numberToJson(value);
  if (typeof value === 'object') return objectToJson(value, depth);
  return refuse(`it holds a ${typeof value}`);
}

function fromTagged(value: { [key: string]: Json }): unknown {
  const of = value.of;
  if (value[tag] === 'undefined') return undefined;
  if (value[tag] === 'number' && typeof of === 'string') return Number(of);
  if (value[tag] === 'bytes' && typeof of === 'string') return new Uint8Array(Buffer.from(of, 'base64'));
  if (value[tag] === 'object' && Array.isArray(of))
    return Object.fromEntries(of.map((entry) => (Array.isArray(entry) ? [entry[0], fromJson(entry[1])] : [])));
  throw new HoldfastError('CATALOG_DAMAGED', 'the catalog holds a value of an unknown kind');
}

function fromJson(value: Json | undefined): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (value === null || typeof value !== 'object') return value;
  if (Object.hasOwn(value, tag)) return fromTagged(value);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fromJson(item)]));
}

/**
 * Plain data as JSON, with bytes, `undefined` and the numbers that JSON lacks written as tagged objects.
 * @throws {HoldfastError} `PLUGIN_FAILED` when it is no plain data, nested more than 100 deep, or longer than 8 Mi characters.
 * @see docs/formats/catalog.md, Values
 */
export function storePlain(value: unknown): string {
  const text = JSON.stringify(toJson(value, 0));
  return text.length > maximumLength ? refuse(`it is ${text.length} characters long`) : text;
}

/** What was given to `storePlain`; `T` is what the caller stored there. Throws `CATALOG_DAMAGED`. */
export function readPlain<T>(stored: string): T {
  let json: Json;
  try {
    json = JSON.parse(stored) as Json;
  } catch (cause) {
    throw new HoldfastError('CATALOG_DAMAGED', 'the catalog holds a value that cannot be decoded', { cause });
  }
  return fromJson(json) as T;
}

/** The same for a column that may be null. */
export const storeOptional = (value: unknown): string | null => (value === null ? null : storePlain(value));
export const readOptional = <T>(stored: string | null): T | null => (stored === null ? null : readPlain<T>(stored));
