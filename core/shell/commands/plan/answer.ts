import type { CommandResult } from '@holdfast/api';
import type { PolicyPlan, WantedPolicies } from '../../../engine/policies/contract.ts';
import { refused } from '../../../engine/policies/open.ts';
import { plainData } from '../../view/build.ts';
import { policyPlanView } from '../../view/policy-plan.ts';

/** A plan as the answer of a command: what cannot be applied is shown all the same, and the exit code says so. */
export function planAnswer({ source, set }: WantedPolicies, plan: PolicyPlan): CommandResult {
  const { message, remedy } = refused(plan);
  return {
    data: { file: source, zone: set.zone, applicable: plan.refusals.length === 0, plan: plainData(plan) },
    view: policyPlanView(plan),
    ...(plan.refusals.length === 0
      ? {}
      : { failure: { code: 'POLICY_REFUSED' as const, message, ...(remedy === undefined ? {} : { remedy }) } }),
  };
}
