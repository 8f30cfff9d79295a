import type { Catalog, ScheduleRow } from '../../catalog/contract.ts';
import { whenText } from '../../model/schedules/when.ts';
import { leaseName } from '../schedules/leadership.ts';
import { type Book, type Entry, keyOf, type PlanBook } from '../schedules/plan-book.ts';
import { moment } from './failed-runs.ts';
import { alarmOf, type FoundAlarm } from './found.ts';

/** How late an occurrence may be begun before somebody should hear of it: schedules are looked at by a timer. */
const graceMs = 15 * 60_000;
/** So many missed occurrences are counted one by one. */
const mostCounted = 1_000;

/** Finds occurrences that were due and did not begin, schedules that never fire, and that nobody runs schedules. */
export async function missedRuns(catalog: Catalog, plans: PlanBook, now: number): Promise<readonly FoundAlarm[]> {
  const book = await plans.open();
  if (book === null) return [];
  const rows = new Map((await catalog.policies.schedules()).map((row) => [keyOf(row.policy, row.workflow), row]));
  const scheduled = book.entries.filter(({ policy, workflow }) => !policy.isPaused && workflow.when.kind !== 'asked');
  const found: FoundAlarm[] = [];
  let waitingSince: number | null = null;
  for (const entry of scheduled) {
    const row = rows.get(keyOf(entry.policy.name, entry.workflow.name)) ?? null;
    if (entry.table.next(now) === null) found.push(neverAlarm(entry, book));
    else if (row !== null && row.handledUntil - now > graceMs) found.push(aheadAlarm(entry, row, now));
    const late = await unhandled(entry, row, plans, book, now);
    const [first] = late;
    if (first !== undefined) waitingSince = Math.min(first, waitingSince ?? first);
    const missed = [...skipped(entry, row), ...late];
    if (missed.length > 0) found.push(missedAlarm(entry, missed, null));
    else if (row !== null && wasLate(entry, row))
      found.push(missedAlarm(entry, [row.lastDue ?? 0], row.lastFiredAt ?? null));
  }
  if (waitingSince !== null && (await catalog.leases.peek(leaseName)) === null)
    found.push(nobodyAlarm(waitingSince, scheduled.length));
  return found;
}

/** Due outside of blackouts: what a blackout takes away, somebody wanted so. */
const isMeant = ({ table }: Entry, due: number): boolean => table.openFrom(due) === due;

/** Occurrences of some time ago that nobody has dealt with. */
async function unhandled(
  entry: Entry,
  row: ScheduleRow | null,
  plans: PlanBook,
  book: Book,
  now: number,
): Promise<readonly number[]> {
  const handled = row?.handledUntil ?? 0;
  const from = Math.max(handled, await plans.since(entry, book, handled));
  if (from >= now - graceMs) return [];
  return entry.table.between(from, now - graceMs, mostCounted).filter((due) => isMeant(entry, due));
}

/** Occurrences that were given up since the last that ran. */
function skipped(entry: Entry, row: ScheduleRow | null): readonly number[] {
  if (row === null || row.missed === 0) return [];
  const after = row.lastDue ?? row.handledUntil - 31 * 86_400_000;
  const most = Math.min(row.missed, mostCounted);
  return entry.table.between(after, row.handledUntil, most).filter((due) => isMeant(entry, due));
}

/** Whether the last occurrence began late because nothing ran schedules; what comes next in time makes it good. */
function wasLate(entry: Entry, { lastWasCatchUp, lastDue, lastFiredAt }: ScheduleRow): boolean {
  if (!lastWasCatchUp || lastDue === null || lastFiredAt === null) return false;
  return isMeant(entry, lastDue) && lastFiredAt - lastDue > graceMs;
}

function missedAlarm({ policy, workflow }: Entry, missed: readonly number[], caughtUpAt: number | null): FoundAlarm {
  const name = keyOf(policy.name, workflow.name);
  const [first = 0] = missed;
  const count = missed.length === 1 ? 'an occurrence' : `${missed.length} occurrences`;
  const after = caughtUpAt === null ? 'Nothing has run for it since.' : `It was caught up at ${moment(caughtUpAt)}.`;
  return alarmOf({
    key: `missed ${name}`,
    kind: 'run-missed',
    severity: 'warning',
    title: caughtUpAt === null ? `${name}: ${count} missed` : `${name}: begun late, at ${moment(caughtUpAt)}`,
    lines: [`${name} (${whenText(workflow.when) ?? ''}) was due at ${moment(first)} and did not begin.`, after],
    remedy: caughtUpAt === null ? `holdfast policy run ${policy.name}` : null,
    facts: { policy: policy.name, workflow: workflow.name, missed: missed.length, due: first, caughtUpAt },
    since: first,
  });
}

function neverAlarm({ policy, workflow }: Entry, { applied }: Book): FoundAlarm {
  const name = keyOf(policy.name, workflow.name);
  return alarmOf({
    key: `schedule ${name}`,
    kind: 'schedule',
    severity: 'warning',
    title: `${name}: its schedule never fires again`,
    lines: [`${whenText(workflow.when) ?? ''} has no occurrence in the next four years within its windows.`],
    remedy: `change it in ${applied.source}, then holdfast plan`,
    facts: { policy: policy.name, workflow: workflow.name },
    since: applied.at,
  });
}

/** The clock went wrong and was put right: what has run until then does not run again. */
function aheadAlarm({ policy, workflow }: Entry, { handledUntil }: ScheduleRow, now: number): FoundAlarm {
  const name = keyOf(policy.name, workflow.name);
  return alarmOf({
    key: `schedule ${name}`,
    kind: 'schedule',
    severity: 'critical',
    title: `${name}: the clock was set back, so nothing begins before ${moment(handledUntil)}`,
    lines: [
      `By the clock of then, what was due until ${moment(handledUntil)} has been dealt with.`,
      'If the clock is right now, run it by hand until then, or give the workflow another name: it begins anew.',
    ],
    remedy: `holdfast policy run ${policy.name}`,
    facts: { policy: policy.name, workflow: workflow.name, until: handledUntil },
    since: now,
  });
}

function nobodyAlarm(since: number, workflows: number): FoundAlarm {
  return alarmOf({
    key: 'schedule nobody',
    kind: 'schedule',
    severity: 'critical',
    title: `nobody runs schedules: something is due since ${moment(since)}`,
    lines: ['Policies are applied, and no process looks at their schedules.', `${workflows} workflows are scheduled.`],
    remedy: 'start `holdfast serve`, or a timer that runs `holdfast schedule tick`',
    facts: { workflows, due: since },
    since,
  });
}
