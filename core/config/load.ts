import type { CheckedConfig } from './assemble-config.ts';
import type { Folders, KnownSchemas, LoadedConfig } from './contract.ts';
import { defaultConfig } from './default-config.ts';
import { discover } from './discover.ts';
import type { Environment } from './environment.ts';
import { settingVariables } from './environment-layer.ts';
import { folders } from './folders.ts';
import { judge } from './judge.ts';
import { ConfigInvalid } from './problem.ts';
import { cacheKey, readCached, writeCached } from './result-cache.ts';
import { assembleSchema } from './schema/assemble.ts';

/** How the configuration is looked for. */
export interface LoadOptions {
  /** The project's file is searched from here upward. */
  readonly cwd: string;
  readonly env: Environment;
  /** `--config FILE`, relative to `cwd`. */
  readonly configFile?: string | undefined;
  /** Settings schemas of plugins. Absent: settings of plugins are taken as they are. */
  readonly known?: KnownSchemas | undefined;
  /** Default is `folders(env)`. */
  readonly folders?: Folders | undefined;
  /** Default is `/etc/holdfast`. */
  readonly systemFolder?: string | undefined;
  /** Whether the outcome may be taken from, and is left in, the cache folder. Default is `true`. */
  readonly cache?: boolean | undefined;
}

/**
 * Loads the configuration: defaults, system, user, project, `--config` and environment, each laid over the one before.
 * An endpoint or target whose plugin is not there is loaded unchecked and named in `unusable`.
 * @throws `CONFIG_INVALID` with every problem in its message, `CONFIG_UNREADABLE`, `PLUGIN_INVALID`.
 */
export async function loadConfig(options: LoadOptions): Promise<LoadedConfig> {
  const { loaded, problems } = await checkConfig(options);
  if (loaded === null) throw new ConfigInvalid(problems);
  return loaded;
}

/** Like `loadConfig`, but hands the problems back. What cannot even be read is thrown all the same. */
export async function checkConfig(options: LoadOptions): Promise<CheckedConfig> {
  const home = options.folders ?? folders(options.env);
  const places = await discover({
    cwd: options.cwd,
    env: options.env,
    folders: home,
    systemFolder: options.systemFolder ?? '/etc/holdfast',
    configFile: options.configFile,
  });
  const variables = settingVariables(options.env);
  if (places.length === 0 && variables.length === 0) return { problems: [], loaded: defaultConfig() };
  const judged = await judge(places, home);
  const schema = assembleSchema(options.known);
  const key = options.cache === false ? null : cacheKey(judged, variables, schema);
  const cached = key === null ? null : await readCached(home.cache, key);
  if (cached !== null) return { problems: cached.unusable ?? [], loaded: cached };
  const { assembleConfig } = await import('./assemble-config.ts');
  const checked = await assembleConfig(judged, options.env, options.known, schema);
  if (key !== null && checked.loaded !== null) await writeCached(home.cache, key, checked.loaded);
  return checked;
}
