import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Catalog } from '../../core/catalog/contract.ts';
import { openCatalog } from '../../core/catalog/open.ts';
import { ManualClock } from '../base/manual-clock.ts';
import type { MakeBench } from './store-bench.ts';

/** A folder that is gone at the end. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'holdfast-catalog-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Benches on a catalog in a temporary folder, opened twice: on a thread of its own, and on this one. */
export const sqliteBench =
  <S>(pick: (catalog: Catalog) => S): MakeBench<S> =>
  async () => {
    await using opening = new AsyncDisposableStack();
    const folder = opening.use(await temporaryFolder());
    const clock = new ManualClock();
    const options = { file: join(folder.path, 'catalog.db'), now: clock.now };
    const store = opening.use(await openCatalog(options));
    const peer = opening.use(await openCatalog({ ...options, thread: 'caller' }));
    const all = opening.move();
    return { store: pick(store), peer: pick(peer), clock, [Symbol.asyncDispose]: () => all.disposeAsync() };
  };
