import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { readText, storeText } from './codec/text.ts';
import { compiledQueries } from './compiled-queries.ts';
import { explain } from './failures.ts';
import type { queries } from './queries/all.ts';
import type { Given, Row } from './queries/query.ts';

type Queries = typeof queries;
export type QueryName = keyof Queries;

const store = (value: unknown): SQLInputValue => {
  if (typeof value === 'string') return storeText(value);
  if (typeof value === 'number' || value === null) return value;
  throw new TypeError(`a query was given a ${typeof value}`);
};

const read = (value: SQLOutputValue): SQLOutputValue => (typeof value === 'string' ? readText(value) : value);

/** One connection to a catalog file: runs compiled queries, keeps their statements, and tells what went wrong in Holdfast's words. */
export class Database implements Disposable {
  readonly file: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<QueryName, StatementSync>();

  /** @param busyTimeoutMs How long a statement waits for another process before it throws `CATALOG_BUSY`. */
  constructor(file: string, busyTimeoutMs: number) {
    this.file = file;
    this.#connection = this.#told(() => new DatabaseSync(file, { timeout: busyTimeoutMs }));
  }

  /** All rows that a query answers. */
  all<N extends QueryName>(name: N, given: Given<Queries[N]>): Row<Queries[N]>[] {
    return this.#told(() => this.#statement(name).all(this.#stored(given))).map((row) => this.#read<N>(row));
  }

  /** The first row that a query answers, or `undefined`. */
  one<N extends QueryName>(name: N, given: Given<Queries[N]>): Row<Queries[N]> | undefined {
    const row = this.#told(() => this.#statement(name).get(this.#stored(given)));
    return row === undefined ? undefined : this.#read<N>(row);
  }

  /** How many rows a query changed. */
  run<N extends QueryName>(name: N, given: Given<Queries[N]>): number {
    return Number(this.#told(() => this.#statement(name).run(this.#stored(given))).changes);
  }

  /** Does everything or nothing, with nobody writing in between; durable when it returns. Does not nest. */
  write<T>(work: () => T): T {
    this.exec('begin immediate');
    try {
      const result = work();
      this.exec('commit');
      return result;
    } catch (failure) {
      // SQLite has rolled back by itself after a full disk or a failed read.
      if (this.#connection.isTransaction) this.exec('rollback');
      throw failure;
    }
  }

  /** Reads everything as of one moment, whoever writes meanwhile. Does not nest. */
  read<T>(work: () => T): T {
    this.exec('begin');
    try {
      return work();
    } finally {
      if (this.#connection.isTransaction) this.exec('rollback');
    }
  }

  /** SQL of our own that no query can express: pragmas, transactions, tables. */
  exec(sql: string): void {
    this.#told(() => this.#connection.exec(sql));
  }

  /** The rows of a pragma. */
  pragma(text: string): Record<string, SQLOutputValue>[] {
    return this.#told(() => this.#connection.prepare(`pragma ${text}`).all());
  }

  /** The single number that a pragma answers. */
  pragmaNumber(name: string): number {
    return Number(Object.values(this.pragma(name)[0] ?? {})[0]);
  }

  [Symbol.dispose](): void {
    if (this.#connection.isOpen) this.#told(() => this.#connection.close());
  }

  #statement(name: QueryName): StatementSync {
    let statement = this.#statements.get(name);
    if (statement === undefined) {
      statement = this.#connection.prepare(compiledQueries[name]);
      this.#statements.set(name, statement);
    }
    return statement;
  }

  #stored(given: object): Record<string, SQLInputValue> {
    return Object.fromEntries(Object.entries(given).map(([key, value]) => [key, store(value)]));
  }

  #read<N extends QueryName>(row: Record<string, SQLOutputValue>): Row<Queries[N]> {
    return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, read(value)])) as Row<Queries[N]>;
  }

  #told<T>(work: () => T): T {
    try {
      return work();
    } catch (thrown) {
      throw explain(thrown, this.file);
    }
  }
}
