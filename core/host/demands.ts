import { HoldfastError, type Step, type TargetContribution, type TechniqueContribution } from '@holdfast/api';

/** @throws `UNSUPPORTED` when a target has another shape. */
export function demandShape(target: TargetContribution, shape: TargetContribution['shape']): void {
  if (target.shape === shape) return;
  throw new HoldfastError('UNSUPPORTED', `the target ${target.id} is a ${target.shape}, not a ${shape}`, {
    remedy: 'choose another target',
    facts: { use: target.id, shape: target.shape },
  });
}

/** The composer goes by the manifest: a step that says something else would fail in the middle of a run. */
export function demandPorts(declared: TechniqueContribution, step: Step, plugin: string): void {
  const said = (ports: TechniqueContribution['needs']): string => [...ports].sort().join(', ') || 'nothing';
  for (const side of ['needs', 'gives'] as const) {
    if (said(declared[side]) === said(step[side])) continue;
    throw new HoldfastError(
      'PLUGIN_FAILED',
      `the step ${declared.id} of ${plugin} ${side} ${said(step[side])}, and its manifest says ${said(declared[side])}`,
      { facts: { plugin, step: declared.id } },
    );
  }
}
