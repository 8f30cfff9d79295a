import { resolve } from 'node:path';
import { Lifetime } from '../base/lifetime.ts';
import type { OpenCatalog } from './contract.ts';
import { remoteStores } from './remote.ts';
import { requireSoundSqlite } from './sqlite/sound-sqlite.ts';
import { DatabaseThread } from './thread/database-thread.ts';

/**
 * Opens the catalog, making it first where there is none, and migrating it where it is older. Several processes may have it open at once.
 * @throws {HoldfastError} `CATALOG_NEWER`, `CATALOG_DAMAGED`, `CATALOG_UNREADABLE`, `CATALOG_BUSY`, `DISK_SPACE`; `UNSUPPORTED` when this
 *   Node's SQLite or the folder's file system cannot be trusted with it. In none of these cases is an existing file changed.
 */
export const openCatalog: OpenCatalog = async ({ file, now = Date.now, busyTimeoutMs = 5_000 }) => {
  requireSoundSqlite(process.versions.sqlite ?? '0');
  const life = new Lifetime('catalog');
  const thread = new DatabaseThread({ file: resolve(file), busyTimeoutMs }, now);
  life.defer(() => thread.close());
  try {
    const { site, epoch } = (await thread.opened()) as { readonly site: string; readonly epoch: string };
    const stores = remoteStores((store, method, given) => thread.call(store, method, given));
    return { ...stores, site, epoch, close: () => life.end(), [Symbol.asyncDispose]: () => life.end() };
  } catch (failure) {
    await life.end().catch(() => {});
    throw failure;
  }
};
