import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { apiVersion, HoldfastError, questionsOf } from '@holdfast/api';
import { ownCopy } from '../activation/own-copy.ts';

/** Kinds of plugin that there is a skeleton for. */
export type SkeletonKind = 'hypervisor' | 'target' | 'technique' | 'notifier';

/** A skeleton that was written. */
export interface NewPlugin {
  readonly name: string;
  readonly folder: string;
  /** Contribution id, as it is used in the configuration. */
  readonly id: string;
  /** Paths relative to the folder. */
  readonly files: readonly string[];
}

interface Skeleton {
  /** Modules below `src/`, without extension. */
  readonly modules: readonly string[];
  readonly contributes: (contribution: Readonly<Record<string, string>>) => object;
  readonly permissions: object;
}

const skeletons: Readonly<Record<SkeletonKind, Skeleton>> = {
  target: {
    modules: ['plugin', 'store', 'names'],
    contributes: (contribution) => ({ targets: [{ ...contribution, shape: 'object-store' }] }),
    permissions: { write: [placeholder('target.path')] },
  },
  hypervisor: {
    modules: ['plugin', 'endpoint', 'inventory', 'marks'],
    contributes: (contribution) => ({ hypervisors: [contribution] }),
    permissions: { write: [placeholder('endpoint.folder')] },
  },
  technique: {
    modules: ['plugin', 'check-point'],
    contributes: (contribution) => ({
      techniques: [{ ...contribution, needs: ['restore-point'], gives: ['verification'], sheet: [] }],
    }),
    permissions: {},
  },
  notifier: {
    modules: ['plugin', 'notifier'],
    contributes: ({ answers: _none, ...contribution }) => ({ notifiers: [contribution] }),
    permissions: { write: [placeholder('notifier.file')] },
  },
};

/**
 * Writes a plugin that works, to be changed into another one.
 * @param name npm package name, for example `@acme/target-vault`.
 * @param folder Made when it is missing; refused when something is in it.
 * @throws `NAME_INVALID`, `NAME_TAKEN` when the folder holds something, `FOLDER_UNWRITABLE`.
 */
export function newPlugin(kind: SkeletonKind, name: string, folder: string): NewPlugin {
  const id = idOf(kind, name);
  const path = resolve(folder);
  const files = filesOf(kind, name, id);
  try {
    mkdirSync(path, { recursive: true });
    if (readdirSync(path).length > 0) throw notEmpty(path);
    for (const [file, text] of files) {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text, { flag: 'wx' });
    }
  } catch (cause) {
    if (cause instanceof HoldfastError) throw cause;
    throw new HoldfastError('FOLDER_UNWRITABLE', `cannot write a plugin into ${path}`, {
      facts: { folder: path },
      cause,
    });
  }
  return { name, folder: path, id, files: [...files.keys()] };
}

/** The last part of the name without what only says its kind: `@acme/target-vault` contributes `vault`. */
function idOf(kind: SkeletonKind, name: string): string {
  const isName = /^(@[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/.test(name) && name.length <= 100;
  const last = name.slice(name.lastIndexOf('/') + 1).replace(/^holdfast-/, '');
  const id = last.replace(new RegExp(`^${kind}-`), '').replace(/[._]/g, '-');
  if (isName && /^[a-z][a-z0-9-]{0,39}$/.test(id)) return id;
  throw new HoldfastError('NAME_INVALID', `${JSON.stringify(name.slice(0, 80))} cannot be the name of a plugin`, {
    remedy: 'use an npm package name in small letters, for example `@acme/target-vault`',
    facts: { name: name.slice(0, 80) },
  });
}

function filesOf(kind: SkeletonKind, name: string, id: string): ReadonlyMap<string, string> {
  const { modules } = skeletons[kind];
  const title = id.charAt(0).toUpperCase() + id.slice(1).replaceAll('-', ' ');
  const words: Readonly<Record<string, string>> = {
    name,
    id,
    title,
    kind,
    idKey: /^[a-z]+$/.test(id) ? id : `'${id}'`,
  };
  const template = (file: string): string => {
    const text = readFileSync(fileURLToPath(new URL(`./templates/${file}.txt`, import.meta.url)), 'utf8');
    return text.replace(/\{\{(\w+)\}\}/g, (whole, word: string) => words[word] ?? whole);
  };
  return new Map([
    ['package.json', json(manifest(kind, name, id, title))],
    ['settings.schema.json', template(`${kind}/settings.schema.json`)],
    // Nothing is asked of a way to reach administrators.
    ...(kind === 'notifier' ? [] : [['answers.json', json(answers(template(`${kind}/answers.json`)))] as const]),
    ...modules.map((module) => [`src/${module}.ts`, template(`${kind}/${module}.ts`)] as const),
    ['conformance.ts', template(`${kind}/conformance.ts`)],
    ['README.md', readme(template('common/README.md'), kind)],
    ['tsconfig.json', json(tsconfig())],
  ]);
}

/** The table of files without the one that this kind has not. */
function readme(text: string, kind: SkeletonKind): string {
  if (kind !== 'notifier') return text;
  return text
    .split('\n')
    .filter((line) => !line.startsWith('| `answers.json`'))
    .join('\n')
    .replace('manifest, schemas and sheet;', 'manifest and schemas;');
}

function manifest(kind: SkeletonKind, name: string, id: string, title: string): object {
  const contribution = { id, title, settings: './settings.schema.json', answers: './answers.json' };
  const { contributes, permissions } = skeletons[kind];
  return {
    name,
    version: '0.1.0',
    displayName: title,
    description: `A ${kind} for Holdfast`,
    license: 'MIT',
    type: 'module',
    main: './src/plugin.ts',
    engines: { holdfast: `^${apiVersion}` },
    contributes: contributes(contribution),
    permissions,
  };
}

/** The skeleton's own answers, each with its question in words. */
function answers(template: string): object {
  const given = new Map<string, unknown>(Object.entries(JSON.parse(template) as object));
  const asked = questionsOf(['movement', 'snapshot', 'agent', 'proxy', 'replication', 'target']);
  const noted = asked
    .filter(({ id }) => given.has(id))
    .map(({ id, question }) => {
      const answer = given.get(id) as Readonly<Record<string, unknown>>;
      const reason = answer.notApplicable;
      const worded =
        typeof reason === 'string' ? { notApplicable: `${reason} (${question})` } : { ...answer, note: question };
      return [id, worded];
    });
  return Object.fromEntries(noted);
}

/** Editors and `tsc` find the API and the kit of the Holdfast that wrote this. */
function tsconfig(): object {
  const types = (specifier: string): string => {
    const path = fileURLToPath(ownCopy(specifier) ?? '');
    return path.endsWith('.js') ? path.replace(/\.js$/, '.d.ts') : path;
  };
  const kit = types('@holdfast/kit/x').replace(/x(\.d)?\.ts$/, '*$1.ts');
  return {
    compilerOptions: {
      target: 'es2024',
      lib: ['es2024', 'esnext'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      erasableSyntaxOnly: true,
      verbatimModuleSyntax: true,
      allowImportingTsExtensions: true,
      ...nodeTypes(),
      paths: {
        '@holdfast/api': [types('@holdfast/api')],
        '@holdfast/api/testing': [types('@holdfast/api/testing')],
        '@holdfast/kit/*': [kit],
      },
    },
    include: ['src', 'conformance.ts'],
  };
}

/** The types of Node that this Holdfast was built with, where they lie beside it; a package carries none. */
function nodeTypes(): object {
  try {
    const file = createRequire(import.meta.url).resolve('@types/node/package.json');
    return { types: ['node'], typeRoots: ['./node_modules/@types', dirname(dirname(file))] };
  } catch {
    return { types: ['node'] };
  }
}

const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;

function placeholder(setting: string): string {
  return `\${${setting}}`;
}

function notEmpty(folder: string): HoldfastError {
  return new HoldfastError('NAME_TAKEN', `${folder} is not empty`, {
    remedy: 'name a folder that is empty or does not exist',
    facts: { folder },
  });
}
