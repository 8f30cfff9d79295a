import type {
  Call,
  CheckItem,
  DiskRef,
  DiskSource,
  Extent,
  GuestChannel,
  Hypervisor,
  Machine,
  MachineId,
  MigrationResult,
  NbdSource,
  OwnedThing,
  Placement,
  Snapshot,
  SnapshotWish,
} from '@holdfast/api';
import { HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import { allocatedExtents, dirtyExtents, trackingLost } from '../live/extents.ts';
import { tellNotes } from '../live/notes.ts';
import { checkSockets, scratchFolders } from './check.ts';
import type { Freezing } from './freezing.ts';
import { openGuest } from './guest.ts';
import type { Listed, Machines } from './machines.ts';
import { migrateLive } from './migrate.ts';
import { switchPower } from './power.ts';
import { jobsOf } from './qmp.ts';
import type { RecordedDisk, SnapshotRecord } from './records.ts';
import { exportOf, findRecord, findRecords, nbdSocketOf } from './records.ts';
import { type TakeParts, takeSnapshot } from './take.ts';
import { readToken } from './tokens.ts';
import { retainBitmaps } from './tracking.ts';
import { undoSnapshot } from './undo.ts';

/** What an endpoint of running QEMUs works with. */
export interface QemuParts extends TakeParts {
  /** Folder for what watchdogs had to do. */
  readonly notes: string;
}

/** Machines that run in plain QEMU processes, by the QMP socket of each. */
export class QemuHypervisor implements Hypervisor {
  readonly #parts: QemuParts;
  readonly #machines: Machines;
  readonly #freezing: Freezing;

  constructor(parts: QemuParts) {
    this.#parts = parts;
    this.#machines = parts.machines;
    this.#freezing = parts.freezing;
  }

  check(call: Call): Promise<readonly CheckItem[]> {
    return checkSockets(this.#machines, this.#freezing, this.#parts.scratch, call);
  }

  async *machines(call: Call): AsyncGenerator<Machine> {
    await tellNotes(this.#parts.notes, call);
    const all: Machine[] = [];
    for await (const one of this.#machines.list(call)) {
      all.push(one.kind === 'machine' ? one.found.machine : silentMachine(one, this.#machines.folder.path));
    }
    const seen = new Set<string>();
    for (const machine of all) {
      const twin = all.find((other) => other !== machine && other.id === machine.id);
      const isFirst = !seen.has(machine.id);
      seen.add(machine.id);
      // Nobody can know which of the two the restore points belong to.
      const problem = `it has the same UUID as ${twin?.name ?? ''}: give one of them another`;
      if (twin === undefined) yield machine;
      else yield { ...machine, id: isFirst ? machine.id : `${machine.id}@${machine.name}`, problem };
    }
  }

  async snapshot(machine: MachineId, want: SnapshotWish, call: Call): Promise<Snapshot> {
    throwIfCancelled(call.signal, 'taking a snapshot');
    await tellNotes(this.#parts.notes, call);
    return await takeSnapshot(this.#parts, machine, want, call);
  }

  async release(snapshot: string, call: Call): Promise<void> {
    this.#parts.guard.end(snapshot);
    const record = await this.#find(snapshot, call);
    if (record !== null) await undoSnapshot(this.#machines, record, { tracking: false }, call);
  }

  async *owned(call: Call): AsyncGenerator<OwnedThing> {
    for (const { id, title, owner } of await findRecords(this.#machines.folder.path, await this.#scratch(call))) {
      yield { kind: 'snapshot', id, title, owner };
    }
  }

  removeOwned(id: string, call: Call): Promise<void> {
    return this.release(id, call);
  }

  async openDisk(disk: DiskRef, call: Call): Promise<DiskSource> {
    if (disk.snapshot === undefined) {
      await this.#machines.nameOf(disk.machine, call);
      throw new HoldfastError(
        'DISK_UNREADABLE',
        `the machine ${disk.machine} runs, so its disks are read of a snapshot`,
        {
          remedy: 'take a snapshot first',
          facts: { machine: disk.machine },
        },
      );
    }
    return (await this.#disk(disk, call)).source;
  }

  async closeDisk(source: DiskSource, call: Call): Promise<void> {
    if (source.kind !== 'nbd') return;
    const found = /^hf-([0-9a-f]{16})-\d{1,5}$/.exec(source.export);
    const id = `qemu-${found?.[1] ?? ''}`;
    if (this.#parts.guard.hasGivenUp(id)) throw givenUp(id);
    const record = await this.#find(id, call);
    if (record === null) return;
    try {
      const jobs = await this.#machines.withName(record.name, jobsOf, call);
      if (jobs.has(source.export)) return;
    } catch (thrown) {
      // A QEMU that has ended answers no read: what was read was read before.
      if (isHoldfastError(thrown, 'MACHINE_NOT_FOUND')) return;
      throw thrown;
    }
    throw new HoldfastError(
      'DISK_CHANGED',
      `${record.title} did not hold: its job in QEMU was ended by something else`,
      {
        remedy: 'run it again; nothing was committed',
        facts: { snapshot: record.id },
      },
    );
  }

  async *allocated(disk: DiskRef, call: Call): AsyncGenerator<Extent> {
    yield* allocatedExtents((await this.#disk(disk, call)).source, call);
  }

  async *changes(disk: DiskRef, since: string, call: Call): AsyncGenerator<Extent> {
    const { source, recorded } = await this.#disk(disk, call);
    if (recorded.tracked?.token === since) return;
    const lost = recorded.lost.find(({ token }) => token === since);
    if (lost !== undefined) throw trackingLost(lost.why);
    const frozen = recorded.since.find(({ token }) => token === since);
    if (frozen !== undefined) {
      yield* dirtyExtents(source, frozen.bitmap, call);
      return;
    }
    const facts = readToken(since);
    if (facts === null) throw trackingLost('the last restore point has no token of plain QEMU');
    if (facts.key !== disk.disk) throw trackingLost(`the token tells of disk ${facts.key}, not of ${disk.disk}`);
    throw trackingLost(`the snapshot was taken without asking what changed since then`);
  }

  retainTracking(
    machine: MachineId,
    keep: { readonly site: string; readonly tokens: readonly string[] },
    call: Call,
  ): Promise<void> {
    return retainBitmaps(this.#machines, machine, keep, call);
  }

  async power(machine: MachineId, wish: 'on' | 'off' | 'shutdown' | 'reset', call: Call): Promise<void> {
    await this.#machines.with(machine, (qmp, found) => switchPower(qmp, found, wish, call), call);
  }

  migrate(machine: MachineId, to: Placement, call: Call): Promise<MigrationResult> {
    return migrateLive(this.#machines, machine, to, call);
  }

  async guest(machine: MachineId, call: Call): Promise<GuestChannel> {
    const { name, title } = await this.#machines.with(
      machine,
      async (_qmp, found) => ({ name: found.name, title: found.machine.name }),
      call,
    );
    return openGuest(this.#freezing, name, title, await this.#machines.folder.hasAgent(name));
  }

  async close(_call: Call): Promise<void> {
    this.#parts.guard.close();
  }

  async #find(snapshot: string, call: Call): Promise<SnapshotRecord | null> {
    return await findRecord(this.#machines.folder.path, () => this.#scratch(call), snapshot);
  }

  async #scratch(call: Call): Promise<readonly string[]> {
    const { scratch } = this.#parts;
    if (scratch !== null) return [scratch];
    const listed: Listed[] = [];
    for await (const one of this.#machines.list(call)) listed.push(one);
    return scratchFolders(listed, null);
  }

  async #disk(disk: DiskRef, call: Call): Promise<{ readonly source: NbdSource; readonly recorded: RecordedDisk }> {
    if (disk.snapshot !== undefined && this.#parts.guard.hasGivenUp(disk.snapshot)) throw givenUp(disk.snapshot);
    const record = disk.snapshot === undefined ? null : await this.#find(disk.snapshot, call);
    const index = record?.disks.findIndex(({ key }) => key === disk.disk) ?? -1;
    const recorded = record?.disks[index];
    if (record === null || recorded === undefined)
      throw new HoldfastError(
        'DISK_UNREADABLE',
        `the snapshot ${disk.snapshot ?? ''} has no disk ${disk.disk}, or is gone`,
        {
          facts: { machine: disk.machine, disk: disk.disk },
        },
      );
    const socket = nbdSocketOf(this.#machines.folder.path, record.id);
    const source: NbdSource = {
      kind: 'nbd',
      address: { socket },
      export: exportOf(record.id, index),
      sizeBytes: recorded.sizeBytes,
    };
    return { source, recorded };
  }
}

/** A socket that does not answer is listed: a machine that is there and cannot be seen is not a machine that is gone. */
function silentMachine(one: Extract<Listed, { kind: 'silent' }>, place: string): Machine {
  return { id: one.id, name: one.name, power: 'unknown', place, tags: [], disks: [], problem: one.problem };
}

function givenUp(snapshot: string): HoldfastError {
  return new HoldfastError(
    'DISK_CHANGED',
    'the snapshot was given up: scratch had no room, and the guest stood still',
    {
      remedy:
        'free space where scratch goes, or set `scratch` of the endpoint, then run it again; nothing was committed',
      facts: { snapshot },
    },
  );
}
