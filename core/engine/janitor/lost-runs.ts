import type { Call, Plain } from '@holdfast/api';
import type { ClaimedRun, RunRecord } from '../../catalog/contract.ts';
import { messageOf } from '../run/failure.ts';
import { undoIntents } from '../run/intents.ts';
import { openContext } from '../run/open-context.ts';
import type { EngineParts } from '../run/parts.ts';

/** Takes back what runs of dead processes began and ends them, so that they can be retried. One line for each thing done. */
export async function endLostRuns(parts: EngineParts, call: Call): Promise<string[]> {
  const { catalog, holder, timing } = parts;
  const lines: string[] = [];
  for (const orphan of await catalog.jobs.orphans()) {
    const claimed = await catalog.jobs.claim(holder, timing.leaseMs, orphan.id);
    // Another janitor was faster, or its process came back to life.
    if (claimed === null) continue;
    lines.push(...(await takeBack(parts, claimed, true, call)));
  }
  return lines;
}

/** Tries again to take back what ended runs could not. One line for each thing done. */
export async function settleEndedRuns(parts: EngineParts, call: Call): Promise<string[]> {
  const { catalog, holder, timing } = parts;
  const lines: string[] = [];
  const runs = new Set((await catalog.jobs.openIntents()).map(({ run }) => run));
  for (const id of runs) {
    const run = await catalog.jobs.get(id);
    if (run === null || run.state === 'running' || run.state === 'waiting') continue;
    const claimed = await catalog.jobs.claimEnded(holder, timing.leaseMs, id);
    if (claimed === null) continue;
    lines.push(...(await takeBack(parts, claimed, false, call)));
  }
  return lines;
}

async function takeBack(parts: EngineParts, claimed: ClaimedRun, wasLost: boolean, call: Call): Promise<string[]> {
  const { run } = claimed;
  // What is said goes to the log of that run; whoever asked for the clean-up gets the answer.
  const context = openContext(parts, claimed, { ...call, log: () => {}, progress: () => {} });
  const { heartbeat, journal, catalog } = context;
  const of = `run ${run.id} (${run.kind} ${run.machineName})`;
  try {
    if (wasLost) journal.log('warn', 'the process that worked on this run is gone; what it began is taken back');
    const checkpoints = new Map((await catalog.jobs.steps(run.id)).map(({ index, checkpoint }) => [index, checkpoint]));
    const { cleaned, left } = await undoIntents(context, (index) => checkpoints.get(index) ?? null);
    await journal.flush();
    await heartbeat.stop();
    if (heartbeat.fenced.aborted) return [`${of} was taken over by another process`];
    if (wasLost) await catalog.jobs.finish(heartbeat.lease, ...endOfLost(run, cleaned));
    else await catalog.leases.release(heartbeat.lease);
    return [
      ...(wasLost ? [`${of} was left by a process that died: marked as failed`] : []),
      ...cleaned.map((line) => `${of}: ${line}`),
      ...left.map(({ intent, problem }) => `${of}: ${intent.kind} could not be taken back yet: ${messageOf(problem)}`),
    ];
  } finally {
    await heartbeat.stop();
  }
}

function endOfLost(run: RunRecord, cleaned: readonly string[]): ['failed' | 'cancelled', RunRecord['error'], Plain] {
  if (run.cancelAskedBy !== null) {
    const error = { code: 'CANCELLED', message: `cancelled by ${run.cancelAskedBy}`, remedy: null };
    return ['cancelled', error, { disks: {}, expired: [], cleaned }];
  }
  const error = {
    code: 'RUN_LOST',
    message: 'the process that worked on this run ended before the run did',
    remedy: `\`holdfast run retry ${run.id}\`; what it had begun has been taken back`,
  };
  return ['failed', error, { disks: {}, expired: [], cleaned }];
}
