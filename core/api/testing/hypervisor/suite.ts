import type { Check } from '../check.ts';
import { inventoryChecks } from './inventory.ts';
import { makingChecks } from './making.ts';
import { snapshotChecks } from './snapshots.ts';
import { type HypervisorSuite, HypervisorYard } from './yard.ts';

/**
 * Everything that techniques rely on in a hypervisor. The checks take snapshots of one machine; where the plugin can make
 * machines they make some and leave one that was adopted, so the endpoint must be one made for the purpose.
 */
export function hypervisorChecks(suite: HypervisorSuite): readonly Check[] {
  const yard = new HypervisorYard(suite);
  return [...inventoryChecks(yard), ...snapshotChecks(yard), ...makingChecks(yard)];
}
