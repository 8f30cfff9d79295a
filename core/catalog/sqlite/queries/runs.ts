import { sql } from 'kysely';
import { query } from './query.ts';

export const insertRun = query<{
  id: string;
  kind: string;
  endpoint: string;
  machine: string;
  machineName: string;
  steps: string;
  input: string;
  who: string;
  createdAt: number;
  result: string;
  policy: string | null;
  notBefore: number;
}>()((db, p) =>
  db
    .insertInto('runs')
    .values({
      id: p.id,
      kind: p.kind,
      endpoint: p.endpoint,
      machine: p.machine,
      machine_name: p.machineName,
      state: 'waiting',
      steps: p.steps,
      input: p.input,
      who: p.who,
      created_at: p.createdAt,
      result: p.result,
      policy: p.policy,
      not_before: p.notBefore,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returningAll(),
);

export const runById = query<{ id: string }>()((db, p) => db.selectFrom('runs').selectAll().where('id', '=', p.id));

// Each of these three walks an index from its newest end, so that a long history costs nothing.

export const newestRuns = query<{ limit: number }>()((db, p) =>
  db.selectFrom('runs').selectAll().orderBy('created_at', 'desc').orderBy('seq', 'desc').limit(p.limit),
);

export const newestRunsInState = query<{ state: string; limit: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .selectAll()
    .where('state', '=', p.state)
    .orderBy('created_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(p.limit),
);

/** `states` is a JSON array, or null for all. */
export const newestRunsOfMachine = query<{ machine: string; states: string | null; limit: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .selectAll()
    .where('machine', '=', p.machine)
    .where(sql<boolean>`(${p.states} is null or state in (select value from json_each(${p.states})))`)
    .orderBy('created_at', 'desc')
    .orderBy('seq', 'desc')
    .limit(p.limit),
);

/** The oldest run that may be taken, or the one named if it may. */
export const claimableRun = query<{ id: string | null; now: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .select('id')
    .where(sql<boolean>`(id = ${p.id} or (${p.id} is null and not_before <= ${p.now}))`)
    .where('state', 'in', ['waiting', 'running'])
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('leases').select('token').whereRef('leases.run', '=', 'runs.id').where('expires_at', '>', p.now),
        ),
      ),
    )
    .orderBy('created_at')
    .orderBy('seq')
    .limit(1),
);

/** The run named, if it has ended with intents open and nobody holds it. */
export const endedWithIntents = query<{ id: string; now: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .selectAll()
    .where('id', '=', p.id)
    .where('state', 'not in', ['waiting', 'running'])
    .where(({ and, not, exists, selectFrom }) =>
      and([
        exists(
          selectFrom('intents').select('seq').whereRef('intents.run', '=', 'runs.id').where('settled_at', 'is', null),
        ),
        not(
          exists(
            selectFrom('leases').select('token').whereRef('leases.run', '=', 'runs.id').where('expires_at', '>', p.now),
          ),
        ),
      ]),
    ),
);

export const startRun = query<{ id: string; now: number }>()((db, p) =>
  db
    .updateTable('runs')
    .set((eb) => ({
      state: 'running',
      started_at: eb.fn.coalesce('started_at', p.now),
      attempts: eb('attempts', '+', 1),
    }))
    .where('id', '=', p.id)
    .returningAll(),
);

export const saveProgress = query<{ id: string; progress: string }>()((db, p) =>
  db.updateTable('runs').set({ progress: p.progress }).where('id', '=', p.id),
);

export const endRun = query<{ id: string; state: string; error: string | null; result: string; now: number }>()(
  (db, p) =>
    db
      .updateTable('runs')
      .set({ state: p.state, error: p.error, result: p.result, ended_at: p.now })
      .where('id', '=', p.id),
);

export const retryRun = query<{ id: string }>()((db, p) =>
  db
    .updateTable('runs')
    .set({ state: 'waiting', started_at: null, ended_at: null, cancel_asked_by: null, error: null, progress: null })
    .where('id', '=', p.id)
    .returningAll(),
);

export const askCancel = query<{ id: string; who: string; now: number }>()((db, p) =>
  db
    .updateTable('runs')
    .set({
      cancel_asked_by: p.who,
      ended_at: sql<number | null>`iif(state = 'waiting', ${p.now}, ended_at)`,
      state: sql<string>`iif(state = 'waiting', 'cancelled', state)`,
    })
    .where('id', '=', p.id)
    .returningAll(),
);

/** Runs that say running although nobody holds them. */
export const orphanedRuns = query<{ now: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .selectAll()
    .where('state', '=', 'running')
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('leases').select('token').whereRef('leases.run', '=', 'runs.id').where('expires_at', '>', p.now),
        ),
      ),
    )
    .orderBy('created_at')
    .orderBy('seq'),
);

/** Walks an index only, of each state that counts. */
export const countRunDays = query<{ since: number }>()((db, p) =>
  db
    .selectFrom('runs')
    .select([
      sql<number>`created_at / 86400000`.as('day'),
      sql<number>`sum(state = 'done')`.as('done'),
      sql<number>`sum(state <> 'done')`.as('failed'),
    ])
    .where('state', 'in', ['done', 'failed', 'partial'])
    .where('created_at', '>=', p.since)
    .groupBy('day')
    .orderBy('day'),
);

const ended = sql<boolean>`state not in ('waiting', 'running') and not exists (
  select seq from intents where intents.run = runs.id and settled_at is null)`;

/** By steps, so that nobody waits long for it. */
export const pruneOldRuns = query<{ before: number }>()((db, p) =>
  db
    .deleteFrom('runs')
    .where('seq', 'in', (old) =>
      old.selectFrom('runs').select('seq').where('created_at', '<', p.before).where(ended).limit(1000),
    ),
);

/** The same for all but the newest `most`. */
export const pruneMoreRuns = query<{ most: number }>()((db, p) =>
  db
    .deleteFrom('runs')
    .where('seq', 'in', (old) =>
      old
        .selectFrom('runs')
        .select('seq')
        .where('seq', '<=', sql<number>`(select max(seq) from runs) - ${p.most}`)
        .where(ended)
        .limit(1000),
    ),
);
