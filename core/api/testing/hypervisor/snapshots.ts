import { makeCall } from '../../call.ts';
import type { Extent } from '../../disk.ts';
import type { Check } from '../check.ts';
import { collect, demand, demandFailure, demandNoBug } from '../expect.ts';
import { hostileTexts } from '../hostile.ts';
import type { HypervisorYard } from './yard.ts';

/** Freezing a machine, reading its disks, letting go. */
export function snapshotChecks(yard: HypervisorYard): readonly Check[] {
  const { hypervisor, call } = yard;
  return [
    {
      name: 'a snapshot is owned until it is released, and release may be repeated',
      async run() {
        const machine = await yard.machine();
        const owner = yard.mark();
        const snapshot = await hypervisor.snapshot(machine.id, { quiesce: 'none', owner }, call);
        const [thing] = await yard.owned();
        const isListed = thing !== undefined;
        demand(isListed || yard.snapshotsLeaveNothing, 'a snapshot that was made is not among what is owned');
        demand(!isListed || thing.owner.intent === owner.intent, 'a snapshot carries another mark than it was given');
        demand(snapshot.machine === machine.id, 'the snapshot names another machine');
        const keys = snapshot.disks.map((disk) => disk.key);
        const wanted = machine.disks.filter((disk) => disk.kind === 'virtual').map((disk) => disk.key);
        demand(
          wanted.every((key) => keys.includes(key)),
          `the snapshot has ${keys.join(', ')} and not ${wanted.join(', ')}`,
        );
        await hypervisor.release(snapshot.id, call);
        await hypervisor.release(snapshot.id, call);
        await yard.demandClean('a released snapshot');
        return { consistency: snapshot.consistency, disks: keys };
      },
    },
    {
      name: 'a quiesced snapshot is as consistent as was asked, or is refused',
      async run() {
        const { id } = await yard.machine();
        const seen: string[] = [];
        for (const quiesce of ['filesystem', 'application'] as const) {
          const how = await demandNoBug(async () => {
            const snapshot = await hypervisor.snapshot(id, { quiesce, owner: yard.mark() }, call);
            await hypervisor.release(snapshot.id, call);
            const enough = quiesce === 'application' ? ['application'] : ['application', 'filesystem'];
            demand(
              [...enough, 'memory'].includes(snapshot.consistency),
              `asked for ${quiesce} it gave ${snapshot.consistency} in silence`,
            );
          }, `a snapshot with ${quiesce}`);
          demand(how === 'ok' || how === 'QUIESCE_UNAVAILABLE', `a snapshot with ${quiesce} failed with ${how}`);
          seen.push(how);
        }
        await yard.demandClean('a refused snapshot');
        return seen;
      },
    },
    {
      name: 'a disk of a snapshot says where its bytes are, and closing may be repeated',
      run: () =>
        yard.withSnapshot(async (snapshot, machine) => {
          const seen: string[] = [];
          for (const { key, sizeBytes } of snapshot.disks) {
            const ref = { machine: machine.id, snapshot: snapshot.id, disk: key };
            const source = await hypervisor.openDisk(ref, call);
            demand(
              source.sizeBytes === sizeBytes,
              `disk ${key} has ${sizeBytes} bytes and its source ${source.sizeBytes}`,
            );
            if (source.kind === 'file') demand(source.path.startsWith('/'), `the path of disk ${key} is not absolute`);
            demand(source.kind !== 'repository', `disk ${key} is said to lie in a repository`);
            await hypervisor.closeDisk(source, call);
            await hypervisor.closeDisk(source, call);
            seen.push(`${key} ${source.kind}`);
          }
          return seen;
        }),
    },
    {
      name: 'a disk that is not there is refused',
      run: () =>
        yard.withSnapshot(async (snapshot, machine) => {
          for (const disk of ['no-such-disk', ...hostileTexts]) {
            const ref = { machine: machine.id, snapshot: snapshot.id, disk };
            const how = await demandNoBug(
              () => hypervisor.openDisk(ref, call),
              `the disk ${JSON.stringify(disk.slice(0, 40))}`,
            );
            demand(how !== 'ok', `a disk named ${JSON.stringify(disk.slice(0, 40))} was opened`);
          }
          return null;
        }),
    },
    {
      name: 'the parts of a disk that hold data ascend, do not overlap, and lie within it',
      run: () =>
        yard.withSnapshot(async (snapshot, machine) => {
          if (hypervisor.allocated === undefined) return 'does not say';
          for (const { key, sizeBytes } of snapshot.disks) {
            const ref = { machine: machine.id, snapshot: snapshot.id, disk: key };
            demandOrder(await collect(hypervisor.allocated(ref, call), 10_000_000), sizeBytes, key);
          }
          return 'says';
        }),
    },
    {
      name: 'changes since a token that is not known are named as lost',
      run: () =>
        yard.withSnapshot(async (snapshot, machine) => {
          const { changes } = hypervisor;
          const [disk] = snapshot.disks;
          if (changes === undefined || disk === undefined) return 'does not track';
          const ref = { machine: machine.id, snapshot: snapshot.id, disk: disk.key };
          const since = (token: string) => async () =>
            await collect(hypervisor.changes?.(ref, token, call) ?? nothing());
          const codes = [
            await demandFailure(since('no-such-token'), ['TRACKING_LOST'], 'an unknown token'),
            await demandFailure(since(''), ['TRACKING_LOST'], 'an empty token'),
          ];
          if (disk.changeToken !== null) demandOrder(await since(disk.changeToken)(), disk.sizeBytes, disk.key);
          return codes;
        }),
    },
    {
      name: 'a snapshot that was cancelled leaves nothing that is not owned and removable',
      async run() {
        const { id } = await yard.machine();
        const cancelled = makeCall({ signal: AbortSignal.abort(), who: 'conformance' });
        const want = { quiesce: 'none', owner: yard.mark() } as const;
        const code = await demandFailure(() => hypervisor.snapshot(id, want, cancelled), ['CANCELLED'], 'a snapshot');
        await yard.demandClean('a snapshot that was cancelled before it began');
        for (let round = 0; round < 4; round++) {
          const controller = new AbortController();
          setTimeout(() => controller.abort(), round);
          await demandNoBug(
            () =>
              hypervisor.snapshot(id, { quiesce: 'none', owner: yard.mark() }, makeCall({ signal: controller.signal })),
            'a snapshot that was cancelled in the middle',
          );
          for (const thing of await yard.owned()) await hypervisor.removeOwned(thing.id, call);
        }
        await yard.demandClean('removing what is owned');
        return code;
      },
    },
    {
      name: 'what is owned can be removed by anyone, more than once, and so can what never was',
      async run() {
        const { id } = await yard.machine();
        await hypervisor.snapshot(id, { quiesce: 'none', owner: yard.mark() }, call);
        for (const thing of await yard.owned()) {
          await hypervisor.removeOwned(thing.id, call);
          await hypervisor.removeOwned(thing.id, call);
        }
        await yard.demandClean('removing what is owned');
        for (const text of ['never-there', ...hostileTexts]) {
          await demandNoBug(() => hypervisor.removeOwned(text, call), `removing ${JSON.stringify(text.slice(0, 40))}`);
          await demandNoBug(() => hypervisor.release(text, call), `releasing ${JSON.stringify(text.slice(0, 40))}`);
        }
        return (await yard.machines()).map((machine) => machine.name);
      },
    },
  ];
}

async function* nothing(): AsyncGenerator<Extent> {}

function demandOrder(extents: readonly Extent[], sizeBytes: number, key: string): void {
  let end = 0;
  for (const { offset, length } of extents) {
    demand(Number.isSafeInteger(offset) && Number.isSafeInteger(length), `an extent of ${key} is ${offset}+${length}`);
    demand(length > 0 && offset >= end, `an extent of ${key} at ${offset} comes after one that ends at ${end}`);
    end = offset + length;
    demand(end <= sizeBytes, `an extent of ${key} ends at ${end}, and the disk at ${sizeBytes}`);
  }
}
