import type { Artifacts, Call, Plain } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { ClaimedRun, Lease, RunRecord } from '../../catalog/contract.ts';
import { findById } from '../machines/resolve.ts';
import { expireAfter } from '../retention/expire.ts';
import { saveAfterRun } from '../saved-catalogs/after-run.ts';
import type { RunContext } from './context.ts';
import { type End, endOf, type Stopped } from './end.ts';
import { stackOf } from './failure.ts';
import { figuresOf } from './figures.ts';
import { fencedError } from './heartbeat.ts';
import { undoIntents } from './intents.ts';
import { takeSubject } from './machine-lease.ts';
import { openContext } from './open-context.ts';
import type { EngineParts } from './parts.ts';
import { type WorkflowOutcome, WorkflowRun } from './workflow.ts';

/**
 * Executes a run that waits, or one whose process died, to its end in this process.
 * @returns Its record once it has ended, whatever became of it.
 * @throws `RUN_NOT_FOUND`, `RUN_ENDED`, `MACHINE_BUSY`; `FENCED` when another process has it or takes it over.
 */
export async function executeRun(parts: EngineParts, id: string, call: Call): Promise<RunRecord> {
  const record = await runOf(parts, id);
  if (record.state !== 'waiting' && record.state !== 'running')
    throw new HoldfastError('RUN_ENDED', `run ${id} has ended already (${record.state})`, {
      remedy: record.state === 'done' ? 'see `holdfast run show`' : '`holdfast run retry` puts it back to waiting',
    });
  const subject = await takeSubject(parts, record, call);
  return withSubject(parts, id, subject, call);
}

/**
 * Puts a run that failed or was cancelled back and executes it here; one that waits because its process died before it began is executed too.
 * What it works on is taken first, so that a run that cannot start now stays as it is.
 * @throws `RUN_NOT_FOUND`, `RUN_NOT_RETRYABLE`, `MACHINE_BUSY`, `FENCED`.
 */
export async function retryRun(parts: EngineParts, id: string, call: Call): Promise<RunRecord> {
  const record = await runOf(parts, id);
  if (record.state === 'waiting') return executeRun(parts, id, call);
  if (record.state !== 'failed' && record.state !== 'cancelled')
    throw new HoldfastError('RUN_NOT_RETRYABLE', `run ${id} is ${record.state}, so there is nothing to do again`, {
      facts: { run: id, state: record.state },
    });
  const subject = await takeSubject(parts, record, call);
  try {
    await parts.catalog.jobs.retry(id);
  } catch (problem) {
    await giveBack(parts, subject);
    throw problem;
  }
  return withSubject(parts, id, subject, call);
}

/** As `executeRun`, when what the run works on has been taken already; it is given back at the end. */
export async function withSubject(parts: EngineParts, id: string, subject: Lease, call: Call): Promise<RunRecord> {
  const { catalog, holder, timing } = parts;
  let held = subject;
  try {
    const claimed = await catalog.jobs.claim(holder, timing.leaseMs, id);
    if (claimed === null) {
      const record = await runOf(parts, id);
      // Cancelled while it waited.
      if (record.state !== 'running' && record.state !== 'waiting') return record;
      throw new HoldfastError('FENCED', `run ${id} belongs to another process`);
    }
    const context = openContext(parts, claimed, call);
    const kept = context.heartbeat.keep(subject);
    try {
      return await work(parts, context, claimed, call);
    } finally {
      await context.heartbeat.stop();
      held = context.heartbeat.letGo(kept);
    }
  } finally {
    await giveBack(parts, held);
  }
}

async function work(parts: EngineParts, context: RunContext, { run }: ClaimedRun, call: Call): Promise<RunRecord> {
  const { heartbeat, journal } = context;
  const late = deadlineOf(call, parts.now());
  const stop = AbortSignal.any([heartbeat.asked, heartbeat.fenced, call.signal, late]);
  let outcome: WorkflowOutcome;
  let expired: readonly string[] = [];
  let expireProblem: unknown = null;
  try {
    // What an earlier attempt of a process that died has left comes first.
    const earlier = await undoIntents(context, () => null);
    const input = await freshInput(parts, run, call);
    outcome = await new WorkflowRun(context, stop, input).execute();
    outcome = { ...outcome, cleaned: [...earlier.cleaned, ...outcome.cleaned] };
  } catch (thrown) {
    const problem = { thrown, use: 'start' };
    outcome = { artifacts: {}, points: [], problem, failedAttempts: [], cleaned: [], left: [] };
  }
  if (heartbeat.fenced.aborted) throw fencedError();
  if (outcome.problem === null && run.kind === 'protect') {
    try {
      expired = await expireAfter(parts, context, outcome.points, stop);
    } catch (problem) {
      expireProblem = problem;
    }
  }
  const stopped = stop.aborted ? await whoStopped(parts, run.id, call, late) : null;
  const end = endOf(outcome, expireProblem, stopped);
  const stack = stackOf(expireProblem);
  if (stack !== null) journal.log('error', stack);
  if (end.error !== null) journal.log(end.state === 'cancelled' ? 'info' : 'error', end.error.message);
  await journal.flush().catch(() => {});
  await heartbeat.stop();
  await finish(parts, heartbeat.lease, end, figuresOf(outcome, context.mover.moved, expired));
  await saveAfterRun(parts, run.id, context.repositories.written, call);
  return runOf(parts, run.id);
}

/** Aborts when the caller gives up waiting. */
function deadlineOf(call: Call, now: number): AbortSignal {
  if (call.deadline === null) return new AbortController().signal;
  return AbortSignal.timeout(Math.min(Math.max(0, call.deadline - now), 2 ** 31 - 1));
}

async function whoStopped(parts: EngineParts, id: string, call: Call, late: AbortSignal): Promise<Stopped> {
  const { cancelAskedBy } = await runOf(parts, id);
  if (cancelAskedBy !== null) return { code: 'CANCELLED', how: `cancelled by ${cancelAskedBy}` };
  if (late.aborted && !call.signal.aborted) return { code: 'TIMEOUT', how: 'did not end in time' };
  return { code: 'CANCELLED', how: `cancelled by ${call.who}` };
}

/** A catalog that is busy at the very end must not turn what was done into what was lost. */
async function finish(parts: EngineParts, lease: Lease, end: End, figures: Plain): Promise<void> {
  const giveUpAt = parts.now() + parts.timing.graceMs;
  for (;;) {
    try {
      await parts.catalog.jobs.finish(lease, end.state, end.error, figures);
      return;
    } catch (problem) {
      if (!isHoldfastError(problem, 'CATALOG_BUSY') || parts.now() >= giveUpAt) throw problem;
    }
  }
}

/** A machine may have changed since the run was written down: its disks, its name, its power. */
async function freshInput(parts: EngineParts, run: RunRecord, call: Call): Promise<Artifacts> {
  if (run.input.machine === undefined) return run.input;
  const { endpoint, machine: known } = run.input.machine;
  const machine = await findById(endpoint, known, parts.endpoints, call);
  if (machine.problem !== undefined)
    throw new HoldfastError('MACHINE_UNPROTECTABLE', `${machine.name} cannot be protected: ${machine.problem}`, {
      facts: { endpoint, machine: machine.id },
    });
  return { ...run.input, machine: { endpoint, machine } };
}

async function runOf(parts: EngineParts, id: string): Promise<RunRecord> {
  const record = await parts.catalog.jobs.get(id);
  if (record !== null) return record;
  throw new HoldfastError('RUN_NOT_FOUND', `no run has the identity ${id}`, { facts: { run: id } });
}

async function giveBack(parts: EngineParts, lease: Lease): Promise<void> {
  try {
    await parts.catalog.leases.release(lease);
  } catch {
    // Taken over meanwhile, or the catalog is gone: it runs out by itself.
  }
}
