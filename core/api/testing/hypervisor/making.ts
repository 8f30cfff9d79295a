import type { MachineSpec } from '../../machine.ts';
import type { Check } from '../check.ts';
import { demand, demandFailure, demandNoBug } from '../expect.ts';
import { hostileTexts } from '../hostile.ts';
import type { HypervisorYard } from './yard.ts';

/** Making machines, as a restore does. */
export function makingChecks(yard: HypervisorYard): readonly Check[] {
  const { hypervisor, call } = yard;
  const { create, openDiskForWrite, closeSink, adopt } = hypervisor;
  if (create === undefined) return [];
  const spec = (name: string): MachineSpec => ({
    name,
    disks: [{ key: 'vda', sizeBytes: 8 * 1024 * 1024, format: 'raw' }],
    memoryBytes: 256 * 1024 * 1024,
    cpus: 1,
    owner: yard.mark(),
  });
  const make = (name: string) => hypervisor.create?.(spec(name), call) ?? Promise.reject(new Error('cannot create'));
  const clean = async (): Promise<void> => {
    for (const thing of await yard.owned()) await hypervisor.removeOwned(thing.id, call);
    await yard.demandClean('removing a machine that was made');
  };
  return [
    {
      name: 'what is needed to restore is there as a whole: create, openDiskForWrite, closeSink, adopt',
      async run() {
        const there = { openDiskForWrite, closeSink, adopt };
        for (const [method, implementation] of Object.entries(there)) {
          demand(implementation !== undefined, `it can create a machine and has no ${method}`);
        }
        return Object.keys(there);
      },
    },
    {
      name: 'a machine that was made is owned, has an empty disk to write to, and goes away without a trace',
      async run() {
        const before = (await yard.machines())
          .map((machine) => machine.id)
          .toSorted()
          .join();
        const name = `conformance-${crypto.randomUUID().slice(0, 8)}`;
        const id = await make(name);
        demand((await yard.owned()).length > 0, 'a machine that was made is not among what is owned');
        const sink = await hypervisor.openDiskForWrite?.({ machine: id, disk: 'vda' }, call);
        demand(sink !== undefined, 'no disk could be opened for writing');
        demand(sink.sizeBytes === 8 * 1024 * 1024, `the disk was asked for with 8 MiB and has ${sink.sizeBytes} bytes`);
        await hypervisor.closeSink?.(sink, call);
        await hypervisor.closeSink?.(sink, call);
        await clean();
        const after = (await yard.machines())
          .map((machine) => machine.id)
          .toSorted()
          .join();
        demand(before === after, 'the inventory is another one afterwards');
        return sink.kind;
      },
    },
    {
      name: 'a name that is in use is not given twice',
      async run() {
        const { name } = await yard.machine();
        const code = await demandFailure(() => make(name), ['NAME_TAKEN'], `a second machine named ${name}`);
        await yard.demandClean('a machine that was refused');
        return code;
      },
    },
    {
      name: 'a hostile name makes a machine of that very name, or is refused; never anything else',
      async run() {
        for (const text of hostileTexts) {
          const what = `a machine named ${JSON.stringify(text.slice(0, 40))}`;
          const how = await demandNoBug(async () => {
            const id = await make(text);
            const made = (await yard.machines()).find((machine) => machine.id === id);
            demand(made === undefined || made.name === text, `${what} is called ${JSON.stringify(made?.name)}`);
          }, what);
          demand(['ok', 'NAME_INVALID', 'NAME_TAKEN'].includes(how), `${what} failed with ${how}`);
          await clean();
        }
        return null;
      },
    },
    {
      name: 'a machine that was adopted is the user’s: no longer owned',
      async run() {
        const id = await make(`conformance-${crypto.randomUUID().slice(0, 8)}`);
        const [thing] = await yard.owned();
        const sink = await hypervisor.openDiskForWrite?.({ machine: id, disk: 'vda' }, call);
        if (sink !== undefined) await hypervisor.closeSink?.(sink, call);
        await hypervisor.adopt?.(id, call);
        await yard.demandClean('an adopted machine');
        const isThere = (await yard.machines()).some((machine) => machine.id === id);
        demand(isThere, 'an adopted machine is not in the inventory');
        if (thing !== undefined)
          await demandNoBug(() => hypervisor.removeOwned(thing.id, call), 'removing it all the same');
        const isStillThere = (await yard.machines()).some((machine) => machine.id === id);
        demand(isStillThere, 'a janitor could remove an adopted machine');
        return null;
      },
    },
  ];
}
