import type { PolicySet } from '../../model/policies/contract.ts';
import type { Timetable, TimeWindow } from '../../model/schedules/contract.ts';
import { openTimetable } from '../../model/schedules/timetable.ts';
import { Week } from '../../model/schedules/week.ts';
import { zoneClock } from '../../model/schedules/zone-clock.ts';
import type { OpenWorkflow } from './workflows.ts';

const weekMs = 7 * 86_400_000;

/** The times of a workflow, seen from now. */
export interface WorkflowTimes {
  readonly timetable: Timetable;
  /** When an occurrence really begins, blackouts that come once left out; `null` when one of each week swallows it. */
  readonly beginsAt: (at: number) => number | null;
  readonly windows: readonly TimeWindow[];
  /** Three at most. */
  readonly next: readonly number[];
  /** The longest time between two occurrences; `null` when there are none or only one. */
  readonly longestGapMs: number | null;
  /** Time that the next occurrence has: until the one after it, or until its window closes; `null` for no limit. */
  readonly roomMs: number | null;
  /** Occurrences in the week that begins with the next one. */
  readonly inWeek: number;
}

/** Opens the timetables of a set; those that are the same are asked once. */
export class Timetables {
  readonly #set: PolicySet;
  readonly #now: number;
  readonly #opened = new Map<string, WorkflowTimes>();

  constructor(set: PolicySet, now: number) {
    this.#set = set;
    this.#now = now;
  }

  of({ policy, workflow }: Pick<OpenWorkflow, 'policy' | 'workflow'>): WorkflowTimes {
    const windows = workflow.windows ?? policy.windows;
    const { when } = workflow;
    const { catchUp } = policy;
    const key = JSON.stringify([when, windows, catchUp]);
    let times = this.#opened.get(key);
    if (times === undefined) {
      const { zone, blackouts } = this.#set;
      const weekly = blackouts.filter(({ kind }) => kind === 'weekly');
      const usual = openTimetable(when, { zone, windows, blackouts: weekly, catchUp });
      const beginsAt = (at: number): number | null => {
        const open = usual.openFrom(at);
        return open === at || (catchUp && Number.isFinite(open)) ? open : null;
      };
      times = this.#look(openTimetable(when, { zone, windows, blackouts, catchUp }), beginsAt, windows);
      this.#opened.set(key, times);
    }
    return times;
  }

  #look(timetable: Timetable, beginsAt: WorkflowTimes['beginsAt'], windows: readonly TimeWindow[]): WorkflowTimes {
    const next: number[] = [];
    for (let at = timetable.next(this.#now); at !== null && next.length < 3; at = timetable.next(at)) next.push(at);
    const [first, second] = next;
    const rooms: number[] = [];
    if (first !== undefined && second !== undefined) rooms.push(second - first);
    const closes = first === undefined ? null : closingAfter(first, windows, this.#set.zone);
    if (first !== undefined && closes !== null) rooms.push(closes - first);
    return {
      timetable,
      beginsAt,
      windows,
      next,
      longestGapMs: first === undefined ? null : timetable.longestGapMs(this.#now),
      roomMs: rooms.length === 0 ? null : Math.min(...rooms),
      inWeek: first === undefined ? 0 : timetable.between(first - 1, first - 1 + weekMs, 10_080).length,
    };
  }
}

/** When the windows that a moment lies in close; `null` when they never do. */
function closingAfter(at: number, windows: readonly TimeWindow[], zone: string): number | null {
  if (windows.length === 0) return null;
  const clock = zoneClock(zone);
  const wall = new Week(windows).firstOut(clock.wallAt(at));
  return wall === null ? null : clock.momentOf(wall);
}
