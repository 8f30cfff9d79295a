import { resolve } from 'node:path';
import { Lifetime } from '../base/lifetime.ts';
import type { OpenCatalog } from './contract.ts';
import { copyCatalog } from './copy/copy.ts';
import { type CallStore, closedTooEarly, remoteStores } from './remote.ts';
import { requireSoundSqlite } from './sqlite/sound-sqlite.ts';
import { DatabaseThread } from './thread/database-thread.ts';

/**
 * Opens the catalog, making it first where there is none, and migrating it where it is older. Several processes may have it open at once.
 * @throws {HoldfastError} `CATALOG_NEWER`, `CATALOG_DAMAGED`, `CATALOG_UNREADABLE`, `CATALOG_BUSY`, `DISK_SPACE`; `UNSUPPORTED` when this
 *   Node's SQLite or the folder's file system cannot be trusted with it. In none of these cases is an existing file changed.
 */
export const openCatalog: OpenCatalog = async (options) => {
  requireSoundSqlite(process.versions.sqlite ?? '0');
  const { now = Date.now, busyTimeoutMs = 5_000, thread = 'own' } = options;
  const start = { file: resolve(options.file), busyTimeoutMs, now };
  const life = new Lifetime('catalog');
  try {
    const opened = await (thread === 'own' ? openOnItsOwnThread : openHere)(start, life);
    const { site, epoch } = opened;
    return {
      ...remoteStores(opened.call),
      site,
      epoch,
      copyTo: (copy) =>
        copyCatalog({ file: start.file, copy, busyTimeoutMs }, async () =>
          Number(await opened.call('catalog', 'copyInto', [copy])),
        ),
      close: () => life.end(),
      [Symbol.asyncDispose]: () => life.end(),
    };
  } catch (failure) {
    await life.end().catch(() => {});
    throw failure;
  }
};

interface Start {
  readonly file: string;
  readonly busyTimeoutMs: number;
  readonly now: () => number;
}

interface Opened {
  readonly site: string;
  readonly epoch: string;
  readonly call: CallStore;
}

async function openOnItsOwnThread(start: Start, life: Lifetime): Promise<Opened> {
  const thread = new DatabaseThread(start);
  life.defer(() => thread.close());
  const { site, epoch } = (await thread.opened()) as { readonly site: string; readonly epoch: string };
  return { site, epoch, call: (store, method, given) => thread.call(store, method, given) };
}

async function openHere(start: Start, life: Lifetime): Promise<Opened> {
  const { openSession } = await import('./sqlite/open-session.ts');
  const session = openSession(start);
  life.defer(() => session.close());
  const call: CallStore = async (store, method, given) => {
    if (life.isEnded) throw closedTooEarly(store, method);
    return session.call(store, method, given);
  };
  return { site: session.site, epoch: session.epoch, call };
}
