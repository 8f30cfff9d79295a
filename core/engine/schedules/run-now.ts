import { type Call, HoldfastError, isHoldfastError } from '@holdfast/api';
import { systemClock } from '../../base/clock.ts';
import type { MachineRecord, RunRecord } from '../../catalog/contract.ts';
import { nearest } from '../compose/nearest.ts';
import type { EngineParts } from '../run/parts.ts';
import { endpointsOf, machinesOf, refresh } from './inventory.ts';
import { composedSteps } from './look.ts';
import { type Book, type Entry, PlanBook } from './plan-book.ts';
import type { RunningEngine } from './running-engine.ts';
import { runOf } from './runs-of.ts';

/** Whoever runs schedules leaves these runs to the one who asked for them for so long; if that one dies they are not lost. */
const reservedMs = 10 * 60_000;
/** Runs that are executed at once when the configuration does not say. */
const defaultRuns = 4;

/** Fires a workflow for its machines, or some of them, and executes the runs here. */
export async function runNow(
  parts: EngineParts,
  engine: RunningEngine,
  wish: { readonly policy: string; readonly workflow: string | null; readonly machines: readonly string[] },
  call: Call,
  started: ((run: RunRecord) => void) | undefined,
): Promise<readonly RunRecord[]> {
  const { catalog, now, config } = parts;
  const entry = entryOf(await new PlanBook(catalog).open(), wish.policy, wish.workflow);
  for (const line of await refresh(endpointsOf([entry.policy], parts.endpoints.names()), engine, call))
    call.log('warn', line);
  const machines = chosen(await machinesOf(entry.policy, catalog), wish.machines, wish.policy);
  let complaint: string | null = null;
  const steps = composedSteps(engine, entry, (problem) => {
    complaint = problem;
  });
  if (complaint !== null) throw new HoldfastError('WORKFLOW_INVALID', complaint);
  const at = now();
  const policy = { policy: entry.policy.name, workflow: entry.workflow.name, due: at };
  const runs: RunRecord[] = [];
  for (const machine of machines) {
    const of = { policy, steps, who: call.who, createdAt: at, notBefore: at + reservedMs };
    const run = await catalog.jobs.add(runOf(machine, of));
    runs.push(run);
    started?.(run);
  }
  const ended: RunRecord[] = [];
  const queue = [...runs.entries()];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      ended[next[0]] = await executeOrFollow(parts, engine, next[1], call);
  };
  const most = Math.max(1, config.config.schedules?.runs ?? defaultRuns);
  await Promise.all(Array.from({ length: Math.min(most, runs.length) }, worker));
  return ended;
}

function entryOf(book: Book | null, policyName: string, workflowName: string | null): Entry {
  const entries = book?.entries.filter(({ policy }) => policy.name === policyName) ?? [];
  const list = '`holdfast policy list` shows what there is';
  if (entries.length === 0) {
    const names = book?.applied.set.policies.map(({ name }) => name) ?? [];
    const [guess] = nearest(policyName, names, 1);
    throw new HoldfastError('POLICY_NOT_FOUND', `no policy in force is called ${policyName}`, {
      remedy: guess === undefined ? list : `did you mean ${guess}? ${list}`,
      facts: { policy: policyName },
    });
  }
  const workflows = entries.map(({ workflow }) => workflow.name).join(', ');
  const [only, second] =
    workflowName === null ? entries : entries.filter(({ workflow }) => workflow.name === workflowName);
  if (only !== undefined && second === undefined) return only;
  if (only === undefined)
    throw new HoldfastError('POLICY_NOT_FOUND', `policy ${policyName} has no workflow ${workflowName}`, {
      remedy: `name one of: ${workflows}`,
      facts: { policy: policyName, workflow: workflowName },
    });
  throw new HoldfastError('USAGE', `policy ${policyName} has several workflows`, {
    remedy: `name one of: ${workflows}`,
    facts: { policy: policyName, workflows },
  });
}

function chosen(
  protectedOnes: readonly MachineRecord[],
  wanted: readonly string[],
  policy: string,
): readonly MachineRecord[] {
  const fits = (name: string, { endpoint, machine }: MachineRecord): boolean =>
    [machine.name, machine.id, `${endpoint}/${machine.name}`, `${endpoint}/${machine.id}`].includes(name);
  for (const name of wanted) {
    if (protectedOnes.some((record) => fits(name, record))) continue;
    throw new HoldfastError('MACHINE_NOT_FOUND', `policy ${policy} protects no machine ${name}`, {
      remedy: `\`holdfast policy show ${policy}\` shows what it protects`,
      facts: { policy, machine: name },
    });
  }
  if (wanted.length > 0) return protectedOnes.filter((record) => wanted.some((name) => fits(name, record)));
  if (protectedOnes.length > 0) return protectedOnes;
  throw new HoldfastError('MACHINE_NOT_FOUND', `policy ${policy} protects no machine now`, {
    remedy: `\`holdfast policy show ${policy}\` shows what it asks for`,
    facts: { policy },
  });
}

/** Executes a run here as soon as its machine is free. One that another process has is waited for. */
async function executeOrFollow(
  parts: EngineParts,
  engine: RunningEngine,
  run: RunRecord,
  call: Call,
): Promise<RunRecord> {
  const own: Call = { ...call, log: (level, text) => call.log(level, `${run.machineName}: ${text}`) };
  let hasTold = false;
  for (;;) {
    try {
      return await engine.execute(run.id, own);
    } catch (problem) {
      const isBusy = isHoldfastError(problem, 'MACHINE_BUSY');
      const isOthers = isHoldfastError(problem, 'FENCED') || isHoldfastError(problem, 'RUN_ENDED');
      if (!isBusy && !isOthers) throw await cancelledBefore(parts, run, call, problem);
      if (isBusy && !hasTold) own.log('info', `waits: ${problem instanceof Error ? problem.message : ''}`);
      hasTold = true;
    }
    const record = await parts.catalog.jobs.get(run.id);
    if (record !== null && record.state !== 'waiting' && record.state !== 'running') return record;
    try {
      await systemClock.sleep(4 * parts.timing.pollMs, call.signal);
    } catch (problem) {
      throw await cancelledBefore(parts, run, call, problem);
    }
  }
}

/** Whoever asked for a run and goes before it began does not want it any more. */
async function cancelledBefore(parts: EngineParts, run: RunRecord, call: Call, problem: unknown): Promise<unknown> {
  const record = await parts.catalog.jobs.get(run.id);
  if (call.signal.aborted && record?.state === 'waiting')
    await parts.catalog.jobs.askCancel(run.id, call.who).catch(() => {});
  return problem;
}
