import { fitJobs, fullShare, type Job, readAfter, transferMs } from '../../model/policies/fit.ts';
import { bytesInWords, numbered, someOf, speedInWords, timeInWords } from '../../model/policies/words.ts';
import { whenText } from '../../model/schedules/when.ts';
import type { Refusal, WorkflowForecast } from './contract.ts';
import type { MachineFigures } from './figures.ts';
import type { WorkflowTimes } from './timetables.ts';
import type { OpenWorkflow } from './workflows.ts';

/** What a machine asks of an occurrence. */
export interface ForecastMachine {
  readonly figures: MachineFigures;
  readonly slots: readonly string[];
}

/** A forecast, and what every slot is busy with in a week, in milliseconds. */
export interface Forecast {
  readonly forecast: WorkflowForecast;
  readonly busyInWeek: ReadonlyMap<string, number>;
  /** Set when it does not fit at all. */
  readonly refusal: Refusal | null;
  readonly warnings: readonly string[];
}

/** What changes between two runs where nothing says how far they are apart: a day's. */
const dayMs = 86_400_000;

/** F4: what an occurrence of a workflow reads, how long it takes under the slots, and whether there is room for it. */
export function forecastOf(
  open: OpenWorkflow,
  times: WorkflowTimes,
  machines: readonly ForecastMachine[],
  capacityOf: (slot: string) => number,
): Forecast {
  const { policy, workflow } = open;
  const gapMs = times.longestGapMs ?? dayMs;
  const jobs = machines.map(
    ({ figures, slots }): Job => ({ name: figures.record.machine.name, ms: transferMs(figures, gapMs), slots }),
  );
  const { makespanMs: workMs, critical, busyMs } = fitJobs(jobs, capacityOf);
  const longestMs = jobs.reduce((most, { ms }) => Math.max(most, ms), 0);
  // The last may begin only when the jitter is over.
  const makespanMs = jobs.length === 0 ? 0 : Math.max(workMs, (jobs.length > 1 ? policy.jitterMs : 0) + longestMs);
  const readBytes = machines.reduce((sum, { figures }) => sum + readAfter(figures, gapMs), 0);
  const forecast: WorkflowForecast = {
    policy: policy.name,
    workflow: workflow.name,
    machines: machines.length,
    next: times.next,
    readBytes: Math.round(readBytes),
    makespanMs: Math.round(makespanMs),
    roomMs: times.roomMs,
    critical,
    arithmetic: [],
  };
  const arithmetic = [
    ...readingLines(open, machines, gapMs, times, readBytes),
    ...workLines(machines, gapMs, { workMs, critical, busyMs }, capacityOf, open, forecast),
    ...roomLine(forecast),
  ];
  const busyInWeek = new Map([...busyMs].map(([slot, ms]) => [slot, ms * times.inWeek]));
  return { forecast: { ...forecast, arithmetic }, busyInWeek, ...judge(forecast, arithmetic) };
}

function readingLines(
  { targets, workflow }: OpenWorkflow,
  machines: readonly ForecastMachine[],
  gapMs: number,
  times: WorkflowTimes,
  readBytes: number,
): string[] {
  if (machines.length === 0) return ['no machine that could be protected is selected'];
  const all = machines.map(({ figures }) => figures);
  const whole = all.reduce((sum, { wholeBytes }) => sum + wholeBytes, 0);
  const tracked = all.filter(({ isTracked }) => isTracked);
  const guessed = all.filter(({ isChangeGuessed, isTracked }) => isChangeGuessed && isTracked).length;
  const gap = times.longestGapMs === null ? 'a day' : timeInWords(gapMs);
  const lines = [
    `an occurrence of ${workflow.name} reads ${bytesInWords(readBytes)}, out of ${bytesInWords(whole)} that ${numbered(all.length, 'machine')} hold${all.length === 1 ? 's' : ''}`,
  ];
  if (tracked.length > 0)
    lines.push(
      `of ${numbered(tracked.length, 'machine')} what changed in ${gap} is read: ${bytesInWords(tracked.reduce((sum, one) => sum + readAfter(one, gapMs), 0))}${guessed === 0 ? ' (measured)' : ` (guess for ${guessed} of them, by the objective’s change in a day)`}`,
    );
  if (tracked.length < all.length)
    lines.push(
      `of ${numbered(all.length - tracked.length, 'machine')} everything is read, for changes are not tracked there`,
    );
  const fresh = all.filter(({ isFirst }) => isFirst);
  if (fresh.length > 0 && tracked.length > 0)
    lines.push(
      `the first time everything is read of ${numbered(fresh.length, 'machine')} without a restore point on ${someOf(targets)}: ${bytesInWords(fresh.reduce((sum, { wholeBytes }) => sum + wholeBytes, 0))}`,
    );
  return lines;
}

function workLines(
  machines: readonly ForecastMachine[],
  gapMs: number,
  {
    workMs,
    critical,
    busyMs,
  }: { readonly workMs: number; readonly critical: string | null; readonly busyMs: ReadonlyMap<string, number> },
  capacityOf: (slot: string) => number,
  { policy }: OpenWorkflow,
  { makespanMs }: WorkflowForecast,
): string[] {
  let longest: MachineFigures | null = null;
  for (const { figures } of machines)
    if (longest === null || transferMs(figures, gapMs) > transferMs(longest, gapMs)) longest = figures;
  if (longest === null) return [];
  const lines = [`the longest run: ${transferInWords(longest, gapMs)}`];
  if (critical !== null)
    lines.push(
      `longest first under the slots that is ${timeInWords(workMs)} for all; ${critical} (${capacityOf(critical)} at once) is busy ${timeInWords(busyMs.get(critical) ?? 0)} of it`,
    );
  if (makespanMs > workMs + 1)
    lines.push(
      `with a jitter of ${timeInWords(policy.jitterMs)} the last may begin only then: all are done after ${timeInWords(makespanMs)}`,
    );
  return lines;
}

function roomLine({ makespanMs, roomMs }: WorkflowForecast): string[] {
  if (roomMs === null) return [];
  const share = makespanMs / roomMs;
  return [
    `there is room for ${timeInWords(roomMs)}, of which ${fullShare * 100} % may be planned: ${timeInWords(roomMs * fullShare)}; ${timeInWords(makespanMs)} are ${Number((share * 100).toPrecision(3))} % of it`,
  ];
}

function judge(forecast: WorkflowForecast, arithmetic: readonly string[]): Pick<Forecast, 'refusal' | 'warnings'> {
  const { policy, workflow, makespanMs, roomMs, critical } = forecast;
  if (roomMs === null || makespanMs <= roomMs * fullShare) return { refusal: null, warnings: [] };
  const what = `${policy}/${workflow} takes ${timeInWords(makespanMs)}, and there is room for ${timeInWords(roomMs)}`;
  if (makespanMs <= roomMs)
    return {
      refusal: null,
      warnings: [`${what}: more than ${fullShare * 100} % of it, so a slow night pushes the next one out`],
    };
  const remedy = `run it less often, widen its window to ${timeInWords(makespanMs / fullShare)}, split its machines over several times, or raise the slots of ${critical ?? 'the configuration'}`;
  return { refusal: { policy, workflow, what: `it does not fit: ${what}`, arithmetic, remedy }, warnings: [] };
}

/** When a workflow runs, for people. */
export const timesInWords = ({ workflow, policy }: Pick<OpenWorkflow, 'workflow' | 'policy'>, zone: string): string => {
  const windows = workflow.windows ?? policy.windows;
  const within = windows.length === 0 ? '' : ` within ${windows.map(({ text }) => text).join(', ')}`;
  return `${whenText(workflow.when) ?? 'only when asked'}${within} (${zone})`;
};

/** F1 in words: `demo: 1.48 s (measured) + 593 MiB / 81.9 MiB/s (guess) = 8.72 s`. */
export function transferInWords(figures: MachineFigures, gapMs: number): string {
  const { record, speed, isSpeedGuessed, overheadMs, isOverheadGuessed } = figures;
  return `${record.machine.name}: ${timeInWords(overheadMs)}${origin(isOverheadGuessed)} + ${bytesInWords(readAfter(figures, gapMs))} / ${speedInWords(speed)}${origin(isSpeedGuessed)} = ${timeInWords(transferMs(figures, gapMs))}`;
}

const origin = (isGuessed: boolean): string => (isGuessed ? ' (guess)' : ' (measured)');

/** How a machine's figures came about, one line. */
export function figuresInWords({
  record,
  wholeBytes,
  changePerMs,
  isTracked,
  isChangeGuessed,
}: MachineFigures): string {
  const changes = isTracked
    ? `${bytesInWords(changePerMs * dayMs)} of it change in a day${origin(isChangeGuessed)}`
    : 'all of it is read each time, for changes are not tracked';
  return `${record.machine.name} holds ${bytesInWords(wholeBytes)}; ${changes}`;
}
