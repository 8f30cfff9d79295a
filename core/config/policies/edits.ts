import { isDeepStrictEqual } from 'node:util';
import type { PlainValue } from '../located.ts';
import type { Written } from './written.ts';

/** One change of a text: the value under a path, or `undefined` to take it away. */
export interface PolicyEdit {
  readonly path: readonly (string | number)[];
  readonly value: PlainValue | undefined;
}

/**
 * What has to be written so that a policy becomes another: no more than what differs. What is added goes first, so that nothing is left empty on the way.
 * @param areWords Whether lists of words are changed word by word, so that comments beside those that stay do; else each is written anew.
 */
export function editsBetween(old: Written, wanted: Written, areWords: boolean): readonly PolicyEdit[] {
  return differences([], old, wanted, areWords).toSorted(
    (a, b) => Number(a.value === undefined) - Number(b.value === undefined),
  );
}

function differences(
  path: PolicyEdit['path'],
  old: Written,
  wanted: Written,
  areWords: boolean,
): readonly PolicyEdit[] {
  const keys = [...new Set([...Object.keys(old), ...Object.keys(wanted)])];
  return keys.flatMap((key): readonly PolicyEdit[] => {
    const [before, after] = [old[key], wanted[key]];
    if (isDeepStrictEqual(before, after)) return [];
    const at = [...path, key];
    if (isMap(before) && isMap(after)) return differences(at, before, after, areWords);
    if (key === 'steps' && isList(before) && isList(after)) return stepsThatDiffer(at, before, after);
    if (areWords && isWordList(before) && isWordList(after)) return wordsThatDiffer(at, before, after);
    return [{ path: at, value: after }];
  });
}

/** New words behind those that stay, and those that go from the end; the whole list where words change their places. */
function wordsThatDiffer(path: PolicyEdit['path'], old: readonly string[], wanted: readonly string[]): PolicyEdit[] {
  const staying = old.filter((word) => wanted.includes(word));
  const fresh = wanted.filter((word) => !old.includes(word));
  if (staying.length === 0 || !isDeepStrictEqual([...staying, ...fresh], wanted)) return [{ path, value: [...wanted] }];
  const gone = [...old.entries()].filter(([, word]) => !wanted.includes(word)).toReversed();
  return [
    ...fresh.map((value, index): PolicyEdit => ({ path: [...path, old.length + index], value })),
    ...gone.map(([index]): PolicyEdit => ({ path: [...path, index], value: undefined })),
  ];
}

/** Steps one by one, so that comments beside those that stay do; those that are too many are taken from the end. */
function stepsThatDiffer(
  path: PolicyEdit['path'],
  old: readonly PlainValue[],
  wanted: readonly PlainValue[],
): PolicyEdit[] {
  const edits: PolicyEdit[] = [];
  for (const [index, step] of wanted.entries())
    if (!isDeepStrictEqual(old[index], step)) edits.push({ path: [...path, index], value: step });
  for (let index = old.length - 1; index >= wanted.length; index -= 1)
    edits.push({ path: [...path, index], value: undefined });
  return edits;
}

/** A map that has something in it: an empty one is a value like any other. */
const isMap = (value: PlainValue | undefined): value is Record<string, PlainValue> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

const isList = (value: PlainValue | undefined): value is PlainValue[] => Array.isArray(value) && value.length > 0;

const isWordList = (value: PlainValue | undefined): value is string[] =>
  isList(value) && value.every((word) => typeof word === 'string');
