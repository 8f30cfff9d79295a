import type { Port } from '@holdfast/api';

/** A step as far as deciding whether to run it needs it. */
export interface StepShape {
  readonly needs: readonly Port[];
  readonly gives: readonly Port[];
  /** What it gives ends with the run (it has `finish`), so that a later attempt has to make it anew. */
  readonly isPassing: boolean;
  /** What it gave is there. */
  readonly hasOutput: boolean;
}

/**
 * Indexes of the steps that are still to run, ascending. What lasts and is there is not made again, and neither is what only served to make it:
 * when a copy failed after its restore point was made, no new snapshot is taken.
 */
export function stepsToRun(steps: readonly StepShape[]): number[] {
  const toRun: number[] = [];
  /** Ports that steps which will run still lack, and ports that any later step takes. */
  const wanted = new Set<Port>();
  const taken = new Set<Port>();
  for (const [index, step] of [...steps.entries()].reverse()) {
    const isWanted = step.gives.some((port) => wanted.has(port));
    const isTaken = step.gives.some((port) => taken.has(port));
    const runs = !step.hasOutput && (!step.isPassing || isWanted || !isTaken);
    if (runs || step.hasOutput) for (const port of step.gives) wanted.delete(port);
    for (const port of step.needs) taken.add(port);
    if (!runs) continue;
    for (const port of step.needs) wanted.add(port);
    toRun.unshift(index);
  }
  return toRun;
}
