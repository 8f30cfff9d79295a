import { isHoldfastError } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import type { Covered } from '../../engine/policies/contract.ts';

/**
 * How policies protect each machine. Empty while none were ever applied, and where they cannot be read: that is an alarm of its own. What reads them is
 * loaded only where there are some.
 */
export async function coverageOf(catalog: Catalog): Promise<readonly Covered[]> {
  if ((await catalog.policies.applied()) === null) return [];
  const { coverageIn } = await import('../../engine/policies/coverage.ts');
  try {
    return await coverageIn(catalog);
  } catch (problem) {
    if (isHoldfastError(problem, 'POLICY_INVALID')) return [];
    throw problem;
  }
}
