import type { PolicyStore } from '../../contract.ts';
import { policySetOf, runOf, scheduleOf } from '../rows.ts';
import { type AtOnce, requireLease, type Session } from '../session.ts';
import { insertFresh } from './runs.ts';

/** Applied sets that are kept, the newest. */
const keptSets = 100;
/** Rows that one question answers at most. */
const maximumLimit = 10_000;

const bounded = (limit: number): number => Math.min(Math.max(0, Math.trunc(limit)), maximumLimit);

/** Policies as they were applied, and what is remembered of their schedules. */
export function openPolicies(session: Session): AtOnce<PolicyStore> {
  const { database } = session;
  return {
    applied() {
      const row = database.one('newestPolicySet', {});
      return row === undefined ? null : policySetOf(row);
    },

    history() {
      return database.all('newestPolicySets', { limit: keptSets });
    },

    set(id) {
      const row = database.one('policySetById', { id });
      return row === undefined ? null : policySetOf(row);
    },

    apply(against, { text, source, who, at }) {
      return database.write(() => {
        if ((database.one('newestPolicySet', {})?.id ?? null) !== against) return null;
        const row = database.one('insertPolicySet', { text, source, who, at });
        if (row === undefined) throw new Error('no row came of applying policies');
        database.run('dropOldPolicySets', { keep: keptSets });
        return policySetOf(row);
      });
    },

    schedules() {
      return database.all('schedules', {}).map(scheduleOf);
    },

    fire(lease, before, row, runs) {
      return database.write(() => {
        requireLease(session, lease);
        const { policy, workflow, handledUntil } = row;
        const known = database.one('scheduleOfWorkflow', { policy, workflow });
        if ((known?.handled_until ?? null) !== before) return false;
        if (before !== null && handledUntil < before)
          throw new Error(`the schedule of ${policy}/${workflow} was to go back from ${before} to ${handledUntil}`);
        const { lastDue, lastFiredAt, missed } = row;
        const lastWasCatchUp = Number(row.lastWasCatchUp);
        database.run('saveSchedule', { policy, workflow, handledUntil, lastDue, lastFiredAt, lastWasCatchUp, missed });
        for (const run of runs) insertFresh(session, run);
        return true;
      });
    },

    keepSchedules(lease, of) {
      database.write(() => {
        requireLease(session, lease);
        const kept = new Set(of.map(({ policy, workflow }) => JSON.stringify([policy, workflow])));
        for (const { policy, workflow } of database.all('schedules', {}))
          if (!kept.has(JSON.stringify([policy, workflow]))) database.run('dropSchedule', { policy, workflow });
      });
    },

    waiting(now, limit) {
      return database.all('waitingPolicyRuns', { now, limit: bounded(limit) }).map(runOf);
    },

    runsSince(since, limit) {
      return database.all('policyRunsSince', { since, limit: bounded(limit) }).map(runOf);
    },
  };
}
