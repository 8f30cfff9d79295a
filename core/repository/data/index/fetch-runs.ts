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
/** Fetched at a time: many small ones, for each is a journey, but few large ones. */
const FETCHES = 8;

/** An index object as the store lists it. */
export interface ListedRun {
  readonly run: string;
  readonly sizeBytes: number;
}

/**
 * Fetches index objects in batches that fit in memory. What is gone is left out.
 * @param onBad Told of an object that cannot be read because it is damaged.
 */
export async function* fetchRuns(
  store: ObjectStore,
  runs: readonly ListedRun[],
  onBad: (run: string, why: string) => void,
  call: Call,
): AsyncGenerator<readonly FetchedRun[]> {
  for (let at = 0; at < runs.length; ) {
    const some = batchFrom(runs, at);
    at += some.length;
    const fetched = await mapLimited(some, FETCHES, ({ run }) => fetchRun(store, run, onBad, call));
    const batch = fetched.filter((object) => object !== null);
    if (batch.length > 0) yield batch;
  }
}

function batchFrom(runs: readonly ListedRun[], first: number): readonly ListedRun[] {
  let end = first;
  let bytes = 0;
  for (; end < runs.length && end - first < BATCH_OBJECTS; end++) {
    bytes += runs[end]?.sizeBytes ?? 0;
    if (end > first && bytes > BATCH_BYTES) break;
  }
  return runs.slice(first, end);
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
