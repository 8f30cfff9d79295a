import type { Catalog } from '../../catalog/contract.ts';
import { protecting, strictest } from '../../model/policies/select.ts';
import type { Covered } from './contract.ts';
import { policiesInForce } from './in-force.ts';

/** Every machine that is there, and how policies protect it. From the catalog. */
export async function coverageIn(catalog: Catalog): Promise<readonly Covered[]> {
  const applied = await policiesInForce(catalog);
  const machines = await catalog.machines({ gone: false });
  return machines.map((record): Covered => {
    const policies = protecting(applied?.set.policies ?? [], record);
    const { endpoint, machine } = record;
    return {
      endpoint,
      machine: machine.id,
      name: machine.name,
      policies: policies.map(({ name }) => name),
      ...strictest(policies),
    };
  });
}
