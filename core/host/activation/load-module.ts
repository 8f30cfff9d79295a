import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Activate, HoldfastError, type Manifest } from '@holdfast/api';
import { mainModule } from '../manifest/read.ts';
import { nativeImport } from './native-import.ts';
import { giveOwnCopy } from './own-copy.ts';

/**
 * Loads a plugin's module into this thread and answers its `activate`.
 * @param resolvesHere Whether the plugin lies where Node finds `@holdfast/*` by itself; else it gets the host's copy.
 * @throws `PLUGIN_FAILED` when the module exports no function of that name.
 */
export async function loadActivate(folder: string, manifest: Manifest, resolvesHere: boolean): Promise<Activate> {
  const root = realpathSync(folder);
  if (!resolvesHere) giveOwnCopy(`${pathToFileURL(root).href}/`);
  const module = await nativeImport(pathToFileURL(mainModule(root, manifest.main)).href);
  const activate: unknown = module.activate;
  if (typeof activate === 'function') return activate as Activate;
  throw new HoldfastError(
    'PLUGIN_FAILED',
    `${manifest.name} exports no function named activate from ${manifest.main}`,
    {
      facts: { plugin: manifest.name, main: manifest.main },
    },
  );
}
