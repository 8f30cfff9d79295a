import type { Notice } from '@holdfast/api';
import type { Catalog, QueuedNotice } from '../../catalog/contract.ts';
import type { Config } from '../../config/contract.ts';
import { numbered } from '../../model/policies/words.ts';
import { openTimetable } from '../../model/schedules/timetable.ts';
import { parseWhen } from '../../model/schedules/when.ts';
import type { PolicyEngine } from '../policies/contract.ts';
import { machineKey, moment, progressOf } from './failed-runs.ts';
import { safeLines } from './found.ts';
import { digestOf, ownName, queued } from './notices.ts';

const dayMs = 86_400_000;
/** A digest that was due longer ago is not sent any more: nobody ran then, or it was not configured yet. */
const staleMs = 6 * 3_600_000;
/** The longest time that one tells of. */
const longestMs = 35 * dayMs;

/** Digests that are due; those that are queued already are queued again to no effect. */
export async function dueDigests(
  catalog: Catalog,
  policies: PolicyEngine,
  notifiers: Config['notifiers'],
  zone: string,
  now: number,
  problem: (text: string) => void,
): Promise<readonly QueuedNotice[]> {
  const all: QueuedNotice[] = [];
  const recent = new Set<string>();
  for (const [name, instance] of Object.entries(notifiers ?? {})) {
    const text = digestOf(instance);
    if (text === null) continue;
    try {
      const table = openTimetable(parseWhen(text), { zone, windows: [], blackouts: [] });
      const [due] = table.between(now - staleMs, now, 1);
      if (due === undefined) continue;
      const [before = due - dayMs] = table.between(due - longestMs, due - 1, 1);
      if (recent.size === 0)
        for (const row of await catalog.alarms.notices(10_000)) recent.add(`${row.id}\n${row.notifier}`);
      const id = `digest ${name}@${due}`;
      if (recent.has(`${id}\n${name}`)) continue;
      all.push(...queued(await digest(catalog, policies, id, before, due), [name], now));
    } catch (thrown) {
      problem(`${name} gets no digest: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  return all;
}

/** What was between two moments, and what is now. */
async function digest(
  catalog: Catalog,
  policies: PolicyEngine,
  id: string,
  from: number,
  until: number,
): Promise<Notice> {
  const [open, runs, covered, progress, notices] = await Promise.all([
    catalog.alarms.open(),
    catalog.jobs.list({ states: ['done', 'partial', 'failed'], limit: 10_000 }),
    policies.coverage(),
    progressOf(catalog, until),
    catalog.alarms.notices(1_000),
  ]);
  const ended = runs.filter(({ endedAt }) => endedAt !== null && endedAt > from && endedAt <= until);
  const failed = ended.filter(({ state }) => state !== 'done');
  const bare = covered.filter((one) => one.policies.length === 0);
  const promised = covered.filter(({ rpoMs }) => rpoMs !== null);
  const met = promised.filter((one) => until - (progress.newest.get(machineKey(one)) ?? 0) <= (one.rpoMs ?? 0));
  const lost = notices.filter(({ givenUpAt }) => givenUpAt !== null && givenUpAt > from);
  const share = promised.length === 0 ? '' : ` (${Math.floor((met.length / promised.length) * 100)} %)`;
  const lines = [
    `From ${moment(from)} to ${moment(until)}:`,
    `${numbered(ended.length, 'run')} ended, ${failed.length} of them not as they should.`,
    `${met.length} of ${numbered(promised.length, 'machine')} with an objective meet it${share}.`,
    ...(bare.length === 0 ? [] : [`${numbered(bare.length, 'machine')} no policy protects.`]),
    ...(lost.length === 0 ? [] : [`${numbered(lost.length, 'notice')} could not be delivered and were given up.`]),
    '',
    open.length === 0 ? 'No alarm is up.' : `${numbered(open.length, 'alarm')} up:`,
    ...open.map(({ title }) => `- ${title}`),
    ...(failed.length === 0 ? [] : ['', 'Runs that failed:']),
    ...failed.map((run) => `- ${run.endpoint}/${run.machineName}: ${run.error?.message ?? run.state}`),
  ];
  const state = open.length === 0 ? 'all is well' : `${numbered(open.length, 'alarm')} up`;
  return {
    id,
    at: until,
    kind: 'digest',
    severity: open.length === 0 ? 'info' : 'warning',
    title: `digest: ${state}, ${numbered(ended.length, 'run')}, ${failed.length} failed`,
    text: safeLines(lines),
    remedy: open.length === 0 ? null : 'holdfast alarm list',
    from: ownName(),
    facts: {
      from,
      until,
      runs: ended.length,
      failed: failed.length,
      alarms: open.length,
      promised: promised.length,
      met: met.length,
      unprotected: bare.length,
    },
  };
}
