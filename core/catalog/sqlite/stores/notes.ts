import type { JobStore } from '../../contract.ts';
import { logLineOf } from '../rows.ts';
import { type AtOnce, requireRun, type Session } from '../session.ts';

/** Lines of each run that are kept, the newest. */
const keptLines = 10_000;
/** Characters of one line that are kept. */
const keptCharacters = 32 * 1024;

const cut = (text: string): string => (text.length > keptCharacters ? `${text.slice(0, keptCharacters - 1)}…` : text);

/** What a run says about itself: why it decided what, and its log. */
export function openNotes(session: Session): AtOnce<Pick<JobStore, 'because' | 'reasons' | 'log' | 'logLines'>> {
  const { database } = session;
  return {
    because(run, reason) {
      database.write(() => {
        requireRun(session, run);
        const line = (database.one('lastReasonLine', { run })?.line ?? 0) + 1;
        const decision = cut(reason.decision);
        database.run('insertReason', { run, line, now: session.now(), decision, because: cut(reason.because) });
        database.run('dropOldReasons', { run, upTo: line - keptLines });
      });
    },

    reasons(run) {
      return database.all('reasonsOfRun', { run }).map(({ at, decision, because }) => ({ at, decision, because }));
    },

    log(run, lines) {
      database.write(() => {
        requireRun(session, run);
        let line = database.one('lastLogLine', { run })?.line ?? 0;
        for (const { at, level, text } of lines.slice(-keptLines)) {
          line += 1;
          database.run('insertLogLine', { run, line, at, level, text: cut(text) });
        }
        database.run('dropOldLogLines', { run, upTo: line - keptLines });
      });
    },

    logLines(run, limit) {
      return database
        .all('logLinesOfRun', { run, limit: Math.min(Math.max(0, Math.trunc(limit)), keptLines) })
        .map(logLineOf)
        .reverse();
    },
  };
}
