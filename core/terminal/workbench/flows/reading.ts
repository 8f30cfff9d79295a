import type { Plain } from '@holdfast/api';

/** Answers of commands are read with care: those of plugins may hold anything. */
export type Fields = Readonly<Record<string, Plain>>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** What is no record has no fields. */
export const fieldsOf = (value: unknown): Fields => (isFields(value) ? value : {});
export const itemsOf = (value: unknown): readonly Plain[] => (Array.isArray(value) ? value : []);
export const wordOf = (value: unknown): string => (typeof value === 'string' ? value : '');
export const wordsOf = (value: unknown): readonly string[] =>
  itemsOf(value).filter((item): item is string => typeof item === 'string');
/** `null` for what is no number that can be told. */
export const figureOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;
/** Sum of one figure over all records of a list. */
export const sumOf = (items: readonly Plain[], key: string): number =>
  items.reduce<number>((sum, item) => sum + (figureOf(fieldsOf(item)[key]) ?? 0), 0);
