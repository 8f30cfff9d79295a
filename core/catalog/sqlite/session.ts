import { HoldfastError } from '@holdfast/api';
import type { Lease } from '../contract.ts';
import type { Database } from './database.ts';

/** The methods of an asynchronous interface as the database thread has them: at once. */
export type AtOnce<T> = {
  readonly [K in keyof T]: T[K] extends (...given: infer A) => Promise<infer R> ? (...given: A) => R : never;
};

/** What the stores work with: an open database of this schema, whose catalog it is, and the caller's time. */
export interface Session {
  readonly database: Database;
  readonly site: string;
  readonly epoch: string;
  /** Epoch milliseconds, as the caller's clock had it when it made the call. */
  now(): number;
}

const fenced = (lease: Lease): HoldfastError =>
  new HoldfastError('FENCED', `${lease.name} is no longer held by ${lease.holder}`, {
    facts: { lease: lease.name, token: lease.token },
  });

/** The row of a lease that still holds. Throws `FENCED` when it was taken over, given back, or is of an earlier catalog. */
export function requireLease(session: Session, lease: Lease) {
  const row = lease.epoch === session.epoch ? session.database.one('leaseByToken', { token: lease.token }) : undefined;
  if (row === undefined) throw fenced(lease);
  return row;
}

/** The run that a claim is for. Throws `FENCED`. */
export function requireClaim(session: Session, lease: Lease): string {
  const { run } = requireLease(session, lease);
  if (run === null) throw fenced(lease);
  return run;
}

/** Throws `RUN_NOT_FOUND`. */
export function requireRun(session: Session, id: string) {
  const row = session.database.one('runById', { id });
  if (row === undefined)
    throw new HoldfastError('RUN_NOT_FOUND', `no run has the identity ${id}`, { facts: { run: id } });
  return row;
}

/** Nobody takes a lease for longer, in milliseconds. */
export const longestLeaseMs = 10 * 60_000;

/**
 * Lets leases end in time that were taken while the clock was far ahead. Whoever still lives renews its own long before; what a dead process left would
 * else hold for as long as the clock was wrong, and nobody would lead, or work on a machine.
 */
export function cutLeases({ database, now }: Session, kind: 'run' | 'thing' | 'slot'): void {
  const until = now() + longestLeaseMs;
  if ((database.one('leasesBeyond', { kind, until })?.beyond ?? 0) > 0) database.run('cutLeases', { kind, until });
}
