import { type Call, isHoldfastError, type ObjectStore } from '@holdfast/api';
import { Fields } from '../documents/fields.ts';
import { readObject } from '../documents/read-object.ts';
import { type DocumentKeys, MAX_DOCUMENT_BYTES, openDocument } from '../documents/sealed-document.ts';
import type { RepositorySecrets } from '../suite.ts';

const PREFIX = 'generations/';
const DIGITS = 10;
const MAX_NUMBER = 0xffff_ffff;

/** Says that the number of a generation of master keys is taken. */
export const generationName = (number: number): string => `${PREFIX}${String(number).padStart(DIGITS, '0')}`;

/** Says that every key holds it. */
export const readyName = (number: number): string => `${generationName(number)}.ready`;

/** What both must be called: the number, the suffix. */
export const generationPattern = /^generations\/([0-9]{10})(\.ready)?$/;

/** The numbers that a store lists. */
export interface ListedGenerations {
  readonly taken: readonly number[];
  readonly ready: readonly number[];
}

export async function listGenerations(store: ObjectStore, call: Call): Promise<ListedGenerations> {
  const taken: number[] = [];
  const ready: number[] = [];
  for await (const { name } of store.list(PREFIX, call)) {
    const [, digits, suffix] = generationPattern.exec(name) ?? [];
    if (digits === undefined) continue;
    (suffix === undefined ? taken : ready).push(Number(digits));
  }
  return { taken, ready };
}

/**
 * Reads either of the two documents.
 * @throws {HoldfastError} `REPOSITORY_DAMAGED`
 */
export function parseGeneration(value: unknown, name: string): void {
  const fields = new Fields(value, name);
  fields.integer('version', 1, 1);
  const [, digits, suffix] = generationPattern.exec(name) ?? [];
  if (fields.integer('generation', 1, MAX_NUMBER) !== Number(digits)) {
    throw fields.wrong('generation', 'is not the one in the name');
  }
  fields.integer('startedAt');
  if (suffix !== undefined) fields.integer('readyAt');
}

/** Whether a generation is genuinely ready; one whose document is damaged is not, which costs nothing but that the older one is used. */
export async function isReady(store: ObjectStore, number: number, keys: DocumentKeys, call: Call): Promise<boolean> {
  const name = readyName(number);
  try {
    parseGeneration(openDocument(name, await readObject(store, name, MAX_DOCUMENT_BYTES, call), keys), name);
    return true;
  } catch (failure) {
    if (isHoldfastError(failure, 'OBJECT_NOT_FOUND')) return false;
    if (!isHoldfastError(failure, 'REPOSITORY_DAMAGED')) throw failure;
    call.log('warn', `key generation ${number} is not used for new objects: ${failure.message}`);
    return false;
  }
}

/** The generation that new objects use: the lowest that is held, or the highest that is held and ready. */
export function currentOf(generations: RepositorySecrets['generations'], ready: ReadonlySet<number>): number {
  const held = Object.keys(generations).map(Number);
  return held.filter((number) => ready.has(number)).reduce((most, number) => Math.max(most, number), Math.min(...held));
}
