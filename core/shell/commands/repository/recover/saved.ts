import { randomBytes } from 'node:crypto';
import { open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import { renewCatalog } from '../../../../catalog/recover/renew.ts';
import type { SavedCatalog } from '../../../../repository/catalogs/contract.ts';
import type { Repository } from '../../../../repository/contract.ts';
import { formatMoment } from '../../../format/times.ts';

/** A whole catalog in a file of its own, which is not in its place yet. */
export interface FreshCatalog extends AsyncDisposable {
  readonly file: string;
  /** The copy that it was made from; `null` when it was made from the restore points. */
  readonly from: SavedCatalog | null;
}

/** A name beside the catalog for one that is being made; removed at the end if it is still there. */
export function besides(file: string): { readonly file: string; readonly remove: () => Promise<void> } {
  const fresh = `${file}.recovering-${randomBytes(4).toString('hex')}`;
  const remove = async (): Promise<void> => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${fresh}${suffix}`, { force: true });
  };
  return { file: fresh, remove };
}

/** Removes what recoveries that were killed have left beside a catalog. */
export async function removeLeftovers(file: string): Promise<void> {
  for (const name of await readdir(dirname(file))) {
    if (name.startsWith(`${basename(file)}.recovering-`)) await rm(join(dirname(file), name), { force: true });
  }
}

/**
 * The copy that someone means by its name, its identity or the beginning of it.
 * @throws `CATALOG_SAVED_NONE`, `USAGE` when several begin like that.
 */
export function namedCopy(saved: readonly SavedCatalog[], wanted: string): SavedCatalog {
  const idOf = ({ object }: SavedCatalog): string => object.slice(object.lastIndexOf('/') + 1);
  const found = saved.filter((one) => one.object === wanted || idOf(one).startsWith(wanted.toLowerCase()));
  const [only, second] = found;
  if (only === undefined)
    throw new HoldfastError('CATALOG_SAVED_NONE', `no saved catalog is called ${wanted}`, {
      remedy: '`--list` instead of `--catalog` shows what there is',
    });
  if (second !== undefined)
    throw new HoldfastError('USAGE', `${found.length} saved catalogs begin with ${wanted}`, {
      remedy: `write more of it: ${found.map(idOf).join(', ')}`,
    });
  return only;
}

/**
 * Fetches a copy and makes it a catalog of a new epoch.
 * @param target Name of the target here.
 * @throws `REPOSITORY_DAMAGED`, `CATALOG_DAMAGED`, `CATALOG_NEWER`, `DISK_SPACE`.
 */
export async function fetchCatalog(
  repository: Repository,
  from: SavedCatalog,
  place: string,
  target: string,
  call: Call,
): Promise<FreshCatalog> {
  const { file, remove } = besides(place);
  try {
    await using handle = await open(file, 'wx', 0o600);
    let written = 0;
    for await (const piece of repository.catalogPieces(from.object, call)) {
      await handle.writeFile(piece);
      written += piece.length;
      call.progress({ phase: 'reading the saved catalog', doneBytes: written, totalBytes: from.sizeBytes });
    }
    await handle.sync();
    renewCatalog({ file, site: from.site, rename: { from: from.target, to: target } });
    return { file, from, [Symbol.asyncDispose]: remove };
  } catch (problem) {
    await remove();
    throw problem;
  }
}

/**
 * The newest copy of the one installation that has any.
 * @throws `ANSWER_MISSING` when several have: whoever goes on with the identity of one that lives would clean up after it.
 */
export function onlyNewest(saved: readonly SavedCatalog[]): SavedCatalog | null {
  const newest = [...Map.groupBy(saved, ({ site }) => site).values()].flatMap((copies) => copies.slice(0, 1));
  const [only, second] = newest;
  if (second === undefined) return only ?? null;
  const each = newest.map(({ object, savedAt, host }) => {
    const id = object.slice(object.lastIndexOf('/') + 1).slice(0, 8);
    return `${id}${host === '' ? '' : ` of host ${host}`}, saved on ${formatMoment(savedAt)}`;
  });
  throw new HoldfastError('ANSWER_MISSING', `${newest.length} installations have saved their catalogs here`, {
    remedy: `say which one is lost with \`--catalog\`: ${each.join('; ')}`,
    facts: { installations: newest.length },
  });
}

/** The newest copy that is whole; damaged ones are told and passed over. `null` when there is none. @param saved Of one installation. */
export async function fetchNewest(
  repository: Repository,
  saved: readonly SavedCatalog[],
  place: string,
  target: (from: SavedCatalog) => string,
  call: Call,
): Promise<FreshCatalog | null> {
  for (const from of saved) {
    try {
      return await fetchCatalog(repository, from, place, target(from), call);
    } catch (problem) {
      if (!isHoldfastError(problem, 'REPOSITORY_DAMAGED') && !isHoldfastError(problem, 'CATALOG_DAMAGED'))
        throw problem;
      call.log('warn', `the catalog saved on ${formatMoment(from.savedAt)} is passed over: ${problem.message}`);
    }
  }
  return null;
}
