import type { Plain } from '@holdfast/api';
import type { AlarmRow, AlarmStore, NoticeRow, QueuedNotice } from '../../contract.ts';
import { readPlain, storePlain } from '../codec/plain.ts';
import type { queries } from '../queries/all.ts';
import type { Row } from '../queries/query.ts';
import type { AtOnce, Session } from '../session.ts';

/** Rows that one question answers at most. */
const maximumRows = 10_000;
/** No notice is put off for longer. */
const longestWaitMs = 86_400_000;
const bounded = (limit: number): number => Math.min(Math.max(0, Math.trunc(limit)), maximumRows);

const alarmOf = (row: Row<(typeof queries)['openAlarms']>): AlarmRow => ({
  key: row.key,
  kind: row.kind,
  severity: row.severity,
  title: row.title,
  text: row.text,
  remedy: row.remedy,
  facts: readPlain<Plain>(row.facts),
  since: row.since,
  clearedAt: row.cleared_at,
});

const noticeOf = (row: Row<(typeof queries)['dueNotices']>): NoticeRow => ({
  id: row.id,
  notifier: row.notifier,
  notice: readPlain<Plain>(row.notice),
  attempts: row.attempts,
  nextAt: row.next_at,
  error: row.error,
  queuedAt: row.queued_at,
  sentAt: row.sent_at,
  givenUpAt: row.given_up_at,
});

/** Alarms and the queue of notices: both change in one transaction, so that nobody is told of what is not, and nobody misses what is. */
export function openAlarmStore({ database, now }: Session): AtOnce<AlarmStore> {
  const enqueue = (notices: readonly QueuedNotice[]): void => {
    for (const { id, notifier, notice, at } of notices)
      database.run('insertNotice', { id, notifier, notice: storePlain(notice), at });
  };

  return {
    open: () => database.all('openAlarms', {}).map(alarmOf),

    since: (at, limit) => database.all('alarmsSince', { at, limit: bounded(limit) }).map(alarmOf),

    change: (raise, clear) =>
      database.write(() => {
        const changed: string[] = [];
        for (const { notices, key, kind, since, facts, severity, title, text, remedy } of raise) {
          const said = { key, severity, title, text, remedy, facts: storePlain(facts) };
          const up = database.one('openAlarm', { key });
          if (up === undefined) {
            database.run('insertAlarm', { ...said, kind, since });
            enqueue(notices);
            changed.push(key);
          } else if (
            up.title !== title ||
            up.text !== text ||
            up.severity !== severity ||
            up.remedy !== remedy ||
            up.facts !== said.facts
          )
            database.run('refreshAlarm', said);
        }
        for (const { key, at, notices } of clear) {
          if (database.run('clearAlarm', { key, at }) === 0) continue;
          enqueue(notices);
          changed.push(key);
        }
        if (changed.length > 0) {
          database.run('dropOldAlarms', {});
          database.run('dropOldNotices', {});
        }
        return changed;
      }),

    queue: (notices) =>
      database.write(() => {
        enqueue(notices);
        database.run('dropOldNotices', {});
      }),

    due: (at, limit) =>
      database.all('dueNotices', { now: at, stray: at + longestWaitMs, limit: bounded(limit) }).map(noticeOf),

    sent(id, notifier, at) {
      database.run('noticeSent', { id, notifier, at });
    },

    failed(id, notifier, error, nextAt) {
      if (nextAt === null) database.run('noticeGivenUp', { id, notifier, error, now: now() });
      else database.run('noticeFailed', { id, notifier, error, nextAt });
    },

    notices: (limit) => database.all('newestNotices', { limit: bounded(limit) }).map(noticeOf),
  };
}
