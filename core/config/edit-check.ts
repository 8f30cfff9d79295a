import { basename, extname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { HoldfastError } from '@holdfast/api';
import type { ConfigProblem, KnownSchemas } from './contract.ts';
import type { TextEdit } from './edit-text.ts';
import { child, emptyMap, type LocatedMap, toPlain } from './located.ts';
import { merge } from './merge.ts';
import { type ParsedText, parseText } from './parse-text.ts';
import { problemAt } from './problem.ts';
import { assembleSchema } from './schema/assemble.ts';
import { explain } from './schema/explain.ts';
import { compileSchema } from './schema/validate.ts';

/** The configuration in a text: all of it, or the `holdfast` key of a package.json. */
function ownValue(file: string, text: string): ParsedText {
  const format = extname(file) === '.json' ? 'json' : 'yaml';
  const parsed = parseText(text, format, { layer: 'given', place: file });
  if (basename(file) !== 'package.json') return parsed;
  return { problems: parsed.problems, value: child(parsed.value ?? undefined, 'holdfast') ?? null };
}

/**
 * What is wrong with one file by itself. Another layer may hold what is missing, so that alone is no problem.
 * @param whole Key, like `targets.disk-main`, of which something missing is a problem all the same.
 */
export function fileProblems(
  file: string,
  text: string,
  known: KnownSchemas | undefined,
  whole: string | null,
): ConfigProblem[] {
  const spot = { layer: 'given', place: file, line: 1, column: 1 } as const;
  const { value, problems: faults } = ownValue(file, text);
  if (faults.length > 0) return [...faults];
  if (value !== null && value.kind !== 'map') return [problemAt(value.spot, [], 'must be a map of settings')];
  const tree: LocatedMap = merge(emptySections(spot), value ?? emptyMap(spot));
  const validate = compileSchema(assembleSchema(known));
  if (validate(toPlain(tree))) return [];
  const errors = (validate.errors ?? []).filter(
    (error) => error.keyword !== 'required' || error.instancePath.split('/').slice(1, 3).join('.') === whole,
  );
  return explain(errors, tree);
}

/** Sections that are `null` in YAML count as empty: `merge` keeps these. */
function emptySections(spot: LocatedMap['spot']): LocatedMap {
  const names = ['endpoints', 'targets', 'notifiers', 'slots', 'keep', 'plugins'];
  return { kind: 'map', spot, entries: new Map(names.map((name) => [name, { key: spot, value: emptyMap(spot) }])) };
}

export function sameProblem(one: ConfigProblem, other: ConfigProblem): boolean {
  return one.key === other.key && one.message === other.message;
}

/** Reads the new text back: it must say what the old one said and the change, nothing else. Aliases can make it otherwise. */
export function proveEdit(file: string, before: string, after: string, edits: readonly TextEdit[]): void {
  const wanted = new Map(sectionsOf(file, before));
  for (const { path, value } of edits) {
    const [section = '', name = ''] = path;
    const entries = { ...wanted.get(section), [name]: value };
    if (value === undefined) delete entries[name];
    wanted.set(section, entries);
  }
  const plain = (sections: ReadonlyMap<string, Readonly<Record<string, unknown>>>): unknown =>
    JSON.parse(JSON.stringify(Object.fromEntries([...sections].filter(([, value]) => Object.keys(value).length > 0))));
  if (!isDeepStrictEqual(plain(sectionsOf(file, after)), plain(wanted))) throw byHand(file);
}

/** What a text says, by section; a value that is no map stands under the empty name. */
function sectionsOf(file: string, text: string): Map<string, Readonly<Record<string, unknown>>> {
  const value = ownValue(file, text).value;
  if (value?.kind !== 'map') return new Map();
  return new Map(
    [...value.entries].map(([key, entry]) => {
      const plain = toPlain(entry.value);
      const map = typeof plain === 'object' && plain !== null && !Array.isArray(plain);
      return [key, map ? plain : plain === null ? {} : { '': plain }];
    }),
  );
}

export function byHand(file: string, cause?: unknown): HoldfastError {
  return new HoldfastError('UNSUPPORTED', `${file} is written in a way that cannot be changed without changing more`, {
    remedy: 'change it by hand; anchors and aliases are mostly the reason',
    facts: { file },
    cause,
  });
}
