import { once } from 'node:events';
import { open, rm, stat } from 'node:fs/promises';
import { HoldfastError } from '@holdfast/api';
import { startWorker } from '../../base/start-worker.ts';
import type { Thrown } from '../thread/messages.ts';
import { unpackThrown } from '../thread/thrown.ts';

/** What the thread that copies is started with. */
export interface CopyStart {
  readonly file: string;
  readonly copy: string;
  readonly busyTimeoutMs: number;
}

/** What it answers. */
export type CopyAnswer = { readonly schema: number } | { readonly thrown: Thrown };

/** A copy that was made. */
export interface CatalogCopy {
  readonly schema: number;
  readonly bytes: number;
}

/** So many bytes are copied in less time than a thread takes to start. */
const SMALL_BYTES = 4 * 1024 * 1024;

/**
 * Copies a catalog as it is at one moment, whoever writes meanwhile, into a file that must not exist yet: mode 0600, one file without a log.
 * @param copyHere Copies it where it is open, and answers its schema; that is done to a small one.
 * @throws {HoldfastError} `CATALOG_DAMAGED`, `CATALOG_UNREADABLE`, `CATALOG_BUSY`, `DISK_SPACE`.
 */
export async function copyCatalog(start: CopyStart, copyHere: () => Promise<number>): Promise<CatalogCopy> {
  const { file, copy } = start;
  // SQLite fills an empty file, and would make one that others can read.
  await (await open(copy, 'wx', 0o600)).close();
  try {
    const isSmall = (await stat(file)).size <= SMALL_BYTES;
    const schema = await (isSmall ? copyHere() : copyApart(start));
    return { schema, bytes: (await stat(copy)).size };
  } catch (failure) {
    await rm(copy, { force: true });
    throw failure;
  }
}

/** In a thread that lives for this copy, so that nobody waits for a large one. */
async function copyApart(data: CopyStart): Promise<number> {
  const worker = startWorker(import.meta.url, './copy-worker', { name: 'catalog copy', data });
  const exited = once(worker, 'exit');
  const ended = exited.then(() => null);
  // Both are waited for at once: a thread that dies says nothing.
  const answer = await Promise.race([once(worker, 'message').then(([said]) => said as CopyAnswer), ended]);
  await exited;
  if (answer === null) throw new HoldfastError('WORKER_LOST', 'the thread that copies the catalog has ended');
  if ('thrown' in answer) throw unpackThrown(answer.thrown);
  return answer.schema;
}
