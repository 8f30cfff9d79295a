import { randomBytes } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TrustStore } from '../trust/trust-store.ts';
import { addedPlugin } from './added-plugin.ts';
import type { PluginFolders } from './folders.ts';

/**
 * Removes an added plugin and the trust in it. Its own data stays, so that adding it again finds what it knew.
 * @throws `PLUGIN_NOT_FOUND`.
 */
export function removePlugin(folders: PluginFolders, name: string): { readonly name: string; readonly folder: string } {
  const { folder } = addedPlugin(folders, name);
  const aside = join(folders.addedFolder, `.removing-${randomBytes(6).toString('hex')}`);
  new TrustStore(folders.addedFolder).distrust(name);
  renameSync(folder, aside);
  rmSync(aside, { recursive: true, force: true });
  return { name, folder };
}
