import { isAbsolute, join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import type { Folders } from './contract.ts';
import type { Environment } from './environment.ts';

/**
 * Folders of this installation by the XDG base directory specification 0.8; nothing is made.
 * A relative `XDG_…` path counts as not set, as that specification says.
 * @throws `CONFIG_INVALID` when a folder depends on HOME and HOME is missing, empty or relative.
 */
export function folders(env: Environment): Folders {
  return {
    config: join(base(env, 'XDG_CONFIG_HOME', '.config'), 'holdfast'),
    data: join(base(env, 'XDG_DATA_HOME', '.local/share'), 'holdfast'),
    cache: join(base(env, 'XDG_CACHE_HOME', '.cache'), 'holdfast'),
  };
}

/** The user's home folder, or `null` where HOME does not say. */
export function homeFolder(env: Environment): string | null {
  const home = env.HOME;
  return home !== undefined && isAbsolute(home) ? home : null;
}

function base(env: Environment, name: string, fallback: string): string {
  const set = env[name];
  if (set !== undefined && isAbsolute(set)) return set;
  const home = homeFolder(env);
  if (home !== null) return join(home, fallback);
  const state = env.HOME === undefined ? 'not set' : env.HOME === '' ? 'empty' : 'not an absolute path';
  throw new HoldfastError('CONFIG_INVALID', `there is no folder for Holdfast's files: HOME is ${state}`, {
    remedy: 'set HOME to your home folder, or XDG_CONFIG_HOME, XDG_DATA_HOME and XDG_CACHE_HOME to absolute paths',
    facts: { variable: name },
  });
}
