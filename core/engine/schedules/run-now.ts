import { type Call, HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
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
  const { catalog, now } = parts;
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
    if (call.signal.aborted) break;
    const of = { policy, steps, who: call.who, createdAt: at, notBefore: at + reservedMs };
    const run = await catalog.jobs.add(runOf(machine, of));
    runs.push(run);
    started?.(run);
  }
  if (runs.length === 0) throwIfCancelled(call.signal, `running ${wish.policy}`);
  await executeAll(parts, engine, runs, call);
  return Promise.all(runs.map(async (run) => (await catalog.jobs.get(run.id)) ?? run));
}

/**
 * Executes runs here, so many at once, until all have ended. Whoever asked for them and goes away wants none of them any more: those that wait are not begun,
 * and that of those that go on it is known who stopped them, so that no scheduler does them again.
 */
async function executeAll(
  { catalog, config, timing }: EngineParts,
  engine: RunningEngine,
  runs: readonly RunRecord[],
  call: Call,
): Promise<void> {
  const withdrawn: Promise<unknown>[] = [];
  const withdraw = (): void => {
    // One that has ended meanwhile is refused.
    withdrawn.push(Promise.allSettled(runs.map(({ id }) => catalog.jobs.askCancel(id, call.who))));
  };
  if (call.signal.aborted) withdraw();
  call.signal.addEventListener('abort', withdraw, { once: true });
  const queue = [...runs];
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined && !call.signal.aborted; next = queue.shift())
      await executeOrFollow({ catalog, timing }, engine, next, call);
  };
  const most = Math.max(1, config.config.schedules?.runs ?? defaultRuns);
  const workers = await Promise.allSettled(Array.from({ length: Math.min(most, runs.length) }, worker));
  call.signal.removeEventListener('abort', withdraw);
  await Promise.all(withdrawn);
  // Only now, when nothing goes on here any more.
  for (const one of workers) if (one.status === 'rejected' && !call.signal.aborted) throw one.reason;
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
  { catalog, timing }: Pick<EngineParts, 'catalog' | 'timing'>,
  engine: RunningEngine,
  run: RunRecord,
  call: Call,
): Promise<void> {
  const own: Call = { ...call, log: (level, text) => call.log(level, `${run.machineName}: ${text}`) };
  let hasTold = false;
  for (;;) {
    try {
      await engine.execute(run.id, own);
      return;
    } catch (problem) {
      const isBusy = isHoldfastError(problem, 'MACHINE_BUSY');
      const isOthers = isHoldfastError(problem, 'FENCED') || isHoldfastError(problem, 'RUN_ENDED');
      if (!isBusy && !isOthers) throw problem;
      if (isBusy && !hasTold) own.log('info', `waits: ${problem instanceof Error ? problem.message : ''}`);
      hasTold = true;
    }
    const record = await catalog.jobs.get(run.id);
    if (record !== null && record.state !== 'waiting' && record.state !== 'running') return;
    await systemClock.sleep(4 * timing.pollMs, call.signal);
  }
}
