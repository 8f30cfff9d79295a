import { randomBytes } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { Database } from '../sqlite/database.ts';
import { damaged, explain } from '../sqlite/failures.ts';
import { requireKnownSchema } from '../sqlite/schema/migrate.ts';
import { migrations, newestSchema } from '../sqlite/schema/migrations.ts';

/** A copy of a catalog that is to become the catalog. */
export interface Renewal {
  /** The file, which nobody else has open. */
  readonly file: string;
  /** Whose catalog it must be. */
  readonly site: string;
  /** A target that has another name from now on; `null` when all keep theirs. */
  readonly rename: { readonly from: string; readonly to: string } | null;
}

/**
 * Proves that a copy is a whole catalog of this site, and begins a new epoch in it: whatever the installation that it was saved by completes from
 * now on is refused here, and nobody holds a lease. Tokens go on growing.
 * @throws {HoldfastError} `CATALOG_DAMAGED`, `CATALOG_NEWER`.
 */
export function renewCatalog({ file, site, rename }: Renewal): { readonly epoch: string } {
  {
    using database = new Database(file, 1_000);
    if (requireKnownSchema(database, newestSchema(migrations)) === 0) throw damaged(file, 'it is empty');
    const found = database.pragma('integrity_check(1)').map((row) => String(row.integrity_check));
    if (found[0] !== 'ok') throw damaged(file, found[0] ?? 'it cannot be checked');
    if (database.pragma('foreign_key_check').length > 0) throw damaged(file, 'rows belong to rows that are not there');
    if (database.one('metaByKey', { key: 'site' })?.value !== site)
      throw damaged(file, 'it is of another installation');
  }
  const epoch = randomBytes(16).toString('hex');
  try {
    using connection = new DatabaseSync(file, { timeout: 1_000 });
    connection.exec('pragma trusted_schema = off; pragma synchronous = full; begin immediate');
    const { changes } = connection.prepare("update meta set value = ? where key = 'epoch'").run(epoch);
    if (Number(changes) !== 1) throw damaged(file, 'it has no epoch');
    connection.exec('delete from leases');
    if (rename !== null && rename.from !== rename.to) {
      for (const table of ['points', 'copies'])
        connection.prepare(`update ${table} set target = ? where target = ?`).run(rename.to, rename.from);
    }
    connection.exec('commit');
  } catch (thrown) {
    throw explain(thrown, file);
  }
  return { epoch };
}
