import type { ScheduleRow } from '../../catalog/contract.ts';
import { selects } from '../../model/policies/select.ts';
import { decideDue, nextBeginning } from '../../model/schedules/due.ts';
import { whenText } from '../../model/schedules/when.ts';
import type { EngineParts } from '../run/parts.ts';
import type { ScheduledWorkflow } from './contract.ts';
import { leaseName } from './leadership.ts';
import { type Book, type Entry, keyOf, PlanBook } from './plan-book.ts';

/** All workflows of the policies in force, with their times. From the catalog alone. */
export async function listSchedules(parts: EngineParts): Promise<readonly ScheduledWorkflow[]> {
  const { catalog, now } = parts;
  const plans = new PlanBook(catalog);
  const book = await plans.open();
  if (book === null) return [];
  const rows = new Map((await catalog.policies.schedules()).map((row) => [keyOf(row.policy, row.workflow), row]));
  const machines = await catalog.machines({ gone: false });
  const isLed = (await catalog.leases.peek(leaseName)) !== null;
  const counts = new Map(
    book.applied.set.policies.map(({ name, protect }) => [
      name,
      machines.filter((machine) => selects(protect, machine)).length,
    ]),
  );
  return Promise.all(
    book.entries.map(async (entry) => {
      const row = rows.get(keyOf(entry.policy.name, entry.workflow.name)) ?? null;
      const count = counts.get(entry.policy.name) ?? 0;
      return scheduled(entry, row, await beginOf(plans, entry, book, row), now(), count, isLed);
    }),
  );
}

/** Up to when a workflow's occurrences are dealt with. */
async function beginOf(plans: PlanBook, entry: Entry, book: Book, row: ScheduleRow | null): Promise<number> {
  const handledUntil = row?.handledUntil ?? Number.NEGATIVE_INFINITY;
  return Math.max(handledUntil, await plans.since(entry, book, handledUntil));
}

function scheduled(
  { policy, workflow, table }: Entry,
  row: ScheduleRow | null,
  handledUntil: number,
  now: number,
  machines: number,
  isLed: boolean,
): ScheduledWorkflow {
  const isAsked = workflow.when.kind === 'asked';
  const due = policy.isPaused ? ({ kind: 'nothing' } as const) : decideDue(table, handledUntil, now, policy.catchUp);
  const open = due.kind === 'nothing' ? 0 : due.kind === 'fire' && !due.isCatchUp ? due.missed : countOf(due);
  const next = policy.isPaused || isAsked ? null : nextBeginning(table, handledUntil, now, policy.catchUp);
  return {
    policy: policy.name,
    workflow: workflow.name,
    when: whenText(workflow.when),
    machines,
    next,
    last:
      row === null || row.lastDue === null || row.lastFiredAt === null
        ? null
        : { due: row.lastDue, firedAt: row.lastFiredAt, isCatchUp: row.lastWasCatchUp },
    missed: (row?.missed ?? 0) + open,
    isPaused: policy.isPaused,
    problem: policy.isPaused ? null : problemOf({ isAsked, next, handledUntil, now, machines, due, isLed }),
  };
}

/** Occurrences that were missed, the newest too. */
const countOf = (due: ReturnType<typeof decideDue>): number =>
  due.kind === 'nothing' ? 0 : due.kind === 'fire' ? due.missed + 1 : due.missed;

interface Facts {
  readonly isAsked: boolean;
  readonly next: number | null;
  readonly handledUntil: number;
  readonly now: number;
  readonly machines: number;
  readonly due: ReturnType<typeof decideDue>;
  readonly isLed: boolean;
}

function problemOf({ isAsked, next, handledUntil, now, machines, due, isLed }: Facts): string | null {
  if (handledUntil - now > 60_000) return 'the clock was set back: it goes on when the clock is past what has run';
  if (!isAsked && next === null) return 'it will not run in the next four years: its windows or blackouts never let it';
  const isLate = due.kind === 'skip' || (due.kind === 'fire' && due.isCatchUp);
  if (isLate && !isLed) return 'nothing runs schedules: start the timer or `holdfast serve`';
  if (due.kind === 'wait') return due.for === 'blackout' ? 'waits for the end of a blackout' : 'waits for its window';
  return machines === 0 ? 'protects no machine that is known' : null;
}
