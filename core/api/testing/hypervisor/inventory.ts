import type { Check } from '../check.ts';
import { demand, demandFailure } from '../expect.ts';
import type { HypervisorYard } from './yard.ts';

/** What the hypervisor says that it has. */
export function inventoryChecks(yard: HypervisorYard): readonly Check[] {
  const { hypervisor, call } = yard;
  return [
    {
      name: 'the check of an endpoint that works reports no failure',
      async run() {
        const items = await hypervisor.check(call);
        demand(items.length > 0, 'it reports nothing at all');
        for (const { title, state, remedy } of items) {
          demand(state !== 'failed', `${title} failed`);
          demand(state === 'ok' || (remedy ?? '') !== '', `${title} is ${state} and has no remedy`);
        }
        return items.map(({ title, state }) => ({ title, state }));
      },
    },
    {
      name: 'each machine is listed once, under the same identity each time',
      async run() {
        const [first, second] = [await yard.machines(), await yard.machines()];
        const ids = first.map((machine) => machine.id);
        demand(new Set(ids).size === ids.length, 'two machines have the same identity');
        demand(
          ids.every((id) => id !== ''),
          'a machine has no identity',
        );
        const again = second.map((machine) => machine.id);
        demand(ids.toSorted().join() === again.toSorted().join(), 'a second listing gave other identities');
        return first.map(({ name, power, disks, problem }) => ({
          name,
          power,
          disks: disks.length,
          problem: problem ?? null,
        }));
      },
    },
    {
      name: 'each disk has a key of its own, a size and a format',
      async run() {
        const seen: Record<string, readonly string[]> = {};
        for (const { name, disks, problem } of await yard.machines()) {
          const keys = disks.map((disk) => disk.key);
          demand(new Set(keys).size === keys.length, `two disks of ${name} have the same key`);
          for (const { key, sizeBytes } of disks) {
            const isSize = Number.isSafeInteger(sizeBytes) && sizeBytes >= (problem === undefined ? 1 : 0);
            demand(isSize, `disk ${key} of ${name} has the size ${sizeBytes}`);
          }
          seen[name] = disks.map((disk) => `${disk.key} ${disk.sizeBytes} ${disk.format} ${disk.kind}`);
        }
        return seen;
      },
    },
    {
      name: 'a machine that is not there is named as missing',
      async run() {
        const want = { quiesce: 'none', owner: yard.mark() } as const;
        const codes = [
          await demandFailure(
            () => hypervisor.snapshot('no-such-machine', want, call),
            ['MACHINE_NOT_FOUND'],
            'a snapshot of no machine',
          ),
          await demandFailure(
            () => hypervisor.openDisk({ machine: 'no-such-machine', disk: 'vda' }, call),
            ['MACHINE_NOT_FOUND'],
            'a disk of no machine',
          ),
        ];
        await yard.demandClean('a snapshot of no machine');
        return codes;
      },
    },
    {
      name: 'a listing that is left early, or cancelled, does no harm',
      async run() {
        for await (const _ of hypervisor.machines(call)) break;
        const controller = new AbortController();
        controller.abort();
        const listing = async (): Promise<void> => {
          for await (const _ of hypervisor.machines({ ...call, signal: controller.signal }));
        };
        const code = await demandFailure(listing, ['CANCELLED'], 'a cancelled listing');
        demand((await yard.machines()).length > 0, 'nothing could be listed afterwards');
        return code;
      },
    },
  ];
}
