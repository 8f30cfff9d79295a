import { query } from './query.ts';

export const openAlarms = query()((db) =>
  db.selectFrom('alarms').selectAll().where('cleared_at', 'is', null).orderBy('since').orderBy('seq'),
);

export const openAlarm = query<{ key: string }>()((db, p) =>
  db.selectFrom('alarms').selectAll().where('key', '=', p.key).where('cleared_at', 'is', null),
);

/** Those that were up at some time since then. */
export const alarmsSince = query<{ at: number; limit: number }>()((db, p) =>
  db
    .selectFrom('alarms')
    .selectAll()
    .where((eb) => eb.or([eb('cleared_at', 'is', null), eb('cleared_at', '>=', p.at), eb('since', '>=', p.at)]))
    .orderBy('seq', 'desc')
    .limit(p.limit),
);

export const insertAlarm = query<{
  key: string;
  kind: string;
  severity: string;
  title: string;
  text: string;
  remedy: string | null;
  facts: string;
  since: number;
}>()((db, p) =>
  db.insertInto('alarms').values({
    key: p.key,
    kind: p.kind,
    severity: p.severity,
    title: p.title,
    text: p.text,
    remedy: p.remedy,
    facts: p.facts,
    since: p.since,
  }),
);

/** What is said of an alarm that is up follows what is; since when stays. */
export const refreshAlarm = query<{
  key: string;
  severity: string;
  title: string;
  text: string;
  remedy: string | null;
  facts: string;
}>()((db, p) =>
  db
    .updateTable('alarms')
    .set({ severity: p.severity, title: p.title, text: p.text, remedy: p.remedy, facts: p.facts })
    .where('key', '=', p.key)
    .where('cleared_at', 'is', null),
);

export const clearAlarm = query<{ key: string; at: number }>()((db, p) =>
  db.updateTable('alarms').set({ cleared_at: p.at }).where('key', '=', p.key).where('cleared_at', 'is', null),
);

/** Of alarms that are cleared the newest 10,000 are kept. */
export const dropOldAlarms = query()((db) =>
  db
    .deleteFrom('alarms')
    .where('cleared_at', 'is not', null)
    .where('seq', '<=', (eb) =>
      eb
        .selectFrom('alarms')
        .select('seq')
        .where('cleared_at', 'is not', null)
        .orderBy('seq', 'desc')
        .limit(1)
        .offset(10_000),
    ),
);

export const insertNotice = query<{ id: string; notifier: string; notice: string; at: number }>()((db, p) =>
  db
    .insertInto('notices')
    .values({ id: p.id, notifier: p.notifier, notice: p.notice, next_at: p.at, queued_at: p.at })
    .onConflict((conflict) => conflict.columns(['id', 'notifier']).doNothing()),
);

/** Those too that wait for longer than anything ever waits: a clock that was wrong has said when. */
export const dueNotices = query<{ now: number; stray: number; limit: number }>()((db, p) =>
  db
    .selectFrom('notices')
    .selectAll()
    .where('sent_at', 'is', null)
    .where('given_up_at', 'is', null)
    .where((eb) => eb.or([eb('next_at', '<=', p.now), eb('next_at', '>', p.stray)]))
    .orderBy('next_at')
    .orderBy('seq')
    .limit(p.limit),
);

export const newestNotices = query<{ limit: number }>()((db, p) =>
  db.selectFrom('notices').selectAll().orderBy('seq', 'desc').limit(p.limit),
);

export const noticeSent = query<{ id: string; notifier: string; at: number }>()((db, p) =>
  db
    .updateTable('notices')
    .set((eb) => ({ sent_at: p.at, error: null, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', p.id)
    .where('notifier', '=', p.notifier)
    .where('sent_at', 'is', null),
);

export const noticeFailed = query<{ id: string; notifier: string; error: string; nextAt: number }>()((db, p) =>
  db
    .updateTable('notices')
    .set((eb) => ({ error: p.error, next_at: p.nextAt, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', p.id)
    .where('notifier', '=', p.notifier)
    .where('sent_at', 'is', null),
);

export const noticeGivenUp = query<{ id: string; notifier: string; error: string; now: number }>()((db, p) =>
  db
    .updateTable('notices')
    .set((eb) => ({ error: p.error, given_up_at: p.now, attempts: eb('attempts', '+', 1) }))
    .where('id', '=', p.id)
    .where('notifier', '=', p.notifier)
    .where('sent_at', 'is', null),
);

/** Of notices that are sent or given up the newest 10,000 are kept. */
export const dropOldNotices = query()((db) =>
  db
    .deleteFrom('notices')
    .where((eb) => eb.or([eb('sent_at', 'is not', null), eb('given_up_at', 'is not', null)]))
    .where('seq', '<=', (eb) =>
      eb
        .selectFrom('notices')
        .select('seq')
        .where((inner) => inner.or([inner('sent_at', 'is not', null), inner('given_up_at', 'is not', null)]))
        .orderBy('seq', 'desc')
        .limit(1)
        .offset(10_000),
    ),
);
