import { type Call, isHoldfastError, type ObjectStore, throwIfCancelled } from '@holdfast/api';
import { mapLimited } from '../../documents/map-limited.ts';
import { readObject } from '../../documents/read-object.ts';
import type { ThreadPool } from '../lanes/thread-pool.ts';
import { MAX_INDEX_BYTES } from './run-object.ts';

/** Index objects that are not whole or say of packs what those do not say of themselves, by name, with what is wrong. */
export async function wrongRuns(
  store: ObjectStore,
  pool: ThreadPool,
  call: Call,
): Promise<ReadonlyMap<string, string>> {
  const names: string[] = [];
  for await (const { name } of store.list('index/', call)) if (RUN.test(name)) names.push(name);
  const wrong = new Map<string, string>();
  await mapLimited(names, pool.width, async (name) => {
    throwIfCancelled(call.signal, 'comparing the index with the packs');
    const run = name.slice('index/'.length);
    try {
      const bytes = await readObject(store, name, MAX_INDEX_BYTES, call);
      const why = await pool.ask<string | null>('index.wrong', { run, bytes }, call.signal);
      if (why !== null) wrong.set(name, `${name} ${why}`);
    } catch (cause) {
      if (isHoldfastError(cause, 'OBJECT_NOT_FOUND')) return;
      if (!isHoldfastError(cause, 'REPOSITORY_DAMAGED')) throw cause;
      wrong.set(name, cause.message);
    }
  });
  return wrong;
}

const RUN = /^index\/[0-9a-f]{32}$/;
