import process from 'node:process';
import { isHoldfastError, makeCall } from '@holdfast/api';
import type { Catalog } from '../../core/catalog/contract.ts';
import { toMain, Yard } from './yard.ts';

/**
 * A process that kills itself with signal 9 at its nth act in the catalog or on the hypervisor: `node mortal.ts FOLDER protect|restore N LEASE_MS`. Prints each act.
 * Without an N that is reached it says how the run ended.
 */
const [folder = '', kind = 'protect', killAt = '0', leaseMs = '150'] = process.argv.slice(2);
let acts = 0;

function tick(name: string): void {
  acts += 1;
  process.stdout.write(`${acts} ${name}\n`);
  if (acts === Number(killAt)) process.kill(process.pid, 'SIGKILL');
}

/** Acts that change what the next process finds; beats and logs come at any time and are left out. */
const counted = new Set([
  'add',
  'claim',
  'intend',
  'amendIntent',
  'settleIntent',
  'saveStep',
  'finish',
  'savePoints',
  'setCopy',
]);

function counting<T extends object>(store: T): T {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function' || !counted.has(String(name))) return value;
      return (...given: readonly unknown[]) => {
        tick(String(name));
        return Reflect.apply(value, target, given);
      };
    },
  });
}

const wrapCatalog = (catalog: Catalog): Catalog => ({
  ...counting(catalog),
  savePoints: counting(catalog).savePoints,
  jobs: counting(catalog.jobs),
});
Reflect.set(globalThis, 'holdfastTestTick', (method: string) => {
  if (!['machines', 'owned', 'changes'].includes(method)) tick(method);
});

await using yard = await Yard.open(
  { timing: { leaseMs: Number(leaseMs), beatMs: Number(leaseMs) / 3 }, wrapCatalog },
  folder,
);
const call = makeCall();
const [point] = await yard.catalog.points({});
try {
  const run =
    kind === 'protect' || point === undefined
      ? await yard.engine.protect({ machine: 'web01', steps: toMain }, call)
      : await yard.engine.restore({ point, to: 'fleet', as: 'web01-r' }, call);
  process.stdout.write(`${run.state} ${JSON.stringify(run.error)}\n`);
} catch (problem) {
  if (!isHoldfastError(problem)) throw problem;
  process.stdout.write(`refused ${problem.code}: ${problem.message}\n`);
}
