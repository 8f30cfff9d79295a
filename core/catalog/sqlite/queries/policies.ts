import { sql } from 'kysely';
import { query } from './query.ts';

export const insertPolicySet = query<{ text: string; source: string; who: string; at: number }>()((db, p) =>
  db.insertInto('policy_sets').values({ text: p.text, source: p.source, who: p.who, at: p.at }).returningAll(),
);

export const newestPolicySet = query()((db) => db.selectFrom('policy_sets').selectAll().orderBy('id', 'desc').limit(1));

export const policySetById = query<{ id: number }>()((db, p) =>
  db.selectFrom('policy_sets').selectAll().where('id', '=', p.id),
);

export const newestPolicySets = query<{ limit: number }>()((db, p) =>
  db.selectFrom('policy_sets').select(['id', 'source', 'who', 'at']).orderBy('id', 'desc').limit(p.limit),
);

export const dropOldPolicySets = query<{ keep: number }>()((db, p) =>
  db
    .deleteFrom('policy_sets')
    .where('id', 'not in', ({ selectFrom }) =>
      selectFrom('policy_sets').select('id').orderBy('id', 'desc').limit(p.keep),
    ),
);

export const schedules = query()((db) => db.selectFrom('schedules').selectAll().orderBy('policy').orderBy('workflow'));

export const scheduleOfWorkflow = query<{ policy: string; workflow: string }>()((db, p) =>
  db.selectFrom('schedules').selectAll().where('policy', '=', p.policy).where('workflow', '=', p.workflow),
);

export const saveSchedule = query<{
  policy: string;
  workflow: string;
  handledUntil: number;
  lastDue: number | null;
  lastFiredAt: number | null;
  lastWasCatchUp: number;
  missed: number;
}>()((db, p) =>
  db
    .insertInto('schedules')
    .values({
      policy: p.policy,
      workflow: p.workflow,
      handled_until: p.handledUntil,
      last_due: p.lastDue,
      last_fired_at: p.lastFiredAt,
      last_was_catch_up: p.lastWasCatchUp,
      missed: p.missed,
    })
    .onConflict((conflict) =>
      conflict.columns(['policy', 'workflow']).doUpdateSet((eb) => ({
        handled_until: eb.ref('excluded.handled_until'),
        last_due: eb.ref('excluded.last_due'),
        last_fired_at: eb.ref('excluded.last_fired_at'),
        last_was_catch_up: eb.ref('excluded.last_was_catch_up'),
        missed: eb.ref('excluded.missed'),
      })),
    ),
);

export const dropSchedule = query<{ policy: string; workflow: string }>()((db, p) =>
  db.deleteFrom('schedules').where('policy', '=', p.policy).where('workflow', '=', p.workflow),
);

/** Walks the index of policies' runs from what may begin first. */
export const waitingPolicyRuns = query<{ now: number; limit: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .selectAll()
    .where('policy', 'is not', null)
    .where('state', '=', 'waiting')
    .where('not_before', '<=', p.now)
    .orderBy('not_before')
    .orderBy('seq')
    .limit(p.limit),
);

const due = sql<number>`json_extract(policy, '$.due')`;

/** A run is added when its occurrence is due or later, so that only those added since then are looked at. */
export const policyRunsSince = query<{ since: number; limit: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .selectAll()
    .where('created_at', '>=', p.since)
    .where('policy', 'is not', null)
    .where(sql<boolean>`${due} >= ${p.since}`)
    .orderBy(due, 'desc')
    .orderBy('seq', 'desc')
    .limit(p.limit),
);
