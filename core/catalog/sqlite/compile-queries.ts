import { writeFileSync } from 'node:fs';
import { type Dialect, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql } from 'kysely';
import { queries } from './queries/all.ts';
import type { Query } from './queries/query.ts';
import type { CatalogTables } from './tables.ts';

/** Writes constants into the SQL; what changes from call to call is a named parameter. */
class AheadCompiler extends SqliteQueryCompiler {
  protected override appendValue(value: unknown): void {
    this.appendImmediateValue(value);
  }
}

const aheadOfTime: Dialect = {
  createAdapter: () => new SqliteAdapter(),
  createDriver: () => new DummyDriver(),
  createIntrospector: (database) => new SqliteIntrospector(database),
  createQueryCompiler: () => new AheadCompiler(),
};

/** Each property is the SQL parameter of its name. */
const named: Record<string, never> = new Proxy(
  {},
  { get: (_, name) => sql.raw(`:${typeof name === 'string' ? name : ''}`) },
);

/** The text of the module that holds the SQL of every query. */
export function compileQueries(): string {
  const builder = new Kysely<CatalogTables>({ dialect: aheadOfTime });
  const lines = Object.entries<Query<never, unknown>>(queries)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, write]) => `  ${name}: \`${write(builder, named as never).compile().sql}\`,`);
  return [
    '// Made by `node core/catalog/sqlite/compile-queries.ts` from queries/; a test keeps the two equal.',
    'export const compiledQueries = {',
    ...lines,
    '} as const;',
    '',
  ].join('\n');
}

if (import.meta.main) writeFileSync(new URL('./compiled-queries.ts', import.meta.url), compileQueries());
