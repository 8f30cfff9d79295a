import { createRequire } from 'node:module';
import type { Loaders } from 'cosmiconfig';
import { errnoOf, unreadable } from './read-text.ts';

/** What a loader makes of a file, as cosmiconfig hands it back. */
export type Load<T> = (file: string, text: string) => Promise<T> | T;

interface Explorer {
  load(file: string): Promise<{ readonly config: unknown; readonly filepath: string } | null>;
}
type ExplorerClass = new (options: Readonly<Record<string, unknown>>) => Explorer;

/**
 * Reads one file through cosmiconfig's explorer with loaders of our own.
 * The package's front door is not used: before anything else it looks for `.config/config.js` and the like in the working folder
 * and runs it, so that a stranger's folder would run code in us. The explorer behind it does no such thing.
 * @see docs/decisions/configuration.md
 */
export async function loadFile<T>(file: string, load: Load<T>): Promise<T | null> {
  const { Explorer }: { Explorer: ExplorerClass } = createRequire(import.meta.url)('cosmiconfig/dist/Explorer.js');
  let loaded: T | null = null;
  const keep = async (path: string, text: string) => {
    loaded = await load(path, text);
    return { holdfast: loaded };
  };
  const loaders: Loaders = { '.yaml': keep, '.yml': keep, '.json': keep, '.ts': keep };
  const explorer = new Explorer({
    moduleName: 'holdfast',
    searchPlaces: [],
    ignoreEmptySearchPlaces: true,
    cache: false,
    loaders,
    transform: (result: unknown) => result,
    metaConfigFilePath: null,
    mergeImportArrays: false,
    mergeSearchPlaces: false,
    searchStrategy: 'none',
  });
  try {
    await explorer.load(file);
  } catch (error) {
    const code = errnoOf(error);
    if (code !== undefined) throw unreadable(file, code, error);
    throw error;
  }
  return loaded;
}
