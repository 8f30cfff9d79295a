import { HoldfastError } from '@holdfast/api';
import type { FreshRun, JobStore, Lease } from '../../contract.ts';
import { storeOptional, storePlain } from '../codec/plain.ts';
import { leaseOf, runOf } from '../rows.ts';
import { type AtOnce, cutLeases, requireClaim, requireRun, type Session } from '../session.ts';

type Runs = Pick<
  JobStore,
  'add' | 'get' | 'list' | 'claim' | 'claimEnded' | 'heartbeat' | 'finish' | 'retry' | 'askCancel' | 'orphans' | 'prune'
>;

const defaultLimit = 1_000;
const maximumLimit = 10_000;

/** Adds a run that waits; `undefined` when its identity is there already. */
export function insertFresh({ database }: Session, run: FreshRun) {
  return database.one('insertRun', {
    id: run.id,
    kind: run.kind,
    endpoint: run.endpoint,
    machine: run.machine,
    machineName: run.machineName,
    steps: storePlain(run.steps),
    input: storePlain(run.input),
    who: run.who,
    createdAt: run.createdAt,
    result: storePlain(null),
    policy: storeOptional(run.policy),
    notBefore: run.notBefore,
  });
}

/** The life of a run: waiting, claimed, ended, tried again. */
export function openRuns(session: Session): AtOnce<Runs> {
  const { database } = session;

  /** A lease on a run that nobody holds any more. */
  const hold = (run: string, holder: string, ttlMs: number): Lease => {
    const now = session.now();
    const name = `run:${run}`;
    database.run('dropExpired', { kind: 'run', name, now });
    const row = database.one('insertLease', { kind: 'run', name, holder, expiresAt: now + ttlMs, run });
    if (row === undefined) throw new Error(`no lease came of claiming ${run}`);
    return leaseOf(row, session.epoch);
  };

  return {
    add(run) {
      const row = insertFresh(session, run);
      if (row === undefined) throw new HoldfastError('NAME_TAKEN', `there is a run ${run.id} already`);
      return runOf(row);
    },

    get(id) {
      const row = database.one('runById', { id });
      return row === undefined ? null : runOf(row);
    },

    list({ states, machine, limit: wanted = defaultLimit }) {
      const limit = Math.min(Math.max(0, Math.trunc(wanted)), maximumLimit);
      if (machine !== undefined) {
        const filter = states === undefined ? null : JSON.stringify(states);
        return database.all('newestRunsOfMachine', { machine, states: filter, limit }).map(runOf);
      }
      if (states === undefined) return database.all('newestRuns', { limit }).map(runOf);
      return [...new Set(states)]
        .flatMap((state) => database.all('newestRunsInState', { state, limit }))
        .sort((a, b) => b.created_at - a.created_at || b.seq - a.seq)
        .slice(0, limit)
        .map(runOf);
    },

    claim(holder, ttlMs, id) {
      return database.write(() => {
        const now = session.now();
        const found = database.one('claimableRun', { id: id ?? null, now });
        const row = found === undefined ? undefined : database.one('startRun', { id: found.id, now });
        return row === undefined ? null : { run: runOf(row), lease: hold(row.id, holder, ttlMs) };
      });
    },

    claimEnded(holder, ttlMs, id) {
      return database.write(() => {
        const row = database.one('endedWithIntents', { id, now: session.now() });
        return row === undefined ? null : { run: runOf(row), lease: hold(id, holder, ttlMs) };
      });
    },

    heartbeat(lease, ttlMs, progress) {
      return database.write(() => {
        const run = requireClaim(session, lease);
        const expiresAt = session.now() + ttlMs;
        database.run('renewLease', { token: lease.token, expiresAt });
        if (progress !== null) database.run('saveProgress', { id: run, progress: storePlain(progress) });
        return { lease: { ...lease, expiresAt }, cancelAsked: requireRun(session, run).cancel_asked_by !== null };
      });
    },

    finish(lease, state, error, result) {
      database.write(() => {
        const run = requireClaim(session, lease);
        const ending = { state, error: storeOptional(error), result: storePlain(result), now: session.now() };
        database.run('endRun', { id: run, ...ending });
        database.run('dropLease', { token: lease.token });
      });
    },

    retry(id) {
      return database.write(() => {
        const { state } = requireRun(session, id);
        const row = state === 'failed' || state === 'cancelled' ? database.one('retryRun', { id }) : undefined;
        if (row === undefined)
          throw new HoldfastError('RUN_NOT_RETRYABLE', `run ${id} is ${state}`, { facts: { run: id, state } });
        return runOf(row);
      });
    },

    askCancel(id, who) {
      return database.write(() => {
        const { state } = requireRun(session, id);
        const isLive = state === 'waiting' || state === 'running';
        const row = isLive ? database.one('askCancel', { id, who, now: session.now() }) : undefined;
        if (row === undefined)
          throw new HoldfastError('RUN_ENDED', `run ${id} is ${state}`, { facts: { run: id, state } });
        return runOf(row);
      });
    },

    prune(before, most) {
      return database.write(() => database.run('pruneOldRuns', { before }) + database.run('pruneMoreRuns', { most }));
    },

    orphans() {
      cutLeases(session, 'run');
      return database.all('orphanedRuns', { now: session.now() }).map(runOf);
    },
  };
}
