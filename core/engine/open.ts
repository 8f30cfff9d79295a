import type { Artifacts, Call, Port } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { PlannedStep, RunRecord } from '../catalog/contract.ts';
import { openAlarms } from './alarms/open.ts';
import { composeWorkflow } from './compose/compose.ts';
import { namedBy, settingsChecker } from './compose/settings.ts';
import type { ComposedWorkflow, Engine, ProtectWish, RestoreWish, WorkflowPlan } from './contract.ts';
import { defaultTiming, type EngineDeps } from './deps.ts';
import { Endpoints } from './endpoints/endpoints.ts';
import { Janitor } from './janitor/janitor.ts';
import { resolveMachine } from './machines/resolve.ts';
import { planFacts } from './plan/facts.ts';
import { planWorkflow } from './plan/plan.ts';
import { openRestore } from './plan/restore.ts';
import { acceptTarget, forgetOnTarget, listTarget } from './points/listing.ts';
import { openPolicies } from './policies/open.ts';
import { openRepositories } from './repositories/open.ts';
import { expiresNext } from './retention/expire.ts';
import { executeRun, retryRun } from './run/execute.ts';
import type { EngineParts } from './run/parts.ts';
import { startRun } from './run/start.ts';
import { openSchedules } from './schedules/open.ts';
import { watchRun } from './watch/watch.ts';

/** Opens the engine. It holds nothing of its own that would have to be closed: runs that it executes end before their calls answer. */
export function openEngine(deps: EngineDeps): Engine {
  let zone = deps.zone;
  const parts: EngineParts = {
    ...deps,
    timing: { ...defaultTiming, ...deps.timing },
    // Found out when it is first wanted: few commands do, and it takes longer than all else here.
    get zone() {
      zone ??= new Intl.DateTimeFormat().resolvedOptions().timeZone;
      return zone;
    },
    endpoints: new Endpoints(deps.config.config, deps.host, deps.secrets, deps.catalog),
  };
  const { catalog, host, config, endpoints } = parts;
  const janitor = new Janitor(parts);
  const checkSettings = settingsChecker(config.config);
  const compose = (steps: readonly PlannedStep[], start: readonly Port[]): ComposedWorkflow =>
    composeWorkflow(steps, start, host.techniques(), checkSettings);

  /** What a protection starts with: its machine, and a workflow that keeps something. */
  const readyToProtect = async (wish: ProtectWish, call: Call) => {
    const workflow = composeProtection(compose, wish.steps);
    const { endpoint, machine } = await resolveMachine(wish.machine, endpoints, catalog, call);
    const input: Artifacts = { machine: { endpoint, machine } };
    return { workflow, input, subject: { endpoint, machine: machine.id, machineName: machine.name }, machine };
  };

  const readyToRestore = async (wish: RestoreWish, call: Call) => {
    const settings = { to: wish.to, as: wish.as, evenDamaged: wish.evenDamaged === true };
    const workflow = compose([{ use: 'restore', settings }], ['restore-point']);
    await openRestore(parts, wish, call);
    const input: Artifacts = { 'restore-point': wish.point };
    return { workflow, input, subject: { endpoint: wish.to, machine: wish.point.machine, machineName: wish.as } };
  };

  const planProtect = async (wish: ProtectWish, call: Call): Promise<WorkflowPlan> => {
    const { workflow, input, subject } = await readyToProtect(wish, call);
    const expires = await Promise.all(targetsOf(workflow).map((target) => expiresNext(parts, target, subject)));
    return planWorkflow(workflow, subject, input, host, planFacts(parts, subject), expires.flat(), call);
  };

  const planRestore = async (wish: RestoreWish, call: Call): Promise<WorkflowPlan> => {
    const { workflow, input, subject } = await readyToRestore(wish, call);
    return planWorkflow(workflow, subject, input, host, planFacts(parts, subject), [], call);
  };

  /** Targets that a workflow writes to, by its settings. */
  const targetsOf = ({ steps }: ComposedWorkflow): string[] => {
    const named = steps.flatMap(({ use, settings }) => {
      const technique = host.techniques().find(({ contribution }) => contribution.id === use);
      return technique === undefined ? [] : namedBy(technique.settings, settings);
    });
    return [...new Set(named.filter(({ kind }) => kind === 'target').map(({ name }) => name))];
  };

  const protect = async (wish: ProtectWish, call: Call, started?: (run: RunRecord) => void): Promise<RunRecord> => {
    await janitor.sweep(call);
    const { workflow, input, subject, machine } = await readyToProtect(wish, call);
    if (machine.problem !== undefined)
      throw new HoldfastError('MACHINE_UNPROTECTABLE', `${machine.name} cannot be protected: ${machine.problem}`, {
        facts: { endpoint: subject.endpoint, machine: machine.id },
      });
    // What a step can tell from sheets and settings that it could not do is refused before there is a run.
    await planWorkflow(workflow, subject, input, host, planFacts(parts, subject), [], call);
    return startRun(parts, { kind: 'protect', ...subject, steps: workflow.steps, input }, call, started);
  };

  const restore = async (wish: RestoreWish, call: Call, started?: (run: RunRecord) => void): Promise<RunRecord> => {
    await janitor.sweep(call);
    const { workflow, input, subject } = await readyToRestore(wish, call);
    return startRun(parts, { kind: 'restore', ...subject, steps: workflow.steps, input }, call, started);
  };

  const execute = async (run: string, call: Call): Promise<RunRecord> => {
    await janitor.sweep(call);
    return executeRun(parts, run, call);
  };

  const retry = async (run: string, call: Call): Promise<RunRecord> => {
    await janitor.sweep(call);
    return retryRun(parts, run, call);
  };

  const listMachines = (endpoint: string, call: Call) => endpoints.machines(endpoint, call);

  const policies = openPolicies(parts, compose);
  return {
    policies,
    schedules: openSchedules(parts, {
      compose,
      execute,
      retry,
      listMachines,
      sweep: (call) => janitor.sweep(call),
      forgetOldRuns: () => janitor.forgetOldRuns(),
    }),
    alarms: openAlarms(parts, policies),
    repositories: openRepositories(parts),
    compose,
    planProtect,
    planRestore,
    protect,
    restore,
    execute,
    retry,
    watch: (run, call) => watchRun(catalog.jobs, run, parts.timing.pollMs, call),
    clean: (call) => janitor.clean(call),
    leftovers: (call) => janitor.leftovers(call),
    findMachine: (wanted, call) => resolveMachine(wanted, endpoints, catalog, call),
    listMachines,
    listPoints: (target, call) => listTarget(parts, target, call),
    acceptRollback: (target, call) => acceptTarget(parts, target, call),
    forgetPoints: (target, points, reason, call) => forgetOnTarget(parts, target, points, reason, call),
  };
}

/** A protection that keeps nothing would look as if it protected. */
function composeProtection(
  compose: (steps: readonly PlannedStep[], start: readonly Port[]) => ComposedWorkflow,
  steps: readonly PlannedStep[],
): ComposedWorkflow {
  const workflow = compose(steps, ['machine']);
  const lasting: readonly Port[] = ['restore-point', 'copy', 'replica'];
  if (workflow.gives.some((port) => lasting.includes(port))) return workflow;
  throw new HoldfastError(
    'WORKFLOW_INVALID',
    'no step of this workflow keeps data: nothing would be left when it is over',
    {
      remedy: 'end it with a step that gives a restore point, for example proxy',
      facts: { gives: workflow.gives.join(', ') },
    },
  );
}
