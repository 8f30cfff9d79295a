import type { Call } from '@holdfast/api';
import type { EngineParts } from '../run/parts.ts';

/** Has the catalog saved into each repository that a run wrote to, once the run is on record. Never fails: a run that is done is done. */
export async function saveAfterRun(
  parts: EngineParts,
  run: string,
  targets: Iterable<string>,
  call: Call,
): Promise<void> {
  for (const target of targets) await saveAfter(parts, run, target, call);
}

/** The same after restore points of a target were forgotten: a copy from before would take them for lost. */
export async function saveAfterForget(parts: EngineParts, target: string, call: Call): Promise<void> {
  await saveAfter(parts, null, target, call);
}

async function saveAfter(parts: EngineParts, run: string | null, target: string, call: Call): Promise<void> {
  try {
    const saver = await parts.savesCatalog?.(target, call);
    saver?.after({ run, log: (level, text) => call.log(level, text) });
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : String(problem);
    call.log('warn', `the catalog cannot be saved on ${target}: ${why}`);
  }
}
