import { extname } from 'node:path';
import type { ConfigProblem, Folders, LoadedConfig, Origin } from './contract.ts';
import { discover } from './discover.ts';
import { folders } from './folders.ts';
import { checkConfig, type LoadOptions } from './load.ts';
import type { Located } from './located.ts';
import { readText } from './read-text.ts';
import { readTrust, textHash } from './trust.ts';
import { visible } from './visible.ts';

/** One leaf of the configuration, as `config show --origin` lists it. Secrets are references. */
export interface ConfigRow {
  /** Dotted path. */
  readonly key: string;
  readonly value: string | number | boolean | null | readonly unknown[];
  readonly origin: Origin;
}

/** Every leaf with its origin, in order of key. */
export function configRows(loaded: LoadedConfig): ConfigRow[] {
  return [...loaded.origins]
    .map(([key, origin]) => ({ key, value: leafAt(loaded.config, key), origin }))
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Follows a dotted path; the longest key that fits is taken, because a plugin's name may hold a dot itself. */
function leafAt(from: unknown, path: string): ConfigRow['value'] {
  if (path === '') return asLeaf(from);
  if (typeof from !== 'object' || from === null) return null;
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const key = path.slice(0, end);
    if (Object.hasOwn(from, key)) return leafAt(Reflect.get(from, key), path.slice(end + 1));
  }
  return null;
}

function asLeaf(value: unknown): ConfigRow['value'] {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return Array.isArray(value) ? value : null;
}

/** What `config validate` answers. */
export interface ConfigVerdict {
  readonly valid: boolean;
  readonly problems: readonly ConfigProblem[];
  /** Files that were read; when there are problems, those that would have been. */
  readonly files: readonly string[];
  readonly untrusted: readonly string[];
}

/** Checks the configuration without the help of the cache. @throws `CONFIG_UNREADABLE`, `PLUGIN_INVALID`. */
export async function validateConfig(options: LoadOptions): Promise<ConfigVerdict> {
  const { problems, loaded } = await checkConfig({ ...options, cache: false });
  const files = loaded?.files ?? (await discoverFrom(options)).map((place) => place.file);
  return { valid: loaded !== null && problems.length === 0, problems, files, untrusted: loaded?.untrusted ?? [] };
}

/** What trusting a file would put in effect; shown before it is asked for. */
export interface TrustReview {
  readonly file: string;
  readonly sha256: string;
  /** It is trusted with the content that it has now. */
  readonly trusted: boolean;
  /** It was trusted with other content. */
  readonly changed: boolean;
  /** It is a program: all of it runs each time the configuration is loaded. */
  readonly runs: boolean;
  /** Commands that it would run to get secrets. */
  readonly commands: readonly string[];
}

/** Reviews the project's file, or `--config`'s; `null` when there is neither. */
export async function reviewTrust(options: LoadOptions): Promise<TrustReview | null> {
  const places = await discoverFrom(options);
  const place = places.find(({ layer }) => layer === 'given') ?? places.find(({ layer }) => layer === 'project');
  const read = place === undefined ? null : await readText(place.file);
  if (place === undefined || read === null) return null;
  const sha256 = textHash(read.text);
  const entry = (await readTrust(foldersOf(options))).find(({ file }) => file === place.file);
  const runs = extname(place.file) === '.ts';
  return {
    file: place.file,
    sha256,
    trusted: entry?.sha256 === sha256,
    changed: entry !== undefined && entry.sha256 !== sha256,
    runs,
    commands: runs ? [] : await commandsIn(place.file, read.text),
  };
}

async function commandsIn(file: string, text: string): Promise<string[]> {
  const { parseText } = await import('./parse-text.ts');
  const { value } = parseText(text, 'yaml', { layer: 'project', place: file });
  const commands: string[] = [];
  const walk = (node: Located): void => {
    if (node.kind === 'list') node.items.forEach(walk);
    else if (node.kind === 'map') for (const entry of node.entries.values()) walk(entry.value);
    else if (typeof node.value === 'string' && node.value.trimStart().startsWith('command:')) {
      commands.push(visible(node.value, 500));
    }
  };
  if (value !== null) walk(value);
  return commands;
}

async function discoverFrom(options: LoadOptions) {
  return await discover({
    cwd: options.cwd,
    env: options.env,
    folders: foldersOf(options),
    systemFolder: options.systemFolder ?? '/etc/holdfast',
    configFile: options.configFile,
  });
}

function foldersOf(options: LoadOptions): Folders {
  return options.folders ?? folders(options.env);
}
