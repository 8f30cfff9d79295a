import { type Call, isHoldfastError } from '@holdfast/api';
import type { FreshRun, MachineRecord, RunRecord, ScheduleRow } from '../../catalog/contract.ts';
import { type Due, decideDue } from '../../model/schedules/due.ts';
import type { Engine } from '../contract.ts';
import { messageOf } from '../run/failure.ts';
import type { EngineParts } from '../run/parts.ts';
import type { TickReport } from './contract.ts';
import { endpointsOf, machinesOf, refresh } from './inventory.ts';
import type { Leadership } from './leadership.ts';
import { type Book, type Entry, keyOf, type PlanBook } from './plan-book.ts';
import type { RunningEngine } from './running-engine.ts';
import { jittered, runOf } from './runs-of.ts';

/** Whose runs are those that schedules begin. */
const who = 'schedule';
/** A clock that differs by less was only corrected. */
const clockSlackMs = 60_000;

/** What a look has found. */
export interface Look {
  readonly book: Book | null;
  readonly fired: TickReport['fired'];
  readonly warnings: readonly string[];
}

interface DueEntry {
  readonly entry: Entry;
  readonly row: ScheduleRow | null;
  readonly due: Exclude<Due, { kind: 'nothing' } | { kind: 'wait' }>;
}

/** Looks at all schedules once, as the leader, and begins what is due. What leads to nothing costs four questions to the catalog. */
export class Looker {
  readonly #parts: EngineParts;
  readonly #engine: Pick<RunningEngine, 'compose' | 'listMachines' | 'sweep' | 'forgetOldRuns'>;
  readonly #plans: PlanBook;
  /** The application whose workflows are the only ones that the catalog remembers schedules of. */
  #keptFor: number | null = null;
  #fired: TickReport['fired'][number][] = [];
  #warnings: string[] = [];

  constructor(
    parts: EngineParts,
    engine: Pick<RunningEngine, 'compose' | 'listMachines' | 'sweep' | 'forgetOldRuns'>,
    plans: PlanBook,
  ) {
    this.#parts = parts;
    this.#engine = engine;
    this.#plans = plans;
  }

  async look(leader: Leadership, call: Call): Promise<Look> {
    this.#fired = [];
    this.#warnings = [];
    await this.#engine.sweep(call);
    const book = await this.#plans.open();
    if (book !== null) await this.#lookAt(book, leader, call);
    return { book, fired: this.#fired, warnings: this.#warnings };
  }

  async #lookAt(book: Book, leader: Leadership, call: Call): Promise<void> {
    const { policies } = this.#parts.catalog;
    if (this.#keptFor !== book.applied.id) {
      const of = book.entries.map(({ policy, workflow }) => ({ policy: policy.name, workflow: workflow.name }));
      await policies.keepSchedules(leader.lease, of);
      this.#keptFor = book.applied.id;
    }
    const rows = new Map((await policies.schedules()).map((row) => [keyOf(row.policy, row.workflow), row]));
    const due: DueEntry[] = [];
    for (const entry of book.entries) {
      const { policy, workflow } = entry;
      if (policy.isPaused || workflow.when.kind === 'asked') continue;
      const row = rows.get(keyOf(policy.name, workflow.name)) ?? null;
      const found = await this.#decide(entry, book, row);
      if (found.kind === 'fire' || found.kind === 'skip') due.push({ entry, row, due: found });
    }
    if (due.length === 0) return;
    const firing = due.filter(({ due }) => due.kind === 'fire').map(({ entry }) => entry.policy);
    const endpoints = endpointsOf(firing, this.#parts.endpoints.names());
    this.#warnings.push(...(await refresh(endpoints, this.#engine, call)));
    for (const one of due.toSorted((a, b) => a.due.due - b.due.due)) await this.#act(one, leader);
    // A thousand go at once, so that no fewer go than come.
    const begun = this.#fired.reduce((sum, { runs }) => sum + runs, 0);
    for (let left = begun; left > 0; left -= 1_000) await this.#engine.forgetOldRuns();
  }

  async #decide(entry: Entry, book: Book, row: ScheduleRow | null): Promise<Due> {
    const now = this.#parts.now();
    const handledUntil = row?.handledUntil ?? Number.NEGATIVE_INFINITY;
    const since = Math.max(handledUntil, await this.#plans.since(entry, book, handledUntil));
    if (since - now > clockSlackMs)
      this.#warnings.push(
        `the clock was set back: what was due until ${stamp(since)} has run, so ${nameOf(entry)} goes on after that`,
      );
    return decideDue(entry.table, since, now, entry.policy.catchUp);
  }

  async #act({ entry, row, due }: DueEntry, leader: Leadership): Promise<void> {
    const { policy, workflow } = entry;
    const of = { policy: policy.name, workflow: workflow.name };
    const before = row?.handledUntil ?? null;
    const last = { lastDue: row?.lastDue ?? null, lastFiredAt: row?.lastFiredAt ?? null };
    const skipped = { ...of, ...last, lastWasCatchUp: row?.lastWasCatchUp ?? false, handledUntil: due.due };
    const missed = (row?.missed ?? 0) + due.missed;
    if (due.kind === 'skip') {
      await this.#write(leader, before, { ...skipped, missed }, []);
      this.#warnings.push(`${nameOf(entry)} was missed ${times(due.missed)}, and its policy does not catch up`);
      return;
    }
    const { free, busy } = await this.#machines(entry);
    await this.#sayBusy(entry, busy, due.due);
    if (free.length === 0 && busy.length > 0) {
      await this.#write(leader, before, { ...skipped, missed: missed + 1 }, []);
      return;
    }
    const now = this.#parts.now();
    const runs = this.#runsOf(entry, due, free, now);
    const { isCatchUp } = due;
    const fired = { ...of, handledUntil: due.due, lastDue: due.due, lastFiredAt: now, lastWasCatchUp: isCatchUp };
    if (!(await this.#write(leader, before, { ...fired, missed: 0 }, runs))) return;
    this.#fired.push({ ...of, due: due.due, isCatchUp, runs: runs.length });
    if (runs.length === 0) this.#warnings.push(`${nameOf(entry)} ran for nothing: its policy protects no machine now`);
    if (due.missed > 0) this.#warnings.push(`${nameOf(entry)} was missed ${times(due.missed)} before it began now`);
  }

  /** Machines of a policy, without those whose run of an occurrence before has not ended. */
  async #machines({ policy, workflow }: Entry): Promise<{ free: MachineRecord[]; busy: RunRecord[] }> {
    const { catalog } = this.#parts;
    const going = await catalog.jobs.list({ states: ['waiting', 'running'], limit: 10_000 });
    const busy = going.filter((run) => run.policy?.policy === policy.name && run.policy.workflow === workflow.name);
    const machines = await machinesOf(policy, catalog);
    const runOn = ({ endpoint, machine }: MachineRecord): RunRecord | undefined =>
      busy.find((run) => run.endpoint === endpoint && run.machine === machine.id);
    return {
      free: machines.filter((machine) => runOn(machine) === undefined),
      busy: machines.flatMap((machine) => runOn(machine) ?? []),
    };
  }

  async #sayBusy(entry: Entry, runs: readonly RunRecord[], due: number): Promise<void> {
    const [first, ...others] = runs;
    if (first === undefined) return;
    const decision = `skip ${nameOf(entry)} of ${stamp(due)} for`;
    for (const run of runs)
      await this.#parts.catalog.jobs.because(run.id, {
        decision: `${decision} ${run.machineName}`,
        because: 'this run has not ended yet',
      });
    this.#warnings.push(
      others.length === 0
        ? `${decision} ${first.machineName}: run ${first.id} of the occurrence before has not ended`
        : `${decision} ${first.machineName} and ${others.length} more: their runs of the occurrence before have not ended`,
    );
  }

  #runsOf(
    entry: Entry,
    due: { due: number; isCatchUp: boolean },
    machines: readonly MachineRecord[],
    now: number,
  ): FreshRun[] {
    const { policy, workflow, table } = entry;
    const from = due.isCatchUp ? now : due.due;
    const of = { policy: policy.name, workflow: workflow.name, due: due.due };
    const steps = this.#stepsOf(entry);
    return machines.map((machine) =>
      runOf(machine, {
        policy: of,
        steps,
        who,
        createdAt: now,
        notBefore: jittered(machine, from, policy.jitterMs, table),
      }),
    );
  }

  /** With the defaults of their settings. Steps that do not fit together any more get runs that say so. */
  #stepsOf(entry: Entry): Entry['workflow']['steps'] {
    return composedSteps(this.#engine, entry, (problem) =>
      this.#warnings.push(`${nameOf(entry)} cannot run as it is: ${problem}`),
    );
  }

  async #write(
    leader: Leadership,
    before: number | null,
    row: ScheduleRow,
    runs: readonly FreshRun[],
  ): Promise<boolean> {
    try {
      return await this.#parts.catalog.policies.fire(leader.lease, before, row, runs);
    } catch (problem) {
      if (isHoldfastError(problem, 'FENCED')) leader.giveUp();
      throw problem;
    }
  }
}

/** The steps of a workflow as runs have them; where they do not fit together, as they are written. */
export function composedSteps(
  engine: Pick<Engine, 'compose'>,
  { workflow }: Entry,
  complain: (problem: string) => void,
): Entry['workflow']['steps'] {
  try {
    return engine.compose(workflow.steps, ['machine']).steps.map(({ use, settings }) => ({
      use,
      settings: settings as Entry['workflow']['steps'][number]['settings'],
    }));
  } catch (problem) {
    complain(messageOf(problem));
    return workflow.steps;
  }
}

/** `gold/backup`. */
export const nameOf = ({ policy, workflow }: Pick<Entry, 'policy' | 'workflow'>): string =>
  keyOf(policy.name, workflow.name);

const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const times = (count: number): string => (count === 1 ? 'once' : `${count} times`);
