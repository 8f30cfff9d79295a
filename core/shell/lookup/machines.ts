import { type Call, HoldfastError, isHoldfastError, type Machine } from '@holdfast/api';
import type { Site } from '../contract.ts';

/** A machine and the endpoint that it is on. */
export interface Seen {
  readonly endpoint: string;
  readonly machine: Machine;
}

export interface Inventory {
  readonly seen: readonly Seen[];
  /** Endpoints that did not answer, each with its error. */
  readonly silent: ReadonlyMap<string, unknown>;
}

/** Asks endpoints for their machines; the catalog remembers them. One that does not answer is named and the rest is told. */
export async function takeInventory(site: Site, endpoints: readonly string[], call: Call): Promise<Inventory> {
  const seen: Seen[] = [];
  const silent = new Map<string, unknown>();
  for (const endpoint of endpoints) {
    try {
      const hypervisor = await site.hypervisor(endpoint, call);
      const machines: Machine[] = [];
      for await (const machine of hypervisor.machines(call)) machines.push(machine);
      await (await site.catalog()).seenMachines(endpoint, machines);
      seen.push(...machines.map((machine) => ({ endpoint, machine })));
    } catch (problem) {
      if (!isHoldfastError(problem) || problem.code === 'CANCELLED' || endpoints.length === 1) throw problem;
      call.log('warn', `endpoint ${endpoint} does not answer: ${problem.message}`);
      silent.set(endpoint, problem);
    }
  }
  const [problem] = silent.values();
  if (silent.size > 0 && silent.size === endpoints.length) throw problem;
  return { seen, silent };
}

/** @throws `NOT_INITIALISED` when no endpoint is configured. */
export async function endpointNames(site: Site): Promise<readonly string[]> {
  const names = Object.keys((await site.config()).config.endpoints);
  if (names.length > 0) return names;
  throw new HoldfastError('NOT_INITIALISED', 'no endpoint is set up yet, so no machine is known', {
    remedy: '`holdfast endpoint add NAME --use kvm --path FOLDER`, or `holdfast quickstart` to try it out',
  });
}
