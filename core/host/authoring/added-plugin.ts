import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/api';
import { type Discovered, readAdded } from '../discover.ts';
import { folderName } from '../folder-name.ts';
import { TrustStore } from '../trust/trust-store.ts';
import type { PluginFolders } from './folders.ts';

/** An added plugin by its name. Throws `PLUGIN_NOT_FOUND`. */
export function addedPlugin(folders: PluginFolders, name: string): Discovered {
  const trust = new TrustStore(folders.addedFolder);
  const usual = join(folders.addedFolder, folderName(name));
  const isUsual = !folderName(name).includes('/') && !name.includes('..') && existsSync(usual);
  const candidates = isUsual ? [usual] : others(folders.addedFolder);
  const found = candidates.map((folder) => readAdded(folder, trust, null)).find((p) => p.manifest.name === name);
  if (found !== undefined) return found;
  throw new HoldfastError('PLUGIN_NOT_FOUND', `no plugin named ${name} has been added`, {
    remedy: '`holdfast plugin list` shows what there is; shipped plugins are always trusted and cannot be removed',
    facts: { plugin: name },
  });
}

/** Folders that somebody put there by hand may have any name. */
function others(addedFolder: string): readonly string[] {
  if (!existsSync(addedFolder)) return [];
  return readdirSync(addedFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => join(addedFolder, entry.name));
}
