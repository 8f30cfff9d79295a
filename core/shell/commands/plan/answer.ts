import type { CommandResult } from '@holdfast/api';
import type { PolicyPlan, WantedPolicies } from '../../../engine/policies/contract.ts';
import { plainData } from '../../view/build.ts';
import { policyPlanView } from '../../view/policy-plan.ts';

/** A plan as the answer of a command: what cannot be applied is shown all the same, and the exit code says so. */
export function planAnswer({ source, set }: WantedPolicies, plan: PolicyPlan): CommandResult {
  const [first] = plan.refusals;
  return {
    data: { file: source, zone: set.zone, applicable: plan.refusals.length === 0, plan: plainData(plan) },
    view: policyPlanView(plan),
    ...(first === undefined
      ? {}
      : { failure: { code: 'POLICY_REFUSED' as const, message: messageOf(plan), remedy: first.remedy } }),
  };
}

/** The first that cannot be kept, and how many more; the arithmetic stands in the answer itself. */
function messageOf({ refusals }: PolicyPlan): string {
  const [first] = refusals;
  const where = first?.workflow == null ? first?.policy : `${first.policy}/${first.workflow}`;
  const more = refusals.length > 1 ? `, and ${refusals.length - 1} more` : '';
  return `this cannot be applied: ${where}: ${first?.what}${more}`;
}
