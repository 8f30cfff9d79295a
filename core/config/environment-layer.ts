import type { ConfigProblem, KnownSchemas } from './contract.ts';
import type { Environment } from './environment.ts';
import { child, forbiddenKeys, type Located, type LocatedEntry, type LocatedMap, type Spot } from './located.ts';
import { isInstanceSection, merge } from './merge.ts';
import { editDistance, nearest } from './nearest.ts';
import { problemAt } from './problem.ts';
import { isSchema } from './schema/assemble.ts';
import { coreProperties, type Schema, sectionNames } from './schema/core-schema.ts';
import { visible } from './visible.ts';

const prefix = 'HOLDFAST_';
const sections = new Map<string, string>(sectionNames.map((name) => [name.toUpperCase(), name]));

/** Sections whose settings are core's own and have no names that somebody gave. */
const fixedSections = new Set(['server', 'approvals', 'metrics', 'schedules']);

/** Variables of Holdfast that are not settings. */
const others = new Set(['HOLDFAST_SEAL_PASSPHRASE', 'HOLDFAST_SEAL_PASSPHRASE_FROM']);

/** Variables that set something, in order of name, so that equal environments give equal configurations. */
export function settingVariables(env: Environment): [string, string][] {
  return Object.entries(env)
    .filter((pair): pair is [string, string] => pair[1] !== undefined && pair[0].startsWith(prefix))
    .filter(([name]) => !others.has(name))
    .filter(([name]) => sections.has(sectionPart(name)) || looksMeant(name))
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * The highest layer. `HOLDFAST_` and the keys of the path in capitals, joined by two underscores; in a name `_` stands for `-`,
 * in a setting it begins the next word: `HOLDFAST_TARGETS__DISK_MAIN__MAX_BYTES` is `targets.disk-main.maxBytes`.
 * @param below All other layers, which say what `use` is of an endpoint, target or notifier.
 */
export function environmentLayer(
  env: Environment,
  below: LocatedMap,
  known: KnownSchemas | undefined,
): { readonly layer: LocatedMap; readonly problems: readonly ConfigProblem[] } {
  const spot: Spot = { layer: 'environment', place: 'environment', line: 0, column: 0 };
  const problems: ConfigProblem[] = [];
  let layer: LocatedMap = { kind: 'map', entries: new Map(), spot };
  // `use` first: it says how the other settings of an instance are read.
  const variables = settingVariables(env).toSorted(
    ([a], [b]) => Number(b.endsWith('__USE')) - Number(a.endsWith('__USE')),
  );
  for (const [name, text] of variables) {
    const at: Spot = { ...spot, place: name };
    const section = sections.get(sectionPart(name));
    const words = name.slice(prefix.length).split('__').slice(1);
    if (section === undefined) {
      const near = nearest(sectionPart(name), sections.keys());
      const hint = near === undefined ? '' : `, the nearest one is ${prefix}${near}`;
      problems.push(problemAt(at, [], `no setting is meant by this variable${hint}`, near && prefix + near));
    } else if (words.some((word) => word === '' || forbiddenKeys.has(word.toLowerCase()))) {
      problems.push(problemAt(at, [], 'between two underscores and two underscores stands a name or a setting'));
    } else {
      const schemas = new Settings(known, merge(below, layer));
      const { path, schema } = schemas.find(section, words);
      const value = readValue(text, schema, at);
      if (value === null) problems.push(problemAt(at, path, 'more than 32 levels deep, or a key that is not allowed'));
      else layer = merge(layer, nest(path, value, at));
    }
  }
  return { layer, problems };
}

function sectionPart(name: string): string {
  return name.slice(prefix.length).split('__')[0] ?? '';
}

/** A variable with a path in it, or with the name of a section mistyped, is meant as a setting; `HOLDFAST_KEY` is not `HOLDFAST_KEEP`. */
function looksMeant(name: string): boolean {
  if (name.slice(prefix.length).includes('__')) return true;
  const word = sectionPart(name);
  const near = nearest(word, sections.keys());
  return near !== undefined && editDistance(word, near) <= (word.length < 6 ? 1 : 2);
}

/** Finds the setting that the words of a variable name mean, with its schema where one is known. */
class Settings {
  readonly #known: KnownSchemas | undefined;
  readonly #tree: LocatedMap;

  constructor(known: KnownSchemas | undefined, tree: LocatedMap) {
    this.#known = known;
    this.#tree = tree;
  }

  find(section: string, words: readonly string[]): { path: readonly string[]; schema: Schema | undefined } {
    const [first, ...rest] = words;
    if (first === undefined) return { path: [section], schema: undefinedUnless(Reflect.get(coreProperties, section)) };
    if (section === 'plugins') return this.#inPlugin(first, rest);
    if (fixedSections.has(section))
      return descend([section], undefinedUnless(Reflect.get(coreProperties, section)), words);
    const name = first.toLowerCase().replaceAll('_', '-');
    if (!isInstanceSection(section)) {
      return { path: [section, name, ...rest.map(camelCase)], schema: { type: 'integer' } };
    }
    const use = child(child(child(this.#tree, section), name), 'use');
    const group = this.#known?.[section === 'endpoints' ? 'hypervisors' : section];
    const used = use?.kind === 'scalar' && typeof use.value === 'string' ? use.value : '';
    return descend([section, name], own(group, used), rest);
  }

  #inPlugin(word: string, rest: readonly string[]): { path: readonly string[]; schema: Schema | undefined } {
    const plugins = this.#known?.plugins ?? {};
    const set = child(this.#tree, 'plugins');
    const names = [...Object.keys(plugins), ...(set?.kind === 'map' ? set.entries.keys() : [])];
    const capitals = (name: string) =>
      name
        .toUpperCase()
        .replaceAll(/[^A-Z0-9]+/g, '_')
        .replace(/^_/, '');
    const name = names.find((candidate) => capitals(candidate) === word) ?? word.toLowerCase().replaceAll('_', '-');
    return descend(['plugins', name], own(plugins, name), rest);
  }
}

function own(group: Readonly<Record<string, Schema>> | undefined, key: string): Schema | undefined {
  return group !== undefined && Object.hasOwn(group, key) ? group[key] : undefined;
}

function undefinedUnless(schema: unknown): Schema | undefined {
  return isSchema(schema) ? schema : undefined;
}

/** Follows words through the properties of a schema; where it knows none, a setting is taken to be written in camel case. */
function descend(start: readonly string[], schema: Schema | undefined, words: readonly string[]) {
  const path = [...start];
  let at = schema;
  for (const word of words) {
    const properties: Schema = at !== undefined && isSchema(at.properties) ? at.properties : {};
    const plain = word.toLowerCase().replaceAll('_', '');
    const key = Object.keys(properties).find((name) => name.toLowerCase().replaceAll(/[_-]/g, '') === plain);
    path.push(key ?? camelCase(word));
    at = key === undefined ? undefined : undefinedUnless(properties[key]);
  }
  return { path, schema: words.length === 0 ? { type: 'object' } : at };
}

function camelCase(word: string): string {
  return word.toLowerCase().replaceAll(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** A variable's text as the schema wants it; without a schema, as YAML would take it. What does not fit stays text, and fails its check. */
function readValue(text: string, schema: Schema | undefined, at: Spot): Located | null {
  const types = schema === undefined ? ['number', 'boolean', 'object', 'array'] : [schema.type].flat();
  if (schema !== undefined && (types.includes('string') || schema.enum !== undefined)) return scalar(text, at);
  if ((types.includes('number') || types.includes('integer')) && /^-?\d{1,15}(\.\d+)?$/.test(text)) {
    return scalar(Number(text), at);
  }
  if (types.includes('boolean') && (text === 'true' || text === 'false')) return scalar(text === 'true', at);
  if ((types.includes('object') && text.startsWith('{')) || (types.includes('array') && text.startsWith('['))) {
    const parsed = parseJson(text);
    return parsed === undefined ? scalar(text, at) : locate(parsed, at, 0);
  }
  return scalar(text, at);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function scalar(value: string | number | boolean | null, spot: Spot): Located {
  return { kind: 'scalar', value, spot };
}

/** JSON from a variable; `null` when it is too deep or has a key that is not allowed. */
function locate(value: unknown, spot: Spot, depth: number): Located | null {
  if (depth > 32) return null;
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => locate(item, spot, depth + 1));
    return items.every((item) => item !== null) ? { kind: 'list', items, spot } : null;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = new Map<string, LocatedEntry>();
    for (const [key, inner] of Object.entries(value)) {
      const located = forbiddenKeys.has(key) ? null : locate(inner, spot, depth + 1);
      if (located === null) return null;
      entries.set(key, { key: spot, value: located });
    }
    return { kind: 'map', entries, spot };
  }
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? scalar(value, spot)
    : scalar(null, spot);
}

function nest(path: readonly string[], value: Located, spot: Spot): LocatedMap {
  const [first = '', ...rest] = path.map((part) => visible(part));
  const inner = rest.length === 0 ? value : nest(rest, value, spot);
  return { kind: 'map', entries: new Map([[first, { key: spot, value: inner }]]), spot };
}
