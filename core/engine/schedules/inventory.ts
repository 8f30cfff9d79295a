import { type Call, isHoldfastError } from '@holdfast/api';
import type { Catalog, MachineRecord } from '../../catalog/contract.ts';
import type { Policy } from '../../model/policies/contract.ts';
import { selects } from '../../model/policies/select.ts';
import type { Engine } from '../contract.ts';
import { messageOf } from '../run/failure.ts';
import { withPatience } from '../run/patience.ts';

/** Endpoints that policies look at. */
export function endpointsOf(policies: readonly Policy[], configured: readonly string[]): readonly string[] {
  const named = policies.flatMap(({ protect }) => (protect.endpoints.length > 0 ? protect.endpoints : configured));
  return [...new Set(named)];
}

/** How long an endpoint may take to tell what machines it has, in milliseconds. */
export const inventoryMs = 60_000;

/**
 * Asks endpoints what machines they have, all at once and each for a bounded time. Answers what went wrong, one line each: of an endpoint that does not
 * answer the machines that it had last are taken for granted.
 */
export async function refresh(
  endpoints: readonly string[],
  engine: Pick<Engine, 'listMachines'>,
  call: Call,
  limitMs: number = inventoryMs,
): Promise<readonly string[]> {
  const asked = endpoints.map(async (endpoint) => {
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(limitMs)]);
    try {
      await withPatience(engine.listMachines(endpoint, { ...call, signal }), signal, 1_000, `asking ${endpoint}`);
      return [];
    } catch (problem) {
      if (call.signal.aborted) throw problem;
      const why = isHoldfastError(problem, 'CANCELLED') ? `it took more than ${limitMs} ms` : messageOf(problem);
      return [`endpoint ${endpoint} does not tell its machines: ${why}`];
    }
  });
  return (await Promise.all(asked)).flat();
}

/** Machines that a policy protects now, as the catalog knows them. */
export async function machinesOf(policy: Policy, catalog: Catalog): Promise<readonly MachineRecord[]> {
  return (await catalog.machines({ gone: false })).filter((record) => selects(policy.protect, record));
}
