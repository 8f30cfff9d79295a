import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '../../catalog/contract.ts';

/** A copy of the catalog as it was at one moment, gone at the end. */
export interface CopyOfCatalog extends AsyncDisposable {
  readonly schema: number;
  readonly bytes: AsyncIterable<Uint8Array>;
}

const PIECE_BYTES = 1024 * 1024;

/** Copies the catalog into a folder that only this user can look into. */
export async function copyOfCatalog(catalog: Catalog): Promise<CopyOfCatalog> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-catalog-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const file = join(folder, 'catalog.db');
    const { schema } = await catalog.copyTo(file);
    const bytes = createReadStream(file, { highWaterMark: PIECE_BYTES });
    return { schema, bytes, [Symbol.asyncDispose]: remove };
  } catch (failure) {
    await remove();
    throw failure;
  }
}
