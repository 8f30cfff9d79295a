import { isHoldfastError } from '@holdfast/api';
import fc from 'fast-check';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** Values that tend to break parsers. */
const nasty: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json[]>(
    null,
    true,
    0,
    -1,
    1.5,
    1e308,
    2 ** 53,
    '',
    'x',
    [],
    {},
    [[]],
    '../..',
    '\u0000',
    '__proto__',
  ),
  fc.string({ maxLength: 64 }),
  fc.integer(),
  fc.double({ noNaN: true }).filter(Number.isFinite),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
);

/** All ways into a value: the paths of its members, itself included. */
function pathsOf(value: Json, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name]))];
}

function changed(value: Json, path: readonly string[], to: Json | undefined): Json {
  const [name, ...rest] = path;
  if (name === undefined) return to ?? null;
  const entries = Object.entries(value ?? {}).flatMap(([key, inner]): [string, Json][] => {
    if (key !== name) return [[key, inner as Json]];
    if (rest.length > 0) return [[key, changed(inner as Json, rest, to)]];
    return to === undefined ? [] : [[key, to]];
  });
  return Array.isArray(value) ? entries.map(([, inner]) => inner) : Object.fromEntries(entries);
}

/** A good value with one to three members replaced or left out. */
export function mutated(good: unknown): fc.Arbitrary<unknown> {
  const start = JSON.parse(JSON.stringify(good)) as Json;
  const change = fc.record({ path: fc.constantFrom(...pathsOf(start)), to: fc.option(nasty, { nil: undefined }) });
  return fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) => changes.reduce((value, { path, to }) => changed(value, path, to), start));
}

/** Runs a parser over many malformed inputs: each must give a value or a coded error. Answers how many were refused. */
export function survives<T>(inputs: fc.Arbitrary<T>, parse: (input: T) => unknown, numRuns = 10_000): number {
  let refused = 0;
  fc.assert(
    fc.property(inputs, (input) => {
      try {
        parse(input);
      } catch (failure) {
        if (!isHoldfastError(failure)) throw failure;
        refused++;
      }
    }),
    { numRuns },
  );
  return refused;
}
