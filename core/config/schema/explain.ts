import type { ErrorObject } from 'ajv/dist/2020.js';
import type { ConfigProblem } from '../contract.ts';
import { child, type Located, type LocatedMap, type Spot } from '../located.ts';
import { nearest } from '../nearest.ts';
import { problemAt } from '../problem.ts';
import { visible } from '../visible.ts';
import { isSchema } from './assemble.ts';

/** Keywords that only say that a part of theirs failed, which has its own error. */
const wrappers = new Set(['if', 'propertyNames', 'allOf', '$ref']);

/**
 * What ajv found, as problems at the places where the values were written, in order of file and line.
 * No text holds a value of the configuration but that of `use`: a value may be a secret in the wrong place.
 */
export function explain(errors: readonly ErrorObject[], tree: LocatedMap): ConfigProblem[] {
  const problems = new Map<string, ConfigProblem>();
  for (const error of errors) {
    if (wrappers.has(error.keyword)) continue;
    const problem = explainOne(error, tree);
    const identity = `${problem.file}\n${problem.line}\n${problem.column}\n${problem.key}\n${problem.message}`;
    problems.set(identity, problem);
  }
  return [...problems.values()].toSorted(
    (a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column,
  );
}

function explainOne(error: ErrorObject, tree: LocatedMap): ConfigProblem {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const { params, parentSchema } = error;
  switch (error.keyword) {
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const key = String(params.additionalProperty ?? params.unevaluatedProperty);
      const near = nearest(key, knownKeys(parentSchema));
      return problemAt(keySpot(tree, [...path, key]), [...path, key], unknownKey(key, near, parentSchema), near);
    }
    case 'required': {
      const message = `the setting "${visible(String(params.missingProperty))}" is missing`;
      return problemAt(keySpot(tree, path), path, message);
    }
    case 'enum':
      return explainEnum(error, path, tree);
    case 'pattern': {
      const name = error.propertyName;
      if (name !== undefined) {
        const message =
          'a name is made of a–z, 0–9 and "-", begins with a letter or digit and has at most 63 characters';
        return problemAt(keySpot(tree, [...path, name]), [...path, name], message);
      }
      return problemAt(valueSpot(tree, path), path, patternMessage(parentSchema, params.pattern));
    }
    default:
      return problemAt(valueSpot(tree, path), path, plainMessage(error));
  }
}

/** Whether an error says only that no plugin contributes what an endpoint, target or notifier uses. */
export function isUnknownUse({ keyword, instancePath, data }: ErrorObject): boolean {
  return (
    keyword === 'enum' &&
    typeof data === 'string' &&
    data !== '' &&
    /^\/(endpoints|targets|notifiers)\/[^/]+\/use$/.test(instancePath)
  );
}

function explainEnum(error: ErrorObject, path: readonly string[], tree: LocatedMap): ConfigProblem {
  const allowed: readonly unknown[] = Array.isArray(error.params.allowedValues) ? error.params.allowedValues : [];
  const words = allowed.map(String).filter((word) => word !== '');
  const spot = valueSpot(tree, path);
  if (path.length === 3 && path[2] === 'use') {
    const used = String(error.data);
    const near = nearest(used, words);
    const what = path[0] === 'endpoints' ? 'hypervisor' : path[0] === 'notifiers' ? 'notifier' : 'target';
    const message = `no plugin contributes a ${what} "${visible(used)}"; there is ${words.join(', ') || 'none'}`;
    return problemAt(spot, path, message, near);
  }
  return problemAt(spot, path, `must be one of ${words.join(', ')}`);
}

function unknownKey(key: string, near: string | undefined, schema: unknown): string {
  if (near !== undefined) return `unknown key "${visible(key)}", the nearest one is "${near}"`;
  const known = knownKeys(schema).filter((name) => !name.startsWith('$'));
  return `unknown key "${visible(key)}", known here: ${known.slice(0, 20).join(', ') || 'none'}`;
}

function knownKeys(schema: unknown): string[] {
  return isSchema(schema) && isSchema(schema.properties) ? Object.keys(schema.properties) : [];
}

function patternMessage(schema: unknown, pattern: unknown): string {
  if (isSchema(schema) && schema.secret === true) {
    return 'must be a reference to a secret (env:NAME, file:/path, command:program, keyring:service/account, systemd:name, sealed:name), never the secret itself';
  }
  return `does not match ${String(pattern)}`;
}

const typeNames: Readonly<Record<string, string>> = {
  integer: 'a whole number',
  number: 'a number',
  string: 'text (in YAML: put it in quotes)',
  boolean: 'true or false',
  object: 'a map of settings',
  array: 'a list',
  null: 'empty',
};

function plainMessage(error: ErrorObject): string {
  if (error.keyword === 'type') {
    const wanted: unknown = error.params.type;
    const names = (Array.isArray(wanted) ? wanted : [wanted]).map((name) => typeNames[String(name)] ?? String(name));
    return `must be ${names.join(' or ')}, and is ${kindOf(error.data)}`;
  }
  if (error.keyword === 'minimum') return `must be at least ${String(error.params.limit)}`;
  if (error.keyword === 'maximum') return `must be at most ${String(error.params.limit)}`;
  return error.message ?? `breaks the rule "${error.keyword}"`;
}

function kindOf(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'string') return 'text';
  return typeof value === 'number' ? 'a number' : 'true or false';
}

/** Where the key at the end of a path stands; for the whole configuration, where it begins. */
export function keySpot(tree: LocatedMap, path: readonly string[]): Spot {
  const parent = deepest(tree, path.slice(0, -1));
  const last = path.at(-1);
  if (parent.kind === 'map' && last !== undefined) return parent.entries.get(last)?.key ?? parent.spot;
  return valueSpot(tree, path);
}

/** Where the value at the end of a path stands. */
export function valueSpot(tree: LocatedMap, path: readonly string[]): Spot {
  return deepest(tree, path).spot;
}

/** The value that a path leads to, or the last one on the way that exists. */
function deepest(tree: LocatedMap, path: readonly string[]): Located {
  let node: Located = tree;
  for (const part of path) {
    const next: Located | undefined = node.kind === 'list' ? node.items[Number(part)] : child(node, part);
    if (next === undefined) return node;
    node = next;
  }
  return node;
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
