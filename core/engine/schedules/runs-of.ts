import { createHash } from 'node:crypto';
import type { FreshRun, MachineRecord, PlannedStep, RunPolicy } from '../../catalog/contract.ts';
import type { Timetable } from '../../model/schedules/contract.ts';

/** Of what a run is made. */
export interface RunOf {
  readonly policy: RunPolicy;
  readonly steps: readonly PlannedStep[];
  readonly who: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  readonly notBefore: number;
}

const hashOf = (parts: readonly (string | number)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/** The run of an occurrence for a machine. Its identity follows from what it is, so that no occurrence ever runs twice for a machine. */
export function runOf({ endpoint, machine }: MachineRecord, of: RunOf): FreshRun {
  const { policy, workflow, due } = of.policy;
  return {
    id: hashOf([policy, workflow, due, endpoint, machine.id]).slice(0, 16),
    kind: 'protect',
    endpoint,
    machine: machine.id,
    machineName: machine.name,
    steps: of.steps.map(({ use, settings }) => ({ use, settings })),
    input: { machine: { endpoint, machine } },
    who: of.who,
    createdAt: of.createdAt,
    policy: of.policy,
    notBefore: of.notBefore,
  };
}

/**
 * When a machine's run begins, so that those of one occurrence do not all begin at once: always at the same distance for the same machine, and as long as
 * possible before a window closes or a blackout begins.
 * @param from When the first may begin, epoch milliseconds.
 */
export function jittered(
  { endpoint, machine }: MachineRecord,
  from: number,
  jitterMs: number,
  table: Timetable,
): number {
  if (jitterMs <= 0) return from;
  const share = Number.parseInt(hashOf([endpoint, machine.id]).slice(0, 8), 16) / 2 ** 32;
  let spreadMs = jitterMs;
  while (spreadMs > 1_000 && !isOpen(table, from + spreadMs)) spreadMs /= 2;
  return spreadMs > 1_000 ? from + Math.floor(share * spreadMs) : from;
}

const isOpen = (table: Timetable, at: number): boolean => table.openFrom(at) === at && table.windowFrom(at) === at;
