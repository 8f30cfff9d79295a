import { query } from './query.ts';

export const lastReasonLine = query<{ run: string }>()((db, p) =>
  db.selectFrom('reasons').select('line').where('run', '=', p.run).orderBy('line', 'desc').limit(1),
);

export const insertReason = query<{ run: string; line: number; now: number; decision: string; because: string }>()(
  (db, p) =>
    db.insertInto('reasons').values({ run: p.run, line: p.line, at: p.now, decision: p.decision, because: p.because }),
);

export const dropOldReasons = query<{ run: string; upTo: number }>()((db, p) =>
  db.deleteFrom('reasons').where('run', '=', p.run).where('line', '<=', p.upTo),
);

export const reasonsOfRun = query<{ run: string }>()((db, p) =>
  db.selectFrom('reasons').selectAll().where('run', '=', p.run).orderBy('line'),
);

export const lastLogLine = query<{ run: string }>()((db, p) =>
  db.selectFrom('log_lines').select('line').where('run', '=', p.run).orderBy('line', 'desc').limit(1),
);

export const insertLogLine = query<{ run: string; line: number; at: number; level: string; text: string }>()((db, p) =>
  db.insertInto('log_lines').values({ run: p.run, line: p.line, at: p.at, level: p.level, text: p.text }),
);

export const dropOldLogLines = query<{ run: string; upTo: number }>()((db, p) =>
  db.deleteFrom('log_lines').where('run', '=', p.run).where('line', '<=', p.upTo),
);

/** Newest first. */
export const logLinesOfRun = query<{ run: string; limit: number }>()((db, p) =>
  db.selectFrom('log_lines').selectAll().where('run', '=', p.run).orderBy('line', 'desc').limit(p.limit),
);
