import type { Call } from '../../call.ts';
import type { DiskSink, DiskSource } from '../../disk.ts';
import { HoldfastError } from '../../errors.ts';
import type { CheckItem, DiskRef, Hypervisor, OwnedThing, Snapshot, SnapshotWish } from '../../hypervisor.ts';
import type { Machine, MachineSpec } from '../../machine.ts';
import type { PracticeLedger } from './practice-ledger.ts';
import { practiceMachine } from './practice-machine.ts';

/** A hypervisor of practice: machines without bytes, and a list of all that was made and not removed. */
export class PracticeHypervisor implements Hypervisor {
  readonly machinesById = new Map<string, Machine>();
  readonly things = new Map<string, OwnedThing>();
  readonly #ledger: PracticeLedger;

  constructor(ledger: PracticeLedger, machine: Machine) {
    this.#ledger = ledger;
    this.machinesById.set(machine.id, machine);
  }

  async check(): Promise<readonly CheckItem[]> {
    return [{ title: 'practice', state: 'ok', detail: 'always there' }];
  }

  async *machines(call: Call): AsyncGenerator<Machine> {
    this.#ledger.enter('machines', call);
    yield* this.machinesById.values();
  }

  async snapshot(machine: string, want: SnapshotWish, call: Call): Promise<Snapshot> {
    this.#ledger.enter(`snapshot ${machine}`, call);
    const { id, name, disks } = this.#machine(machine);
    if (want.quiesce !== 'none') throw new HoldfastError('QUIESCE_UNAVAILABLE', `${name} has no guest to quiesce`);
    const snapshot = this.#ledger.nextId('snapshot');
    this.things.set(snapshot, { kind: 'snapshot', id: snapshot, title: `snapshot of ${name}`, owner: want.owner });
    return {
      id: snapshot,
      machine: id,
      takenAt: want.owner.createdAt,
      consistency: 'crash',
      frozenMs: 0,
      disks: disks.map(({ key, sizeBytes }) => ({ key, sizeBytes, changeToken: null })),
    };
  }

  async release(snapshot: string, call: Call): Promise<void> {
    this.#ledger.enter(`release ${snapshot}`, call);
    this.things.delete(snapshot);
  }

  async *owned(call: Call): AsyncGenerator<OwnedThing> {
    this.#ledger.enter('owned', call);
    yield* [...this.things.values()];
  }

  async removeOwned(id: string, call: Call): Promise<void> {
    this.#ledger.enter(`removeOwned ${id}`, call);
    if (this.things.get(id)?.kind === 'machine') this.machinesById.delete(id);
    this.things.delete(id);
  }

  async openDisk(ref: DiskRef, call: Call): Promise<DiskSource> {
    this.#ledger.enter(`openDisk ${ref.disk}`, call);
    const { sizeBytes } = this.#disk(ref);
    return { kind: 'file', path: `/practice/${ref.machine}/${ref.disk}`, format: 'raw', chain: [], sizeBytes };
  }

  async closeDisk(_source: DiskSource, call: Call): Promise<void> {
    this.#ledger.enter('closeDisk', call);
  }

  async create(spec: MachineSpec, call: Call): Promise<string> {
    this.#ledger.enter(`create ${spec.name}`, call);
    const isTaken = [...this.machinesById.values()].some((machine) => machine.name === spec.name);
    if (isTaken) throw new HoldfastError('NAME_TAKEN', `${spec.name} is there already`);
    const id = this.#ledger.nextId('machine');
    const disks = spec.disks.map((disk) => ({
      ...disk,
      kind: 'virtual' as const,
      location: `/practice/${id}/${disk.key}`,
    }));
    this.machinesById.set(id, { ...practiceMachine(id, spec.name), disks });
    this.things.set(id, { kind: 'machine', id, title: spec.name, owner: spec.owner });
    return id;
  }

  async openDiskForWrite(ref: DiskRef, call: Call): Promise<DiskSink> {
    this.#ledger.enter(`openDiskForWrite ${ref.disk}`, call);
    const { sizeBytes } = this.#disk(ref);
    return { kind: 'file', path: `/practice/${ref.machine}/${ref.disk}`, format: 'raw', sizeBytes };
  }

  async closeSink(_sink: DiskSink, call: Call): Promise<void> {
    this.#ledger.enter('closeSink', call);
  }

  async adopt(machine: string, call: Call): Promise<void> {
    this.#ledger.enter(`adopt ${machine}`, call);
    this.things.delete(machine);
  }

  async close(): Promise<void> {}

  #machine(id: string): Machine {
    const machine = this.machinesById.get(id);
    if (machine === undefined) throw new HoldfastError('MACHINE_NOT_FOUND', `no machine ${id}`);
    return machine;
  }

  #disk(ref: DiskRef): { readonly sizeBytes: number } {
    const disk = this.#machine(ref.machine).disks.find(({ key }) => key === ref.disk);
    if (disk === undefined) throw new HoldfastError('DISK_UNREADABLE', `no disk ${ref.disk}`);
    return disk;
  }
}
