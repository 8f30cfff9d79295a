import { access, constants, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type {
  Call,
  CheckItem,
  DiskRef,
  DiskSink,
  DiskSource,
  FileSource,
  Hypervisor,
  Machine,
  MachineId,
  MachineSpec,
  OwnedThing,
  Snapshot,
  SnapshotWish,
} from '@holdfast/api';
import { HoldfastError, throwIfCancelled } from '@holdfast/api';
import { stampOf } from '@holdfast/kit/disk/stamp';
import { checkFolder } from './check.ts';
import type { FoundMachine } from './inventory/inspect.ts';
import { Inventory } from './inventory/inventory.ts';
import type { Marked } from './owned/marks.ts';
import { findMarked, markFile, syncFolder } from './owned/marks.ts';
import { restoreFailure } from './restore/failure.ts';
import { copySnapshot, isCopiedSnapshot, openCopiedDisk, removeSnapshot } from './snapshot/copied.ts';
import { diskOf, heldSnapshotOf, isHeldSnapshot, leftState, openHeldDisk } from './snapshot/held.ts';

/** A tag that a machine carries while it is being restored. */
const unfinishedTag = 'being-restored';

/**
 * A folder of machines that are switched off. Nothing is written into it to look at it, to take a machine's state by holding it, or
 * to read; only copies that share their blocks and restored machines are made there, and each carries its owner's mark.
 */
export class FolderHypervisor implements Hypervisor {
  readonly #root: string;
  readonly #inventory: Inventory;
  readonly #now: () => number;
  /** Whether the file system may be able to copy by sharing blocks: it is tried until it says no. */
  #canCopy = true;
  /** Sources that were handed out and not yet closed, by path and stamp. */
  readonly #open = new Map<string, number>();

  /** @param root Absolute path of the folder. */
  constructor(root: string, inventory: Inventory, now: () => number) {
    this.#root = root;
    this.#inventory = inventory;
    this.#now = now;
  }

  check(call: Call): Promise<readonly CheckItem[]> {
    return checkFolder(this.#root, this.#inventory, call);
  }

  async *machines(call: Call): AsyncGenerator<Machine> {
    const found = await this.#inventory.list(call);
    const unfinished = new Set((await findMarked(this.#root)).map(({ mark }) => mark.id));
    for (const { machine } of found) {
      yield unfinished.has(machine.id) ? { ...machine, tags: [...machine.tags, unfinishedTag] } : machine;
    }
  }

  async snapshot(machine: MachineId, want: SnapshotWish, call: Call): Promise<Snapshot> {
    throwIfCancelled(call.signal, 'taking a snapshot');
    const found = await this.#protectable(machine, call);
    if (want.quiesce !== 'none') {
      throw new HoldfastError(
        'QUIESCE_UNAVAILABLE',
        `${found.machine.name} is switched off: nothing runs that could be quiesced`,
        {
          remedy: 'ask for `quiesce: none`; a machine that was shut down has flushed everything by itself',
          facts: { machine },
        },
      );
    }
    const copy = this.#canCopy ? await copySnapshot(found, this.#root, want.owner, call) : null;
    this.#canCopy = copy !== null;
    const id = copy ?? heldSnapshotOf(found);
    const how = isHeldSnapshot(id) ? 'holding the images as they are' : 'a copy that shares its blocks';
    call.log('debug', `took the state of ${found.machine.name} by ${how}`);
    const disks = [...found.images].map(([key, { source }]) => ({
      key,
      sizeBytes: source.sizeBytes,
      changeToken: null,
    }));
    return { id, machine, takenAt: this.#now(), consistency: 'crash', frozenMs: 0, disks };
  }

  async release(snapshot: string, _call: Call): Promise<void> {
    if (isCopiedSnapshot(snapshot)) await removeSnapshot(this.#root, snapshot);
  }

  async *owned(_call: Call): AsyncGenerator<OwnedThing> {
    for (const { mark } of await findMarked(this.#root)) {
      yield { kind: mark.kind, id: mark.id, title: mark.title, owner: mark.owner };
    }
  }

  async removeOwned(id: string, _call: Call): Promise<void> {
    for (const { folder, mark } of await findMarked(this.#root)) {
      if (mark.id !== id) continue;
      await rm(folder, { recursive: true, force: true });
      await syncFolder(dirname(folder));
    }
  }

  async openDisk(disk: DiskRef, call: Call): Promise<DiskSource> {
    if (disk.snapshot !== undefined && isCopiedSnapshot(disk.snapshot)) {
      return await openCopiedDisk(this.#root, disk.snapshot, disk.disk);
    }
    const found = await this.#protectable(disk.machine, call);
    const source =
      disk.snapshot === undefined ? diskOf(found, disk.disk) : openHeldDisk(found, disk.snapshot, disk.disk);
    const key = keyOf(source);
    this.#open.set(key, (this.#open.get(key) ?? 0) + 1);
    return source;
  }

  async closeDisk(source: DiskSource, _call: Call): Promise<void> {
    if (source.kind !== 'file') return;
    const key = keyOf(source);
    const count = this.#open.get(key);
    if (count === undefined) return;
    if (count > 1) this.#open.set(key, count - 1);
    else this.#open.delete(key);
    for (const { path, stamp } of [source, ...source.chain]) {
      if (stamp !== undefined && (await stampNow(path)) !== stamp) throw leftState(path);
    }
  }

  async create(spec: MachineSpec, call: Call): Promise<MachineId> {
    for (const { machine } of await this.#inventory.list(call)) {
      if (machine.name === spec.name) {
        throw new HoldfastError('NAME_TAKEN', `there is a machine named ${spec.name} already`, {
          facts: { name: spec.name },
        });
      }
    }
    // Loaded when it is needed: listing machines should start quickly.
    const { createMachine } = await import('./restore/create.ts');
    return await createMachine(this.#root, spec);
  }

  async openDiskForWrite(disk: DiskRef, _call: Call): Promise<DiskSink> {
    const { folder, mark } = await this.#unfinished(disk.machine);
    const found = mark.disks.find(({ key }) => key === disk.disk);
    if (found === undefined) {
      throw new HoldfastError('DISK_UNWRITABLE', `machine ${disk.machine} has no disk ${disk.disk}`, {
        facts: { ...disk },
      });
    }
    return { kind: 'file', path: join(folder, found.file), format: 'raw', sizeBytes: found.sizeBytes };
  }

  async closeSink(sink: DiskSink, _call: Call): Promise<void> {
    if (sink.kind !== 'file') return;
    try {
      await using handle = await open(sink.path, constants.O_RDWR | constants.O_NOFOLLOW);
      await handle.sync();
      await syncFolder(dirname(sink.path));
    } catch (thrown) {
      throw restoreFailure(thrown, sink.path, 'the disk');
    }
  }

  async adopt(machine: MachineId, call: Call): Promise<void> {
    const marked = await this.#marked(machine);
    if (marked === undefined) {
      await this.#inventory.find(machine, call);
      return;
    }
    await rm(join(marked.folder, markFile), { force: true });
    await syncFolder(marked.folder);
  }

  async close(_call: Call): Promise<void> {
    this.#open.clear();
  }

  async #protectable(machine: MachineId, call: Call): Promise<FoundMachine> {
    const found = await this.#inventory.find(machine, call);
    if (found.machine.problem === undefined) return found;
    throw new HoldfastError('MACHINE_UNPROTECTABLE', `${found.machine.name}: ${found.machine.problem}`, {
      facts: { machine },
    });
  }

  async #marked(machine: MachineId): Promise<Marked | undefined> {
    return (await findMarked(this.#root)).find(({ mark }) => mark.kind === 'machine' && mark.id === machine);
  }

  async #unfinished(machine: MachineId): Promise<Marked> {
    const marked = await this.#marked(machine);
    if (marked !== undefined) return marked;
    throw new HoldfastError('MACHINE_NOT_FOUND', `there is no machine ${machine} that is being restored`, {
      remedy: 'only the disks of a machine that is being restored are ever written',
      facts: { machine },
    });
  }
}

/** Opens the folder of an endpoint. @throws `ENDPOINT_UNREACHABLE` when it is not there. */
export async function openFolder(root: string, now: () => number = Date.now): Promise<Hypervisor> {
  await access(root, constants.R_OK | constants.X_OK).catch((cause: unknown) => {
    throw new HoldfastError('ENDPOINT_UNREACHABLE', `the folder ${root} is not there, or may not be read`, {
      remedy: 'check that it is there, mounted and readable',
      facts: { folder: root },
      cause,
    });
  });
  return new FolderHypervisor(root, new Inventory(root), now);
}

const keyOf = (source: FileSource): string => `${source.path}\0${source.stamp ?? ''}`;

async function stampNow(path: string): Promise<string | null> {
  try {
    await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return stampOf(await handle.stat({ bigint: true }));
  } catch {
    return null;
  }
}
