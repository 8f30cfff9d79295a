import { sql } from 'kysely';
import { query } from './query.ts';

export const insertIntent = query<{
  id: string;
  run: string;
  step: number;
  use: string;
  kind: string;
  state: string;
  now: number;
}>()((db, p) =>
  db.insertInto('intents').values({
    id: p.id,
    run: p.run,
    step: p.step,
    use: p.use,
    kind: p.kind,
    state: p.state,
    created_at: p.now,
  }),
);

export const intentById = query<{ id: string }>()((db, p) =>
  db.selectFrom('intents').select(['run', 'settled_at']).where('id', '=', p.id),
);

export const amendIntent = query<{ id: string; state: string }>()((db, p) =>
  db.updateTable('intents').set({ state: p.state }).where('id', '=', p.id),
);

export const settleIntent = query<{ id: string; now: number }>()((db, p) =>
  db.updateTable('intents').set({ settled_at: p.now }).where('id', '=', p.id).where('settled_at', 'is', null),
);

export const openIntents = query<{ run: string | null }>()((db, p) =>
  db
    .selectFrom('intents')
    .selectAll()
    .where('settled_at', 'is', null)
    .where(sql<boolean>`(${p.run} is null or run = ${p.run})`)
    .orderBy('seq'),
);
