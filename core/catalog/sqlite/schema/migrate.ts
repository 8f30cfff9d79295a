import { HoldfastError } from '@holdfast/api';
import type { Database } from '../database.ts';
import { damaged } from '../failures.ts';
import { keepCopy } from './keep-copy.ts';
import { type Migration, newestSchema } from './migrations.ts';

/** `HfCt`, in the header of every catalog: tells it from any other SQLite file. */
const applicationId = 0x48664374;

/**
 * The schema of the file; 0 when it is new. Only reads; within a transaction, so that a catalog that is being made is not seen half made.
 * @param newest The newest schema that this program knows.
 * @throws {HoldfastError} `CATALOG_NEWER`; `CATALOG_DAMAGED` when the file is a database, but not a catalog.
 */
export function requireKnownSchema(database: Database, newest: number): number {
  const version = database.pragmaNumber('user_version');
  const id = database.pragmaNumber('application_id');
  const isNew = version === 0 && id === 0 && database.pragma('table_list').every(({ name }) => isOwn(name));
  if (!isNew && (id !== applicationId || version < 1))
    throw damaged(database.file, 'it is a database of something else');
  if (version <= newest) return version;
  throw new HoldfastError(
    'CATALOG_NEWER',
    `the catalog ${database.file} has schema ${version}, this Holdfast knows ${newest}`,
    {
      facts: { file: database.file, schema: version, known: newest },
    },
  );
}

const isOwn = (table: unknown): boolean => typeof table === 'string' && table.startsWith('sqlite_');

/**
 * Brings a catalog to the newest schema, all steps or none; a new file gets all of them. An older catalog is first copied to
 * `FILE.schema-VERSION`. Several processes may do this at once: one does, the others find it done.
 */
export function migrate(database: Database, migrations: readonly Migration[]): void {
  const newest = newestSchema(migrations);
  const before = database.read(() => requireKnownSchema(database, newest));
  if (before === newest) return;
  if (before > 0) keepCopy(database, before);
  // Tables that are made anew would lose what refers to them; checked below, before the commit.
  database.exec('pragma foreign_keys = off');
  try {
    database.write(() => {
      const version = requireKnownSchema(database, newest);
      for (const step of migrations) if (step.version > version) database.exec(step.sql);
      if (database.pragma('foreign_key_check').length > 0)
        throw damaged(database.file, 'rows belong to rows that are not there');
      database.exec(`pragma application_id = ${applicationId}; pragma user_version = ${newest}`);
    });
  } finally {
    database.exec('pragma foreign_keys = on');
  }
}
