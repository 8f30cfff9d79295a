import type { Artifacts, Call, PlanFacts, PointSummary, StepPlan } from '@holdfast/api';
import type { PluginHost } from '../../host/contract.ts';
import { safeText } from '../../model/text/safe-text.ts';
import type { ComposedWorkflow, WorkflowPlan } from '../contract.ts';

/** What a plan is for. */
export interface PlanSubject {
  readonly endpoint: string;
  readonly machine: string;
  readonly machineName: string;
}

/** Asks each step what it would do and adds it up. Changes nothing. */
export async function planWorkflow(
  workflow: ComposedWorkflow,
  subject: PlanSubject,
  input: Artifacts,
  host: PluginHost,
  facts: PlanFacts,
  expires: readonly PointSummary[],
  call: Call,
): Promise<WorkflowPlan> {
  const steps: (StepPlan & { readonly use: string })[] = [];
  for (const { use, settings } of workflow.steps) {
    const step = await host.step(use);
    const plan = await step.plan(input, settings, facts, call);
    steps.push({ ...plan, title: safeText(plan.title), warnings: plan.warnings.map((text) => safeText(text)), use });
  }
  const sum = (of: (step: StepPlan) => number): number => steps.reduce((total, step) => total + of(step), 0);
  return {
    ...subject,
    steps,
    readBytes: sum(({ readBytes }) => readBytes),
    writeBytes: sum(({ writeBytes }) => writeBytes),
    durationMs: sum(({ durationMs }) => durationMs),
    warnings: [...new Set(steps.flatMap(({ warnings }) => warnings))],
    why: steps.flatMap(({ why }) => why),
    expires,
  };
}
