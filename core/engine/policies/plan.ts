import { type Call, throwIfCancelled } from '@holdfast/api';
import type { MachineRecord } from '../../catalog/contract.ts';
import { type PlacedProblem, refusePolicies, saysZone } from '../../config/policies/read.ts';
import type { Policy } from '../../model/policies/contract.ts';
import { selects } from '../../model/policies/select.ts';
import { numbered, someOf } from '../../model/policies/words.ts';
import type { Timetable } from '../../model/schedules/contract.ts';
import type { Engine } from '../contract.ts';
import type { EngineParts } from '../run/parts.ts';
import { jittered } from '../schedules/runs-of.ts';
import { capacityIn } from './capacity.ts';
import { changesBetween, commonChanges } from './changes.ts';
import type { PolicyPlan, Refusal, WantedPolicies, WorkflowForecast } from './contract.ts';
import { expiresByChange } from './expiry.ts';
import { Figures } from './figures.ts';
import { type ForecastMachine, forecastOf } from './forecast.ts';
import { policiesInForce } from './in-force.ts';
import { gatherKnowledge } from './knowledge.ts';
import { neverFires, rpoRefusal, rtoRefusal, type TimedWorkflow } from './promises.ts';
import { StepPlanner } from './step-plans.ts';
import { Timetables, type WorkflowTimes } from './timetables.ts';
import { overlapWarnings, policyWarnings, slotWarnings } from './warnings.ts';
import { type OpenWorkflow, openWorkflows } from './workflows.ts';

/** A slot for what one process executes at once; there is no lease of this name. */
export const runsAtOnce = 'runs at once';

/**
 * Says what applying policies would do. Changes nothing, opens nothing but plugins’ code.
 * @throws {HoldfastError} `POLICY_INVALID` for steps that do not fit, targets and endpoints that are not there, all of them at once.
 */
export async function planPolicies(
  parts: EngineParts,
  compose: Engine['compose'],
  wanted: WantedPolicies,
  call: Call,
): Promise<PolicyPlan> {
  const { catalog, config, host } = parts;
  const { set } = wanted;
  const now = parts.now();
  const { endpoints, targets, keep } = config.config;
  const problems: PlacedProblem[] = [];
  const workflows = openWorkflows(
    set,
    { endpoints: Object.keys(endpoints), targets: Object.keys(targets) },
    host,
    compose,
    problems,
  );
  if (problems.length > 0) throw refusePolicies(wanted, problems);

  call.progress({ phase: 'looking at the catalog' });
  const applied = await policiesInForce(catalog);
  const knowledge = await gatherKnowledge(catalog);
  const there = knowledge.machines.filter(({ goneAt }) => goneAt === null);
  const selected = new Map<Policy, readonly MachineRecord[]>(
    set.policies.map((policy) => [policy, there.filter((record) => selects(policy.protect, record))]),
  );

  call.progress({ phase: 'planning' });
  const planner = new StepPlanner(host, config, knowledge, call);
  const figures = new Figures(knowledge, host, config);
  const timetables = new Timetables(set, now);
  const slotsOf = capacityIn(config.config.slots);
  const capacityOf = (slot: string): number =>
    slot === runsAtOnce ? (config.config.schedules?.runs ?? 4) : slotsOf(slot);

  const forecasts: WorkflowForecast[] = [];
  const refusals: Refusal[] = [];
  const warnings: string[] = [];
  /** What steps say, and of which workflows. */
  const saidBy = new Map<string, string[]>();
  const busyInWeek = new Map<string, number>();
  const nextRuns = new NextRuns();
  const timed = new Map<Policy, TimedWorkflow[]>();
  for (const open of workflows) {
    throwIfCancelled(call.signal, 'planning policies');
    const { policy, workflow } = open;
    const times = timetables.of(open);
    const able = (selected.get(policy) ?? []).filter(({ machine }) => machine.problem === undefined);
    const { machines, refused, said } = await askSteps(open, able, planner, figures);
    refusals.push(...refused);
    for (const text of said) saidBy.set(text, [...(saidBy.get(text) ?? []), `${policy.name}/${workflow.name}`]);
    const one: TimedWorkflow = { open, times, figures: machines.map((machine) => machine.figures) };
    timed.set(policy, [...(timed.get(policy) ?? []), one]);
    const never = neverFires(one, set.zone);
    if (never !== null) refusals.push(never);
    if (policy.isPaused) continue;
    nextRuns.add(able, open, times);
    const { forecast, refusal, warnings: tight, busyInWeek: busy } = forecastOf(open, times, machines, capacityOf);
    forecasts.push(forecast);
    if (refusal !== null) refusals.push(refusal);
    warnings.push(...tight);
    for (const [slot, ms] of busy) busyInWeek.set(slot, (busyInWeek.get(slot) ?? 0) + ms);
  }
  for (const [policy, own] of timed) {
    const refusal = [rpoRefusal(policy, own, set.zone, now), rtoRefusal(policy, own, figures)];
    refusals.push(...refusal.filter((one) => one !== null));
  }
  if (set.policies.length > 0 && !saysZone(wanted))
    warnings.push(
      `no time zone is written: times and the days of retention are those of whoever reads the policies, here and now ${set.zone}; write \`zone: ${set.zone}\` at the top`,
    );
  warnings.push(
    ...commonChanges(applied?.set ?? null, set),
    ...slotWarnings(busyInWeek),
    ...policyWarnings(selected, workflows, keep),
    ...overlapWarnings(selected, workflows),
    ...[...saidBy].map(([text, of]) => `${someOf(of)}: ${text}`),
  );
  const covered = new Set([...selected].flatMap(([{ isPaused }, records]) => (isPaused ? [] : records)));
  const old = { set: applied?.set ?? null, configured: keep, zone: applied?.set.zone ?? parts.zone };
  return {
    against: applied?.id ?? null,
    changes: changesBetween(applied?.set ?? null, set, there),
    expires: expiresByChange(knowledge, old, { set, configured: keep, zone: set.zone }, now, (record, target) =>
      nextRuns.of(record, target),
    ),
    forecasts,
    refusals,
    uncovered: there
      .filter((record) => !covered.has(record))
      .map(({ endpoint, machine }) => `${endpoint}/${machine.name}`),
    warnings: [...new Set(warnings)],
  };
}

/** When each machine is protected to each target next: at its own time within the jitter, which may lie on another day. */
class NextRuns {
  readonly #next = new Map<string, NextRun[]>();

  add(records: readonly MachineRecord[], { targets, policy }: OpenWorkflow, { next, timetable }: WorkflowTimes): void {
    const [at] = next;
    if (at === undefined) return;
    const run = { records: new Set(records), at, jitterMs: policy.jitterMs, timetable };
    for (const target of targets) this.#next.set(target, [...(this.#next.get(target) ?? []), run]);
  }

  of(record: MachineRecord, target: string): number | null {
    let first: number | null = null;
    for (const { records, at, jitterMs, timetable } of this.#next.get(target) ?? [])
      if (records.has(record) && (first === null || at < first))
        first = Math.min(first ?? Infinity, jittered(record, at, jitterMs, timetable));
    return first;
  }
}

/** The next occurrence of a workflow. */
interface NextRun {
  readonly records: ReadonlySet<MachineRecord>;
  readonly at: number;
  readonly jitterMs: number;
  readonly timetable: Timetable;
}

/** What the steps of a workflow say of its machines: slots for the forecast, and refusals, one for all machines that are refused alike. */
async function askSteps(open: OpenWorkflow, able: readonly MachineRecord[], planner: StepPlanner, figures: Figures) {
  const { policy, workflow, targets } = open;
  const machines: ForecastMachine[] = [];
  const refusedBy = new Map<string, { readonly remedy: string; readonly names: string[] }>();
  const said = new Map<string, number>();
  for (const record of able) {
    const { slots, refusal, warnings } = planner.known(open, record) ?? (await planner.plan(open, record));
    if (refusal !== null) {
      const known = refusedBy.get(refusal.message);
      if (known === undefined)
        refusedBy.set(refusal.message, { remedy: refusal.remedy ?? '', names: [record.machine.name] });
      else known.names.push(record.machine.name);
      continue;
    }
    for (const text of warnings) said.set(text, (said.get(text) ?? 0) + 1);
    machines.push({
      figures: figures.of(record, targets, policy.objective.changePerDay),
      slots: [...slots, runsAtOnce],
    });
  }
  const refused = [...refusedBy].map(
    ([what, { remedy, names }]): Refusal => ({
      policy: policy.name,
      workflow: workflow.name,
      what,
      arithmetic: [
        `it concerns ${numbered(names.length, 'machine')}: ${names.slice(0, 5).join(', ')}${names.length > 5 ? ', …' : ''}`,
      ],
      remedy,
    }),
  );
  return { machines, refused, said: [...said.keys()] };
}
