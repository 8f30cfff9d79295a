import { link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Measured } from './measure.ts';
import type { Workload } from './workload.ts';

/** What every contender does, in this order, on one repository. */
export const steps = ['full', 're-run', '2 % changed', 'sibling', 'restore', 'check', 'check, full'] as const;
export type Step = (typeof steps)[number];

/** What one step cost, and what it added to the repository. */
export interface StepResult extends Measured {
  readonly storedBytes: number;
}

/** Results of one round of one contender; a step that it does not have is missing. */
export type RoundResult = Partial<Record<Step, StepResult>>;

/** A program that protects disks. */
export interface Contender {
  readonly name: string;
  /** Its version; `null` when it is not installed. */
  version(): Promise<string | null>;
  /** Runs all steps once in an empty folder, and checks what was restored. */
  round(folder: string, workload: Workload): Promise<RoundResult>;
}

/** Puts an image where a contender expects its input, without copying it. */
export async function place(image: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(`${path}.next`, { force: true });
  await link(image, `${path}.next`);
  await rename(`${path}.next`, path);
}
