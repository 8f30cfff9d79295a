import type { Compilable, Expression, Kysely, Simplify } from 'kysely';
import type { CatalogTables } from '../tables.ts';

/** The builder that queries are written with. */
export type Builder = Kysely<CatalogTables>;

/** Named parameters of a query, as expressions. */
export type Parameters<P> = { readonly [K in keyof P]: Expression<P[K]> };

/** A query: written with the builder and typed by it, compiled to SQL ahead of time. */
export type Query<P, R> = (builder: Builder, p: Parameters<P>) => Compilable<R>;

/** Names the parameters of a query; the rows follow from the query itself. */
export const query =
  <P extends object = Record<never, never>>() =>
  <R>(write: Query<P, R>): Query<P, R> =>
    write;

/** What a query wants. */
export type Given<Q> = Q extends Query<infer P, unknown> ? P : never;

/** One row of what a query answers. */
export type Row<Q> = Q extends (...args: never[]) => Compilable<infer R> ? Simplify<R> : never;
