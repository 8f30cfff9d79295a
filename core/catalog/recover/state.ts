import { statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isHoldfastError } from '@holdfast/api';
import { Database } from '../sqlite/database.ts';
import { damaged } from '../sqlite/failures.ts';
import { requireKnownSchema } from '../sqlite/schema/migrate.ts';
import { migrations, newestSchema } from '../sqlite/schema/migrations.ts';
import { keepingLog } from './keeping-log.ts';

/** What lies where a catalog belongs. */
export type CatalogState =
  | { readonly kind: 'none' }
  | { readonly kind: 'damaged'; readonly why: string }
  | { readonly kind: 'whole'; readonly runs: number; readonly points: number; readonly policies: number };

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/**
 * Looks at a catalog without making, mending or migrating anything.
 * @throws {HoldfastError} `CATALOG_NEWER`, `CATALOG_UNREADABLE`, `CATALOG_BUSY`: what is there may be good, it only cannot be judged.
 */
export function stateOfCatalog(file: string): CatalogState {
  if (sizeOf(file) === 0) {
    const log = `${file}-wal`;
    return sizeOf(log) === 0 ? { kind: 'none' } : { kind: 'damaged', why: `its log ${log} is there, and it is not` };
  }
  return keepingLog(
    file,
    () => judged(file),
    ({ kind }) => kind === 'whole',
  );
}

function judged(file: string): CatalogState {
  try {
    return { kind: 'whole', ...countsOf(file) };
  } catch (failure) {
    if (!isHoldfastError(failure, 'CATALOG_DAMAGED')) throw failure;
    return { kind: 'damaged', why: failure.message };
  }
}

/** How much a catalog holds. @throws {HoldfastError} as `stateOfCatalog`, and `CATALOG_DAMAGED`. */
export function countsOf(file: string): { readonly runs: number; readonly points: number; readonly policies: number } {
  {
    using database = new Database(file, 1_000);
    if (database.read(() => requireKnownSchema(database, newestSchema(migrations))) === 0)
      throw damaged(file, 'it is empty');
    const [broken] = database.pragma('quick_check(1)').map((row) => String(row.quick_check));
    if (broken !== 'ok') throw damaged(file, broken ?? 'it cannot be checked');
  }
  using connection = new DatabaseSync(file, { timeout: 1_000 });
  const has = connection.prepare("select count(*) as n from sqlite_schema where type = 'table' and name = ?");
  const count = (table: string): number => {
    if (Number(has.get(table)?.n) === 0) return 0;
    return Number(connection.prepare(`select count(*) as n from ${table}`).get()?.n);
  };
  return { runs: count('runs'), points: count('points'), policies: count('policy_sets') };
}
