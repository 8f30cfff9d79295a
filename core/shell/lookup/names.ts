import { type ErrorCode, HoldfastError } from '@holdfast/api';
import { namePattern } from '../../config/schema/core-schema.ts';

const shape = new RegExp(namePattern, 'u');

/** @throws `NAME_INVALID` for a name that the configuration would refuse. */
export function checkName(kind: string, name: string): string {
  if (shape.test(name)) return name;
  throw new HoldfastError('NAME_INVALID', `${JSON.stringify(name)} is no name for ${kind}`, {
    remedy: 'use a–z, 0–9 and `-`, beginning with a letter or digit, at most 63 characters',
  });
}

/** An identity as people read and type it: enough of it to be unique among many. */
export const shortId = (id: string): string => id.slice(0, 8);

/**
 * The one that someone means by an identity or its beginning.
 * @throws `notFound` when there is none, `USAGE` when several begin like that.
 */
export function byIdentity<T>(
  wanted: string,
  all: readonly T[],
  idOf: (one: T) => string,
  what: string,
  notFound: ErrorCode,
): T {
  const exact = all.find((one) => idOf(one) === wanted);
  if (exact !== undefined) return exact;
  const fitting = wanted.length >= 4 ? all.filter((one) => idOf(one).startsWith(wanted.toLowerCase())) : [];
  const [first, second] = fitting;
  if (first === undefined) {
    throw new HoldfastError(notFound, `no ${what} has the identity ${wanted}`, { facts: { wanted } });
  }
  if (second === undefined) return first;
  throw new HoldfastError('USAGE', `${fitting.length} ${what}s begin with ${wanted}`, {
    remedy: `write more of it: ${fitting
      .slice(0, 5)
      .map((one) => idOf(one).slice(0, 12))
      .join(', ')}`,
  });
}
