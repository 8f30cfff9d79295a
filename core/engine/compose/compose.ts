import type { Port, TechniqueContribution } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { PlannedStep } from '../../catalog/contract.ts';
import type { Contributed } from '../../host/contract.ts';
import type { ComposedWorkflow } from '../contract.ts';
import { nearest } from './nearest.ts';
import type { CheckSettings } from './settings.ts';

/** More steps than anyone composes by hand; a generated workflow that runs away is refused early. */
const mostSteps = 64;

type Technique = Contributed<TechniqueContribution>;

/**
 * Checks that steps fit together, without loading any plugin: their ports and settings stand in the manifests.
 * @param start Ports that are given before the first step.
 * @throws `WORKFLOW_INVALID` naming the step, what is missing, what gives it and what to do.
 */
export function composeWorkflow(
  steps: readonly PlannedStep[],
  start: readonly Port[],
  techniques: readonly Technique[],
  checkSettings: CheckSettings,
): ComposedWorkflow {
  if (steps.length === 0)
    throw invalid('a workflow has no steps', `name at least one of: ${idsOf(techniques)}`, { step: 0 });
  if (steps.length > mostSteps)
    throw invalid(`a workflow has ${steps.length} steps, more than ${mostSteps}`, 'split it', { step: mostSteps });
  const given = new Set<Port>(start);
  const composed: ComposedWorkflow['steps'][number][] = [];
  for (const [index, step] of steps.entries()) {
    const technique = techniqueOf(step, index, techniques);
    const { needs, gives } = technique.contribution;
    const missing = needs.find((port) => !given.has(port));
    if (missing !== undefined) throw missingPort(index, step, missing, steps, techniques);
    const settings = checkSettings(technique, step.settings, placeOf(index, step));
    for (const port of gives) given.add(port);
    composed.push({ use: step.use, settings, needs, gives });
  }
  return { steps: composed, gives: [...given] };
}

function techniqueOf(step: PlannedStep, index: number, techniques: readonly Technique[]): Technique {
  const technique = techniques.find(({ contribution }) => contribution.id === step.use);
  if (technique !== undefined) return technique;
  const ids = techniques.map(({ contribution }) => contribution.id);
  const [guess] = nearest(step.use, ids, 1);
  const hint = guess === undefined ? `there are: ${idsOf(techniques)}` : `did you mean ${guess}?`;
  throw invalid(
    `step ${index + 1} uses ${step.use}, and no plugin contributes such a technique`,
    `${hint} (\`holdfast plugin list\` shows what there is)`,
    { step: index + 1, use: step.use },
  );
}

function missingPort(
  index: number,
  step: PlannedStep,
  port: Port,
  steps: readonly PlannedStep[],
  techniques: readonly Technique[],
): HoldfastError {
  const givers = techniques
    .filter(({ contribution }) => contribution.gives.includes(port) && !contribution.needs.includes(port))
    .map(({ contribution }) => contribution.id);
  const later = steps.findIndex(({ use }, at) => at > index && givers.includes(use));
  const remedy =
    later >= 0
      ? `move step ${later + 1} (${steps[later]?.use}), which gives a ${port}, before it`
      : givers.length > 0
        ? `put a step that gives a ${port} before it: ${givers.join(' or ')}`
        : `install a plugin whose technique gives a ${port}`;
  return invalid(`${placeOf(index, step)} needs a ${port}, and nothing before it gives one`, remedy, {
    step: index + 1,
    use: step.use,
    missing: port,
    givenBy: givers.join(', '),
  });
}

const idsOf = (techniques: readonly Technique[]): string =>
  techniques.map(({ contribution }) => contribution.id).join(', ');

const placeOf = (index: number, step: PlannedStep): string => `step ${index + 1} (${step.use})`;

function invalid(message: string, remedy: string, facts: Readonly<Record<string, string | number>>): HoldfastError {
  return new HoldfastError('WORKFLOW_INVALID', message, { remedy, facts });
}
