import type { Problem } from '../manifest/problem.ts';
import type { ReadPlugin } from '../manifest/read.ts';
import { lookAtSchema, mayHave, secretsOf } from './schema-look.ts';

const manifestFile = 'package.json';

/** What a plugin's author should hear of, though the host could run it: schemas and permissions that do not fit each other. */
export function closerLook({ manifest, contributions, problems }: ReadPlugin): readonly Problem[] {
  // What is wrong already would only be said again in other words.
  const isFine = (file: string): boolean => problems.every((problem) => problem.file !== file);
  const files = new Map(contributions.map(({ contribution, settings }) => [contribution.settings, settings]));
  const { configuration, commands = [] } = manifest.contributes;
  const within = (path: string, schema: unknown): readonly Problem[] =>
    lookAtSchema(schema, path).map((finding) => ({ file: manifestFile, ...finding }));
  return [
    ...[...files]
      .filter(([file]) => isFine(file))
      .flatMap(([file, schema]) => lookAtSchema(schema).map((finding) => ({ file, ...finding }))),
    ...within('/contributes/configuration', configuration),
    ...commands.flatMap(({ args }, index) => within(`/contributes/commands/${index}/args`, args)),
    ...(contributions.length > 0 && problems.length === 0 ? permissionProblems(manifest.permissions ?? {}, files) : []),
  ];
}

function permissionProblems(
  permissions: NonNullable<ReadPlugin['manifest']['permissions']>,
  files: ReadonlyMap<string, Readonly<Record<string, unknown>>>,
): readonly Problem[] {
  const schemas = [...files.values()];
  const problems: Problem[] = [];
  const say = (path: string, message: string): void => {
    problems.push({ file: manifestFile, path: `/permissions/${path}`, message });
  };
  const { read = [], write = [], network = [], secrets = [] } = permissions;
  for (const [section, entries] of Object.entries({ read, write, network })) {
    for (const [, whose = '', key = ''] of entries.flatMap((e) => [
      ...e.matchAll(/\$\{([a-z]+)\.([A-Za-z0-9_-]+)\}/g),
    ])) {
      const name = `\${${whose}.${key}}`;
      if (whose === 'plugin') {
        if (key !== 'data' && key !== 'folder')
          say(section, `names ${name}: there are only plugin.data and plugin.folder`);
      } else if (!['endpoint', 'target', 'notifier', 'settings'].includes(whose)) {
        say(section, `names ${name}: there are only endpoint, target, notifier, settings and plugin`);
      } else if (!schemas.some((schema) => mayHave(schema, key))) {
        say(section, `names ${name}, and no settings schema has ${key}`);
      }
    }
  }
  const marked = new Set(schemas.flatMap(secretsOf));
  for (const name of marked) {
    if (!secrets.includes(name)) say('secrets', `lacks ${name}, which a settings schema marks as a secret`);
  }
  for (const name of secrets) {
    if (!marked.has(name) && !schemas.some((schema) => mayHave(schema, name))) {
      say('secrets', `names ${name}, and no settings schema has it`);
    }
  }
  return problems;
}
