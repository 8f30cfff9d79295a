import { HoldfastError } from '@holdfast/api';
import type { Engine } from '../contract.ts';
import type { EngineParts } from '../run/parts.ts';
import type { PolicyEngine, PolicyPlan } from './contract.ts';
import { coverageIn } from './coverage.ts';
import { policiesInForce, readApplied } from './in-force.ts';

/** Opens what plans and applies policies. It holds nothing. */
export function openPolicies(parts: EngineParts, compose: Engine['compose']): PolicyEngine {
  const { catalog } = parts;
  return {
    applied: () => policiesInForce(catalog),
    plan: async (wanted, call) => (await import('./plan.ts')).planPolicies(parts, compose, wanted, call),

    async apply({ text, source }, plan) {
      if (plan.refusals.length > 0) throw refused(plan);
      const row = await catalog.policies.apply(plan.against, { text, source, who: parts.who, at: parts.now() });
      if (row === null)
        throw new HoldfastError(
          'POLICY_CHANGED',
          'other policies were applied since this plan was made; nothing was applied',
          {
            remedy: '`holdfast plan` shows what would change now',
            facts: { against: plan.against },
          },
        );
      return readApplied(row);
    },

    coverage: () => coverageIn(catalog),
  };
}

/** Refusals that fit into a message; the plan has all of them. */
const inMessage = 3;

/** `POLICY_REFUSED` with the arithmetic of the first promises that cannot be kept. */
export function refused({ refusals }: PolicyPlan): HoldfastError {
  const [first] = refusals;
  const told = refusals
    .slice(0, inMessage)
    .map(
      ({ policy, workflow, what, arithmetic }) =>
        `${workflow === null ? policy : `${policy}/${workflow}`}: ${what} (${arithmetic.join('; ')})`,
    );
  const more = refusals.length - told.length;
  if (more > 0) told.push(`and ${more} more`);
  return new HoldfastError('POLICY_REFUSED', `nothing was applied: ${told.join('. ')}`, {
    remedy: `${first?.remedy ?? 'change schedule, window or objective'}; then \`holdfast plan\``,
    facts: { refusals: refusals.length, policy: first?.policy ?? '', workflow: first?.workflow ?? null },
  });
}
