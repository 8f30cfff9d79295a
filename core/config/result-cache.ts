import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import type { LoadedConfig } from './contract.ts';
import type { JudgedPlace } from './read-layers.ts';
import { replaceFile } from './replace-file.ts';
import type { Schema } from './schema/core-schema.ts';

/** Raised when this code makes something else of the same files. */
const version = 2;
const kept = 16;

/**
 * Names an outcome by everything that it depends on: places, contents, how far each is trusted, variables, schema.
 * @returns `null` when code has a say, for it may answer differently each time.
 */
export function cacheKey(
  places: readonly JudgedPlace[],
  variables: readonly (readonly [string, string])[],
  schema: Schema,
): string | null {
  if (places.some((place) => extname(place.file) === '.ts' && place.effect === 'all')) return null;
  return createHash('sha256').update(JSON.stringify({ version, places, variables, schema })).digest('hex');
}

/** A configuration that was valid under this key; anything odd counts as nothing. */
export async function readCached(cacheFolder: string, key: string): Promise<LoadedConfig | null> {
  try {
    const file = fileOf(cacheFolder, key);
    const { uid, mode } = await stat(file);
    if ((process.getuid !== undefined && uid !== process.getuid()) || (mode & 0o022) !== 0) return null;
    const parsed: unknown = JSON.parse(await readFile(file, 'utf8'), withoutPrototype);
    if (!isStored(parsed) || parsed.key !== key) return null;
    return { ...parsed.loaded, origins: new Map(parsed.loaded.origins) };
  } catch {
    return null;
  }
}

/** Leaves an outcome for the next process. A cache that cannot be written is none. */
export async function writeCached(cacheFolder: string, key: string, loaded: LoadedConfig): Promise<void> {
  const folder = join(cacheFolder, 'config');
  const stored: Stored = { key, loaded: { ...loaded, origins: [...loaded.origins] } };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await replaceFile(fileOf(cacheFolder, key), JSON.stringify(stored), { mode: 0o600 });
    await prune(folder);
  } catch {
    // The next process reads the files again.
  }
}

interface Stored {
  readonly key: string;
  readonly loaded: Omit<LoadedConfig, 'origins'> & {
    readonly origins: [string, LoadedConfig['origins'] extends ReadonlyMap<string, infer O> ? O : never][];
  };
}

function isStored(parsed: unknown): parsed is Stored {
  return typeof parsed === 'object' && parsed !== null && 'key' in parsed && 'loaded' in parsed;
}

function fileOf(cacheFolder: string, key: string): string {
  return join(cacheFolder, 'config', `${key}.json`);
}

async function prune(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
  if (names.length <= kept) return;
  const ages = await Promise.all(names.map(async (name) => ({ name, at: (await stat(join(folder, name))).mtimeMs })));
  const old = ages.toSorted((a, b) => b.at - a.at).slice(kept);
  await Promise.all(old.map(({ name }) => rm(join(folder, name), { force: true })));
}

/** Records of the configuration have no prototype, so that no name of an administrator's meets one of JavaScript's. */
function withoutPrototype(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.assign(Object.create(null), value);
}
