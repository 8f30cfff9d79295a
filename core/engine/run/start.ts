import { randomBytes } from 'node:crypto';
import { type Artifacts, type Call, throwIfCancelled } from '@holdfast/api';
import type { PlannedStep, RunRecord } from '../../catalog/contract.ts';
import { withSubject } from './execute.ts';
import { takeSubject } from './machine-lease.ts';
import type { EngineParts } from './parts.ts';

/** A run that is about to begin. */
export interface NewRun {
  readonly kind: RunRecord['kind'];
  readonly endpoint: string;
  readonly machine: string;
  readonly machineName: string;
  readonly steps: readonly PlannedStep[];
  readonly input: Artifacts;
}

/**
 * Adds a run to the catalog and executes it here. What it works on is taken first, so that a run that could not start leaves no record.
 * @param started Is told the record before anything is done in the world.
 */
export async function startRun(
  parts: EngineParts,
  fresh: NewRun,
  call: Call,
  started?: (run: RunRecord) => void,
): Promise<RunRecord> {
  const { catalog, now, who } = parts;
  const subject = await takeSubject(parts, fresh, call);
  let run: RunRecord;
  try {
    throwIfCancelled(call.signal, `${fresh.kind} of ${fresh.machineName}`);
    run = await catalog.jobs.add({
      id: newRunId(),
      ...fresh,
      steps: fresh.steps.map(({ use, settings }) => ({ use, settings })),
      who,
      createdAt: now(),
      policy: null,
      notBefore: 0,
    });
  } catch (problem) {
    await catalog.leases.release(subject).catch(() => {});
    throw problem;
  }
  started?.(run);
  return withSubject(parts, run.id, subject, call);
}

/** Short enough to type, and long enough that two never meet: 12 hexadecimal digits. */
const newRunId = (): string => randomBytes(6).toString('hex');
