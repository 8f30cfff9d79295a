import type { Call, PlanFacts, PointRef, StepPlan } from '@holdfast/api';
import { streamSlot } from '../protect/plan.ts';

/** Assumed before the first restore has been measured, in bytes per second. */
const guessedSpeed = 300e6;

/** Foretells what making a machine from a restore point will cost. */
export async function planRestore(
  ref: PointRef,
  settings: { readonly to: string; readonly as: string },
  facts: PlanFacts,
  call: Call,
): Promise<StepPlan> {
  const point = await facts.point(ref, call);
  const speed = await facts.speed(ref.target, settings.to, call);
  const sizeBytes = point?.sizeBytes ?? 0;
  return {
    title: `write ${point?.machineName ?? ref.machine} as ${settings.as} to ${settings.to}`,
    readBytes: sizeBytes,
    writeBytes: sizeBytes,
    durationMs: Math.ceil((sizeBytes / (speed ?? guessedSpeed)) * 1_000),
    slots: [streamSlot(ref.target)],
    warnings: speed === null ? [`no earlier run from ${ref.target} to ${settings.to}: the time is a guess`] : [],
    why: [{ decision: 'full write', because: 'the machine is made anew' }],
  };
}
