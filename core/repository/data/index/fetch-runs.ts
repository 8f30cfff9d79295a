import { type Call, isHoldfastError, type ObjectStore } from '@holdfast/api';
import { mapLimited } from '../../documents/map-limited.ts';
import { readObject } from '../../documents/read-object.ts';
import { indexName, MAX_INDEX_BYTES } from './run-object.ts';

/** An index object as it was fetched. */
export interface FetchedRun {
  readonly run: string;
  readonly bytes: Uint8Array;
}

/** Index objects that are decoded together: at most this many and about this many bytes. Each byte takes six while it is. */
const BATCH_OBJECTS = 512;
const BATCH_BYTES = 8 * 1024 * 1024;
const FETCHES = 4;

/**
 * Fetches index objects in batches that fit in memory. What is gone is left out.
 * @param onBad Told of an object that cannot be read because it is damaged.
 */
export async function* fetchRuns(
  store: ObjectStore,
  runs: readonly string[],
  onBad: (run: string, why: string) => void,
  call: Call,
): AsyncGenerator<readonly FetchedRun[]> {
  let batch: FetchedRun[] = [];
  let bytes = 0;
  for (let at = 0; at < runs.length; at += FETCHES) {
    const fetched = await mapLimited(runs.slice(at, at + FETCHES), FETCHES, (run) => fetchRun(store, run, onBad, call));
    for (const object of fetched) {
      if (object === null) continue;
      batch.push(object);
      bytes += object.bytes.length;
      if (bytes < BATCH_BYTES && batch.length < BATCH_OBJECTS) continue;
      yield batch;
      batch = [];
      bytes = 0;
    }
  }
  if (batch.length > 0) yield batch;
}

async function fetchRun(
  store: ObjectStore,
  run: string,
  onBad: (run: string, why: string) => void,
  call: Call,
): Promise<FetchedRun | null> {
  try {
    return { run, bytes: await readObject(store, indexName(run), MAX_INDEX_BYTES, call) };
  } catch (cause) {
    if (isHoldfastError(cause, 'OBJECT_NOT_FOUND')) return null;
    if (!isHoldfastError(cause, 'REPOSITORY_DAMAGED')) throw cause;
    onBad(run, cause.message);
    return null;
  }
}
