import type { Call, Machine } from '@holdfast/api';
import { HoldfastError, isHoldfastError } from '@holdfast/api';
import type { Catalog } from '../../catalog/contract.ts';
import { nearest } from '../compose/nearest.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';

/** A machine and the endpoint that it is on. */
export interface Resolved {
  readonly endpoint: string;
  readonly machine: Machine;
}

/**
 * Finds the machine that someone named: by `ENDPOINT/NAME`, by identity, or by a name that only one machine has. What was named is compared, never
 * interpreted: a name may hold anything.
 * @throws `MACHINE_NOT_FOUND` with the nearest names, `MACHINE_AMBIGUOUS` with all that fit; `ENDPOINT_UNREACHABLE` when it may be on an endpoint that does not answer.
 */
export async function resolveMachine(
  wanted: string,
  endpoints: Endpoints,
  catalog: Catalog,
  call: Call,
): Promise<Resolved> {
  const slash = wanted.indexOf('/');
  const prefix = wanted.slice(0, Math.max(slash, 0));
  const isPlaced = slash > 0 && endpoints.has(prefix);
  const name = isPlaced ? wanted.slice(slash + 1) : wanted;
  const look = await inventory(isPlaced ? [prefix] : endpoints.names(), isPlaced, endpoints, catalog, call);
  const byIdentity = look.seen.filter(({ machine }) => machine.id === name);
  const fitting = byIdentity.length > 0 ? byIdentity : look.seen.filter(({ machine }) => machine.name === name);
  const [first, second] = fitting;
  if (first === undefined) throw notFound(wanted, name, look);
  if (second !== undefined) throw ambiguous(wanted, fitting);
  const problem = look.silent.get(first.endpoint);
  if (problem !== undefined) throw problem;
  return first;
}

interface Inventory {
  readonly seen: readonly Resolved[];
  /** Endpoints that did not answer; of these `seen` holds what the catalog remembers. */
  readonly silent: ReadonlyMap<string, unknown>;
}

async function inventory(
  names: readonly string[],
  mustAnswer: boolean,
  endpoints: Endpoints,
  catalog: Catalog,
  call: Call,
): Promise<Inventory> {
  const seen: Resolved[] = [];
  const silent = new Map<string, unknown>();
  for (const endpoint of names) {
    try {
      const machines = await endpoints.machines(endpoint, call);
      seen.push(...machines.map((machine) => ({ endpoint, machine })));
    } catch (problem) {
      if (mustAnswer || isHoldfastError(problem, 'CANCELLED')) throw problem;
      silent.set(endpoint, problem);
      call.log(
        'warn',
        `endpoint ${endpoint} does not answer: ${problem instanceof Error ? problem.message : String(problem)}`,
      );
      const remembered = await catalog.machines({ endpoint, gone: false });
      seen.push(...remembered.map(({ machine }) => ({ endpoint, machine })));
    }
  }
  return { seen, silent };
}

function notFound(wanted: string, name: string, look: Inventory): HoldfastError {
  const near = nearest(
    name,
    look.seen.map(({ machine }) => machine.name),
    3,
  );
  const list = '`holdfast machine list` shows what there is';
  const unheard =
    look.silent.size > 0 ? `; it may be on ${[...look.silent.keys()].join(', ')}, which did not answer` : '';
  return new HoldfastError('MACHINE_NOT_FOUND', `no machine is called ${wanted}${unheard}`, {
    remedy: near.length > 0 ? `did you mean ${near.join(', ')}? ${list}` : list,
    facts: { machine: wanted, nearest: near.join(', ') },
  });
}

function ambiguous(wanted: string, fitting: readonly Resolved[]): HoldfastError {
  const endpoints = new Set(fitting.map(({ endpoint }) => endpoint));
  const choices = fitting.slice(0, 10).map(({ endpoint, machine }) =>
    // Within one endpoint only the identity tells two of a name apart.
    endpoints.size === fitting.length ? `${endpoint}/${machine.name}` : `${endpoint}/${machine.id}`,
  );
  return new HoldfastError('MACHINE_AMBIGUOUS', `${fitting.length} machines are called ${wanted}`, {
    remedy: `name one of: ${choices.join(', ')}`,
    facts: { machine: wanted, count: fitting.length },
  });
}

/** A machine of which the endpoint and the identity are known, as it is now. Throws `MACHINE_NOT_FOUND`. */
export async function findById(endpoint: string, known: Machine, endpoints: Endpoints, call: Call): Promise<Machine> {
  const machines = await endpoints.machines(endpoint, call);
  const found = machines.find(({ id }) => id === known.id);
  if (found !== undefined) return found;
  throw new HoldfastError('MACHINE_NOT_FOUND', `${known.name} is no longer on ${endpoint}`, {
    remedy: 'find out whether it was moved or removed; its restore points are still there (`holdfast point list`)',
    facts: { endpoint, machine: known.id },
  });
}
