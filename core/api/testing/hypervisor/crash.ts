import { makeCall } from '../../call.ts';
import type { Hypervisor, OwnedThing } from '../../hypervisor.ts';
import type { Check } from '../check.ts';
import { collect, demand } from '../expect.ts';

/** A hypervisor plugin whose process can be made to die. */
export interface HypervisorCrashSuite {
  /** Opens the endpoint, in a process that lives. */
  open(): Promise<Hypervisor>;
  /** Ends the process that the plugin runs in, at once. */
  crash(): Promise<void>;
}

const rounds = 5;

/** What a hypervisor plugin owes after its process has died in the middle of something. */
export function hypervisorCrashChecks(suite: HypervisorCrashSuite): readonly Check[] {
  const call = makeCall({ who: 'conformance' });
  const site = `crash-${crypto.randomUUID().slice(0, 8)}`;
  const owner = (round: number) => ({
    site,
    intent: `intent-${round}`,
    run: 'conformance',
    createdAt: 1_700_000_000_000,
  });

  /** Begins something, lets the process die, and cleans up as a janitor does. */
  const cutOff = async (begin: (hypervisor: Hypervisor, round: number) => Promise<unknown>): Promise<void> => {
    for (let round = 0; round < rounds; round++) {
      const hypervisor = await suite.open();
      const work = begin(hypervisor, round).catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, round * 2));
      await suite.crash();
      await work;
      const again = await suite.open();
      const mine = async (): Promise<readonly OwnedThing[]> =>
        (await collect(again.owned(call))).filter((thing) => thing.owner.site === site);
      for (const thing of await mine()) await again.removeOwned(thing.id, call);
      const left = await mine();
      demand(left.length === 0, `${left.length} things are owned after all were removed`);
    }
  };

  return [
    {
      name: 'after a crash in the middle of a snapshot a janitor finds all there is to clean, and the machines are as before',
      async run() {
        const names = async (): Promise<string> => {
          const all = await collect((await suite.open()).machines(call));
          return all
            .map((machine) => `${machine.name} ${machine.problem ?? ''}`)
            .toSorted()
            .join();
        };
        const before = await names();
        const machines = await collect((await suite.open()).machines(call));
        const machine = machines.find((one) => one.problem === undefined && one.disks.length > 0);
        demand(machine !== undefined, 'the endpoint has no machine to try this with');
        await cutOff((hypervisor, round) =>
          hypervisor.snapshot(machine.id, { quiesce: 'none', owner: owner(round) }, call),
        );
        demand((await names()) === before, 'the inventory is another one afterwards');
        return rounds;
      },
    },
    {
      name: 'after a crash in the middle of making a machine a janitor finds all there is to clean',
      async run() {
        const hypervisor = await suite.open();
        if (hypervisor.create === undefined) return 'makes no machines';
        const before = (await collect(hypervisor.machines(call))).length;
        await cutOff(async (one, round) => {
          const name = `${site}-${round}`;
          const disks = [{ key: 'vda', sizeBytes: 64 * 1024 * 1024, format: 'raw' as const }];
          const machine = await one.create?.({ name, disks, owner: owner(round) }, call);
          if (machine !== undefined) await one.openDiskForWrite?.({ machine, disk: 'vda' }, call);
        });
        const after = (await collect((await suite.open()).machines(call))).length;
        demand(after === before, `there were ${before} machines, and now there are ${after}`);
        return rounds;
      },
    },
  ];
}
