import type { Config, ConfigProblem, KnownSchemas, LoadedConfig, Origin } from './contract.ts';
import { defaultLayer } from './defaults.ts';
import type { Environment } from './environment.ts';
import { environmentLayer } from './environment-layer.ts';
import { child, type Located, type LocatedMap, toPlain } from './located.ts';
import { merge } from './merge.ts';
import { nearest } from './nearest.ts';
import { problemAt } from './problem.ts';
import { type JudgedPlace, readLayer } from './read-layers.ts';
import type { Schema } from './schema/core-schema.ts';
import { explain, isUnknownUse, keySpot } from './schema/explain.ts';
import { compileSchema } from './schema/validate.ts';
import { visible } from './visible.ts';
import { withheldScheme } from './withhold.ts';

/** Everything that is wrong, and the configuration where that lets it be used. */
export interface CheckedConfig {
  readonly problems: readonly ConfigProblem[];
  /** `null` when there are problems other than its own `unusable`. */
  readonly loaded: LoadedConfig | null;
}

/** Reads, merges and checks all layers. Imported only when there is something to read: it needs YAML and the schema's compiler. */
export async function assembleConfig(
  places: readonly JudgedPlace[],
  env: Environment,
  known: KnownSchemas | undefined,
  schema: Schema,
): Promise<CheckedConfig> {
  const problems: ConfigProblem[] = [];
  const untrusted: string[] = [];
  let tree = defaultLayer();
  for (const place of places) {
    const read = await readLayer(place);
    problems.push(...read.problems);
    if (read.withheld) untrusted.push(place.file);
    if (read.layer !== null) tree = merge(tree, read.layer);
  }
  const environment = environmentLayer(env, tree, known);
  problems.push(...environment.problems);
  tree = merge(tree, environment.layer);
  const plain = toPlain(tree);
  const validate = compileSchema(schema);
  // What could not be read leaves gaps; only what is left is checked.
  const errors = validate(plain) ? [] : (validate.errors ?? []);
  // A plugin that went away must not take everything else with it.
  const unusable = explain(errors.filter(isUnknownUse), tree);
  const faults = errors.filter((error) => !isUnknownUse(error));
  problems.push(...explain(faults, tree));
  if (faults.length === 0 && untrusted.length === 0) problems.push(...orphans(tree));
  if (problems.length > 0 || !isConfig(plain)) return { problems: [...problems, ...unusable], loaded: null };
  withhold(plain, tree);
  const files = places.filter((place) => place.effect !== 'nothing').map((place) => place.file);
  const loaded = { config: plain, origins: origins(plain, tree), files, untrusted };
  return { problems: unusable, loaded: unusable.length === 0 ? loaded : { ...loaded, unusable } };
}

/** Retention for a target that does not exist is a slip that would cost restore points, or keep them for ever. */
function orphans(tree: LocatedMap): ConfigProblem[] {
  const targets = child(tree, 'targets');
  const keep = child(tree, 'keep');
  if (keep?.kind !== 'map' || targets?.kind !== 'map') return [];
  return [...keep.entries.keys()]
    .filter((name) => !targets.entries.has(name))
    .map((name) => {
      const near = nearest(name, targets.entries.keys());
      const hint = near === undefined ? '' : `, the nearest one is "${near}"`;
      return problemAt(
        keySpot(tree, ['keep', name]),
        ['keep', name],
        `no target is called "${visible(name)}"${hint}`,
        near,
      );
    });
}

/** Checked by the schema, whose type this is. */
function isConfig(plain: unknown): plain is Config {
  return typeof plain === 'object' && plain !== null && 'targets' in plain && 'workers' in plain;
}

function withhold(plain: unknown, node: Located): void {
  if (typeof plain !== 'object' || plain === null) return;
  const children: Iterable<readonly [string | number, Located]> =
    node.kind === 'list'
      ? node.items.entries()
      : node.kind === 'map'
        ? [...node.entries].map(([key, entry]) => [key, entry.value] as const)
        : [];
  for (const [key, inner] of children) {
    if (inner.kind === 'scalar' && inner.withheld) Reflect.set(plain, key, `${withheldScheme}${inner.spot.place}`);
    else withhold(Reflect.get(plain, key), inner);
  }
}

/** Where each leaf was written; a list is one leaf. What stands nowhere is a default of a plugin's settings. */
function origins(config: Config, tree: LocatedMap): ReadonlyMap<string, Origin> {
  const found = new Map<string, Origin>();
  const walk = (value: unknown, node: Located | undefined, path: readonly string[]): void => {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) walk(inner, child(node, key), [...path, key]);
    } else if (path.length > 0) found.set(path.join('.'), originOf(node));
  };
  walk(config, tree, []);
  return found;
}

function originOf(node: Located | undefined): Origin {
  if (node === undefined) return { layer: 'default', place: 'plugin' };
  const { layer, place, line } = node.spot;
  return { layer, place, ...(line === 0 ? {} : { line }) };
}
