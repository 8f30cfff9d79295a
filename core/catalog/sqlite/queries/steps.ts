import { query } from './query.ts';

export const saveStep = query<{
  run: string;
  step: number;
  use: string;
  state: string;
  startedAt: number | null;
  endedAt: number | null;
  checkpoint: string;
  output: string | null;
  error: string | null;
}>()((db, p) =>
  db
    .insertInto('steps')
    .values({
      run: p.run,
      step: p.step,
      use: p.use,
      state: p.state,
      started_at: p.startedAt,
      ended_at: p.endedAt,
      checkpoint: p.checkpoint,
      output: p.output,
      error: p.error,
    })
    .onConflict((conflict) =>
      conflict.columns(['run', 'step']).doUpdateSet((eb) => ({
        use: eb.ref('excluded.use'),
        state: eb.ref('excluded.state'),
        started_at: eb.ref('excluded.started_at'),
        ended_at: eb.ref('excluded.ended_at'),
        checkpoint: eb.ref('excluded.checkpoint'),
        output: eb.ref('excluded.output'),
        error: eb.ref('excluded.error'),
      })),
    ),
);

export const stepsOfRun = query<{ run: string }>()((db, p) =>
  db.selectFrom('steps').selectAll().where('run', '=', p.run).orderBy('step'),
);
