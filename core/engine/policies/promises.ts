import type { Policy } from '../../model/policies/contract.ts';
import { writeDuration } from '../../model/policies/duration.ts';
import { guesses, longestGapFor, restoreMs, smallestRpoMs, transferMs, worstLossMs } from '../../model/policies/fit.ts';
import { bytesInWords, speedInWords, timeInWords } from '../../model/policies/words.ts';
import type { Refusal } from './contract.ts';
import type { Figures, MachineFigures } from './figures.ts';
import { figuresInWords, timesInWords, transferInWords } from './forecast.ts';
import type { WorkflowTimes } from './timetables.ts';
import type { OpenWorkflow } from './workflows.ts';

/** A workflow with its times and the figures of its machines. */
export interface TimedWorkflow {
  readonly open: OpenWorkflow;
  readonly times: WorkflowTimes;
  readonly figures: readonly MachineFigures[];
}

/** Where several workflows share a promise, so much of their time to come is looked at. */
const sharedMs = 366 * 86_400_000;
/** And so many of their occurrences, so that it takes its time only once: those that come every minute for two weeks. */
const sharedTimes = 20_160;

/** F2: whether what is lost at worst stays within the recovery point objective of a policy. */
export function rpoRefusal(
  policy: Policy,
  workflows: readonly TimedWorkflow[],
  zone: string,
  now: number,
): Refusal | null {
  const { rpoMs } = policy.objective;
  if (rpoMs === null || policy.isPaused) return null;
  const timed = workflows.flatMap((one) => worstOf(one) ?? []);
  const [best] = timed.toSorted((a, b) => a.lossMs - b.lossMs);
  if (best === undefined) return neverRuns(policy, workflows, rpoMs);
  if (best.lossMs <= rpoMs) return null;
  const sharedGapMs = timed.length > 1 ? sharedGap(timed, now) : null;
  if (sharedGapMs !== null && sharedLoss(timed, sharedGapMs) <= rpoMs) return null;
  const { gapMs, lossMs, worst, one } = best;
  const { name } = one.open.workflow;
  const affected = one.figures.filter((figures) => worstLossMs(figures, gapMs) > rpoMs).length;
  return {
    policy: policy.name,
    workflow: name,
    what: `rpo ${timeInWords(rpoMs)} cannot be kept: at worst ${timeInWords(lossMs)} of work of ${worst.record.machine.name} is lost${affected > 1 ? `, and too much of ${affected - 1} more` : ''}`,
    arithmetic: [
      figuresInWords(worst),
      `${name} runs ${timesInWords(one.open, zone)}: the longest time between two in a year is ${timeInWords(gapMs)}`,
      `a copy takes ${transferInWords(worst, gapMs)}`,
      `it protects only up to its beginning, so at worst ${timeInWords(gapMs)} + ${timeInWords(transferMs(worst, gapMs))} = ${timeInWords(lossMs)} is lost, more than ${timeInWords(rpoMs)}`,
      ...(sharedGapMs === null || !Number.isFinite(sharedGapMs)
        ? []
        : [
            `all ${timed.length} workflows together leave at most ${timeInWords(sharedGapMs)} between two: ${timeInWords(sharedLoss(timed, sharedGapMs))} at worst, too`,
          ]),
    ],
    remedy: rpoRemedy(one, worst, rpoMs, gapMs),
  };
}

interface Worst {
  readonly one: TimedWorkflow;
  readonly worst: MachineFigures;
  readonly gapMs: number;
  readonly lossMs: number;
}

/** The machine of a workflow that loses most; `null` where nothing runs by itself or for nobody. */
function worstOf(one: TimedWorkflow): Worst | null {
  const gapMs = one.times.longestGapMs;
  if (gapMs === null) return null;
  let worst: Worst | null = null;
  for (const figures of one.figures) {
    const lossMs = worstLossMs(figures, gapMs);
    if (worst === null || lossMs > worst.lossMs) worst = { one, worst: figures, gapMs, lossMs };
  }
  return worst;
}

/**
 * The longest time between two beginnings in the year to come when those of all workflows count: from the first on, and up to the first after that year.
 * Blackouts of each week count as they do for one workflow.
 */
function sharedGap(timed: readonly Worst[], now: number): number {
  const heads = timed.map(({ one }) => ({ times: one.times, at: one.times.timetable.next(now) }));
  let longestMs: number | null = null;
  let last: number | null = null;
  for (let looked = 0; looked < sharedTimes; looked += 1) {
    let first: (typeof heads)[number] | null = null;
    for (const head of heads) if (head.at !== null && head.at < (first?.at ?? Infinity)) first = head;
    if (first === null || first.at === null) break;
    const begins = first.times.beginsAt(first.at);
    if (begins !== null) {
      // What a blackout puts off may come after what came later.
      if (last !== null) longestMs = Math.max(longestMs ?? 0, begins - last);
      last = Math.max(last ?? begins, begins);
      if (last > now + sharedMs) break;
    }
    first.at = first.times.timetable.next(first.at);
  }
  // What comes once or never again leaves more open than any promise.
  return longestMs ?? Infinity;
}

/** What is lost at worst with so long a time between two beginnings of any workflow: by the machine and the workflow that are slowest. */
const sharedLoss = (timed: readonly Worst[], gapMs: number): number =>
  timed.reduce(
    (most, { one }) => one.figures.reduce((more, figures) => Math.max(more, worstLossMs(figures, gapMs)), most),
    0,
  );

function neverRuns(policy: Policy, workflows: readonly TimedWorkflow[], rpoMs: number): Refusal | null {
  // Without a machine there is nothing to lose; that it selects none is said elsewhere.
  if (workflows.every(({ figures }) => figures.length === 0)) return null;
  // A schedule that never fires is refused by itself.
  if (workflows.some(({ open, times }) => open.workflow.when.kind !== 'asked' && times.next.length === 0)) return null;
  return {
    policy: policy.name,
    workflow: null,
    what: `rpo ${timeInWords(rpoMs)} cannot be kept: no workflow runs again and again by itself`,
    arithmetic: ['a workflow without `schedule` and `every` runs only when somebody asks'],
    remedy: `give a workflow a time, for example \`every: ${everyFor(rpoMs / 2)}\``,
  };
}

/** A duration of a policy file, rounded down to whole minutes or, where it is long, hours. */
function everyFor(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes >= 120) return `${Math.floor(minutes / 60)}h`;
  return minutes >= 1 ? `${minutes}m` : `${Math.max(1, Math.floor(ms / 1_000))}s`;
}

/** A duration as policy files have it, so that whoever follows it is on the safe side. */
const wholeMinutes = (ms: number, side: 'less' | 'more'): string =>
  writeDuration((side === 'less' ? Math.floor(ms / 60_000) : Math.ceil(ms / 60_000)) * 60_000);

function rpoRemedy({ open, times }: TimedWorkflow, worst: MachineFigures, rpoMs: number, gapMs: number): string {
  const needed = longestGapFor(worst, rpoMs);
  if (needed === null || needed < 60_000) {
    const smallest = smallestRpoMs(worst);
    if (smallest === null)
      return 'no schedule can: changes come faster than they can be read; use a faster target or replication';
    return `no schedule can: ask for rpo ${wholeMinutes(smallest, 'more')} or more, or use a faster target`;
  }
  const often = `run it every ${wholeMinutes(needed, 'less')} or more often`;
  const { when } = open.workflow;
  if (when.kind === 'every' && when.everyMs <= needed && times.windows.length > 0)
    return `its window leaves ${timeInWords(gapMs)} without a run: widen it until that is ${wholeMinutes(needed, 'less')} or less`;
  return times.windows.length > 0 ? `${often}, also outside of the hours of its window` : often;
}

/** F5: whether a machine can be back within the recovery time objective of a policy. */
export function rtoRefusal(policy: Policy, workflows: readonly TimedWorkflow[], figures: Figures): Refusal | null {
  const { rtoMs } = policy.objective;
  if (rtoMs === null || policy.isPaused) return null;
  const targets = [...new Set(workflows.flatMap(({ open }) => open.targets))];
  let worst: { machine: MachineFigures; ms: number; from: string; speed: number; isGuessed: boolean } | null = null;
  let late = 0;
  for (const machine of eachOnce(workflows)) {
    const way = figures.restoreSpeed(machine.record, targets);
    if (way === null) continue;
    const ms = restoreMs(machine.wholeBytes, way.speed);
    if (ms > rtoMs) late += 1;
    if (worst === null || ms > worst.ms) worst = { machine, ms, ...way };
  }
  if (worst === null || worst.ms <= rtoMs) return null;
  const { machine, ms, from, speed, isGuessed } = worst;
  const { name } = machine.record.machine;
  return {
    policy: policy.name,
    workflow: null,
    what: `rto ${timeInWords(rtoMs)} cannot be kept: a restore of ${name} takes ${timeInWords(ms)}${late > 1 ? `, and ${late - 1} more take too long` : ''}`,
    arithmetic: [
      `${bytesInWords(machine.wholeBytes)} from ${from} at ${speedInWords(speed)}${isGuessed ? ' (guess until a restore was measured)' : ' (measured)'} = ${timeInWords(machine.wholeBytes / speed)}`,
      `with ${timeInWords(guesses.bootMs)} until it answers (guess): ${timeInWords(ms)}, more than ${timeInWords(rtoMs)}`,
    ],
    remedy: `ask for rto ${wholeMinutes(ms, 'more')} or more, or protect it to a target that is read faster${isGuessed ? '; `holdfast restore machine` once, and the measured speed counts' : ''}`,
  };
}

/** Each machine once. */
function eachOnce(workflows: readonly TimedWorkflow[]): readonly MachineFigures[] {
  const seen = new Map<string, MachineFigures>();
  for (const { figures } of workflows)
    for (const one of figures) seen.set(`${one.record.endpoint}\n${one.record.machine.id}`, one);
  return [...seen.values()];
}

/** A schedule whose times all lie outside of its windows. */
export function neverFires({ open, times }: TimedWorkflow, zone: string): Refusal | null {
  const { policy, workflow } = open;
  if (workflow.when.kind === 'asked' || times.next.length > 0) return null;
  return {
    policy: policy.name,
    workflow: workflow.name,
    what: `${workflow.name} never runs: there is no such time in the next four years`,
    arithmetic: [`it is to run ${timesInWords(open, zone)}`],
    remedy:
      times.windows.length > 0
        ? 'move its time into its window, or widen the window'
        : 'give it a time that comes, for example `schedule: daily 02:00`',
  };
}
