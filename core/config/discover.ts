import { stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Folders, Origin } from './contract.ts';
import type { Environment } from './environment.ts';
import { homeFolder } from './folders.ts';
import { ConfigInvalid, problemAt } from './problem.ts';
import { errnoOf, readText, unreadable } from './read-text.ts';

/** Names of configuration files in a folder. */
export const fileNames = [
  'holdfast.config.yaml',
  'holdfast.config.yml',
  'holdfast.config.json',
  'holdfast.config.ts',
] as const;

/** A configuration file that is there. */
export interface Place {
  readonly layer: Exclude<Origin['layer'], 'default' | 'environment'>;
  /** Absolute path. */
  readonly file: string;
}

export interface DiscoverOptions {
  readonly cwd: string;
  readonly env: Environment;
  readonly folders: Folders;
  readonly systemFolder: string;
  /** `--config FILE`, relative to `cwd`. */
  readonly configFile?: string | undefined;
}

/**
 * The files that make up the configuration, lowest precedence first. The project's is found by searching upward from `cwd`,
 * at last in the home folder or, outside of it, in the root. A file counts once, where it counts most surely as the administrator's own.
 * @throws `CONFIG_UNREADABLE` when the file of `--config` is missing, `CONFIG_INVALID` when a folder has two files.
 */
export async function discover(options: DiscoverOptions): Promise<Place[]> {
  const places: Place[] = [];
  const system = await inFolder(options.systemFolder, false);
  if (system !== null) places.push({ layer: 'system', file: system });
  const user = await inFolder(options.folders.config, false);
  if (user !== null) places.push({ layer: 'user', file: user });
  const given = options.configFile === undefined ? null : resolve(options.cwd, options.configFile);
  const project = await upward(resolve(options.cwd), homeFolder(options.env), [system, user]);
  if (project !== null && project !== given) places.push({ layer: 'project', file: project });
  if (given !== null) {
    if (!(await exists(given))) throw unreadable(given, 'there is no such file');
    places.push({ layer: 'given', file: given });
  }
  return places;
}

async function upward(start: string, home: string | null, known: readonly (string | null)[]): Promise<string | null> {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = await inFolder(folder, true);
    if (found !== null) return known.includes(found) ? null : found;
    if (folder === home || folder === dirname(folder)) return null;
  }
}

/** The one configuration file of a folder. */
async function inFolder(folder: string, withPackage: boolean): Promise<string | null> {
  const candidates = fileNames.map((name) => join(folder, name));
  const there = await Promise.all(candidates.map(exists));
  const found = candidates.filter((_, index) => there[index]);
  if (withPackage && (await hasPackageKey(join(folder, 'package.json')))) found.push(join(folder, 'package.json'));
  const [first, second] = found;
  if (first !== undefined && second !== undefined) {
    const spot = { layer: 'project', place: second, line: 0, column: 0 } as const;
    throw new ConfigInvalid([problemAt(spot, [], `${first} is there as well: a folder holds one configuration`)]);
  }
  return first ?? null;
}

/** A `package.json` that cannot hold the key is not ours to complain about. */
async function hasPackageKey(file: string): Promise<boolean> {
  if (!(await exists(file))) return false;
  try {
    const read = await readText(file);
    if (read === null || !read.text.includes('"holdfast"')) return false;
    const parsed: unknown = JSON.parse(read.text);
    return typeof parsed === 'object' && parsed !== null && Object.hasOwn(parsed, 'holdfast');
  } catch {
    return false;
  }
}

/** A folder that may not be entered holds nothing for this user. */
async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    const code = errnoOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'EACCES') return false;
    throw unreadable(file, code ?? 'it cannot be looked at', error);
  }
}
