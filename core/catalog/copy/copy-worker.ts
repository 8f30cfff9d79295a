import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { explain } from '../sqlite/failures.ts';
import { packThrown } from '../thread/thrown.ts';
import type { CopyAnswer, CopyStart } from './copy.ts';

// A thread that lives for one copy: a reader of the write-ahead log stands in nobody's way, but the call makes its thread wait.

const { file, copy, busyTimeoutMs } = workerData as CopyStart;

function copied(): CopyAnswer {
  try {
    using database = new DatabaseSync(file, { timeout: busyTimeoutMs });
    database.exec('pragma trusted_schema = off; pragma cell_size_check = on');
    const { user_version: schema } = database.prepare('pragma user_version').get() ?? {};
    database.exec(`vacuum into '${copy.replaceAll("'", "''")}'`);
    return { schema: Number(schema) };
  } catch (thrown) {
    return { thrown: packThrown(explain(thrown, file)) };
  }
}

parentPort?.postMessage(copied());
