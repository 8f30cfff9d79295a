import { sql } from 'kysely';
import { query } from './query.ts';

export const saveMachine = query<{ endpoint: string; id: string; name: string; machine: string; now: number }>()(
  (db, p) =>
    db
      .insertInto('machines')
      .values({ endpoint: p.endpoint, id: p.id, name: p.name, machine: p.machine, seen_at: p.now, gone_at: null })
      .onConflict((conflict) =>
        conflict.columns(['endpoint', 'id']).doUpdateSet((eb) => ({
          name: eb.ref('excluded.name'),
          machine: eb.ref('excluded.machine'),
          seen_at: eb.ref('excluded.seen_at'),
          gone_at: null,
        })),
      ),
);

export const presentMachines = query<{ endpoint: string }>()((db, p) =>
  db.selectFrom('machines').select('id').where('endpoint', '=', p.endpoint).where('gone_at', 'is', null),
);

export const markGone = query<{ endpoint: string; id: string; now: number }>()((db, p) =>
  db.updateTable('machines').set({ gone_at: p.now }).where('endpoint', '=', p.endpoint).where('id', '=', p.id),
);

/** `gone` is 1 for those that are gone, 0 for those that are there, null for all. */
export const knownMachines = query<{ endpoint: string | null; gone: number | null }>()((db, p) =>
  db
    .selectFrom('machines')
    .selectAll()
    .where(sql<boolean>`(${p.endpoint} is null or endpoint = ${p.endpoint})`)
    .where(sql<boolean>`(${p.gone} is null or (gone_at is not null) = ${p.gone})`)
    .orderBy('endpoint')
    .orderBy('name')
    .orderBy('id'),
);

/** `problem` is JSON. */
export const machineNames = query()((db) =>
  db
    .selectFrom('machines')
    .select(['endpoint', 'id', 'name', 'gone_at'])
    .select(sql<string | null>`machine -> '$.problem'`.as('problem'))
    .orderBy('endpoint')
    .orderBy('name')
    .orderBy('id'),
);
