import type { Port } from '@holdfast/api';
import { isHoldfastError } from '@holdfast/api';
import type { PlacedProblem } from '../../config/policies/read.ts';
import type { PluginHost } from '../../host/contract.ts';
import type { Policy, PolicySet, PolicyWorkflow } from '../../model/policies/contract.ts';
import { nearest } from '../compose/nearest.ts';
import { namedBy } from '../compose/settings.ts';
import type { ComposedWorkflow, Engine } from '../contract.ts';

/** A workflow of a policy that has been composed. */
export interface OpenWorkflow {
  readonly policy: Policy;
  readonly workflow: PolicyWorkflow;
  readonly composed: ComposedWorkflow;
  /** Targets that it writes to. */
  readonly targets: readonly string[];
  /** What is the same for workflows that do the same. */
  readonly kind: string;
}

const lasting: readonly Port[] = ['restore-point', 'copy', 'replica'];

/** What there is that policies can name. */
export interface Named {
  readonly endpoints: readonly string[];
  readonly targets: readonly string[];
}

/**
 * Composes all workflows of a set, each distinct one once, and looks whether what policies name is there.
 * @param problems Gets all that is wrong.
 */
export function openWorkflows(
  set: PolicySet,
  named: Named,
  host: Pick<PluginHost, 'techniques'>,
  compose: Engine['compose'],
  problems: PlacedProblem[],
): readonly OpenWorkflow[] {
  const composedBefore = new Map<string, ComposedWorkflow | PlacedProblem>();
  const targetsBefore = new Map<string, readonly string[]>();
  const opened: OpenWorkflow[] = [];
  for (const policy of set.policies) {
    problems.push(...missingNames(policy, named));
    for (const workflow of policy.workflows) {
      const path = ['policies', policy.name, 'workflows', workflow.name, 'steps'];
      const kind = JSON.stringify(workflow.steps);
      const composed = composedBefore.get(kind) ?? composeOnce(workflow, compose);
      composedBefore.set(kind, composed);
      if ('message' in composed) {
        problems.push({ ...composed, path: [...path, ...composed.path] });
        continue;
      }
      const targets = targetsBefore.get(kind) ?? targetsOf(composed, host);
      targetsBefore.set(kind, targets);
      opened.push({ policy, workflow, composed, targets, kind });
    }
  }
  return opened;
}

/** Workflow, or what is wrong with it: its path begins below the steps. */
function composeOnce({ steps }: PolicyWorkflow, compose: Engine['compose']): ComposedWorkflow | PlacedProblem {
  try {
    const composed = compose(steps, ['machine']);
    if (composed.gives.some((port) => lasting.includes(port))) return composed;
    return {
      path: [],
      message: 'no step of this workflow keeps data: end it with one that gives a restore point, for example proxy',
    };
  } catch (problem) {
    if (!isHoldfastError(problem) || problem.code === 'CANCELLED') throw problem;
    const step = Number(/^step (\d+)/.exec(problem.message)?.[1]);
    const path = Number.isInteger(step) && step >= 1 ? [String(step - 1)] : [];
    return { path, message: `${problem.message}; ${problem.remedy}` };
  }
}

function missingNames({ name, protect, keep }: Policy, { endpoints, targets }: Named): readonly PlacedProblem[] {
  const problems: PlacedProblem[] = [];
  const look = (wanted: string, known: readonly string[], what: string, path: readonly string[]): void => {
    if (known.includes(wanted)) return;
    const [guess] = nearest(wanted, known, 1);
    const there = known.length === 0 ? 'none is configured' : `there is ${known.slice(0, 10).join(', ')}`;
    problems.push({
      path: ['policies', name, ...path],
      message: `no ${what} is called ${wanted}: ${guess === undefined ? there : `did you mean ${guess}?`}`,
      ...(guess === undefined ? {} : { nearest: guess }),
    });
  };
  for (const endpoint of protect.endpoints) look(endpoint, endpoints, 'endpoint', ['protect']);
  for (const target of Object.keys(keep)) look(target, targets, 'target', ['keep', target]);
  return problems;
}

/** Targets that a workflow writes to, by its settings. */
export function targetsOf(
  { steps }: Pick<ComposedWorkflow, 'steps'>,
  host: Pick<PluginHost, 'techniques'>,
): readonly string[] {
  const techniques = host.techniques();
  const named = steps.flatMap(({ use, settings }) => {
    const technique = techniques.find(({ contribution }) => contribution.id === use);
    return technique === undefined ? [] : namedBy(technique.settings, settings);
  });
  return [...new Set(named.filter(({ kind }) => kind === 'target').map(({ name }) => name))];
}
