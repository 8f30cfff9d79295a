import { dirname, join } from 'node:path';
import type {
  Call,
  CheckItem,
  DiskRef,
  DiskSink,
  DiskSource,
  Extent,
  GuestChannel,
  Hypervisor,
  Machine,
  MachineChange,
  MachineId,
  MachineSpec,
  MigrationResult,
  OwnedThing,
  Placement,
  Snapshot,
  SnapshotWish,
} from '@holdfast/api';
import { HoldfastError, isHoldfastError, throwIfCancelled } from '@holdfast/api';
import { guestChannel } from './agent.ts';
import { adoptMachine, createMachine, diskOfMade, removeMachine } from './created.ts';
import { demandTracked, markedExtents, ReachedSockets, sourceAt } from './exports.ts';
import { ScratchGuard } from './guard.ts';
import type { DomainImage, FoundDomain } from './inventory.ts';
import type { ExportedDisk, Marked } from './marks.ts';
import { findMarks, isMarkId } from './marks.ts';
import { serveImage, serveTied } from './nbd-server.ts';
import type { Parts } from './parts.ts';
import { switchPower } from './power.ts';
import { endProgram, isServed, releaseMarked } from './release.ts';
import { snapshotLive } from './snapshot-live.ts';
import { snapshotOff } from './snapshot-off.ts';
import { retainCheckpoints } from './tracking.ts';
import { watchMachines } from './watch.ts';

/** Machines of a libvirt, here or behind SSH. All that it makes is announced by a mark on the host first; see docs/formats/libvirt.md. */
export class LibvirtHypervisor implements Hypervisor {
  readonly #parts: Parts;
  readonly #guard: ScratchGuard;
  readonly #sockets: ReachedSockets;
  /** What this process made or found, so that not every call looks through all folders. */
  readonly #marked = new Map<string, Marked>();
  /** Images served for as long as they are open, by the path of their socket on this machine. */
  readonly #tied = new Map<string, AsyncDisposable>();

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#guard = new ScratchGuard(parts);
    this.#sockets = new ReachedSockets(parts.virsh.host);
  }

  async check(call: Call): Promise<readonly CheckItem[]> {
    const { checkEndpoint } = await import('./check.ts');
    return await checkEndpoint(this.#parts, call);
  }

  async *machines(call: Call): AsyncGenerator<Machine> {
    for await (const { machine } of this.#parts.inventory.list(call)) yield machine;
  }

  watch(call: Call): AsyncIterable<MachineChange> {
    return watchMachines(this.#parts, call);
  }

  async snapshot(machine: MachineId, want: SnapshotWish, call: Call): Promise<Snapshot> {
    throwIfCancelled(call.signal, 'taking a snapshot');
    const found = await this.#protectable(machine, call);
    const take = found.machine.power === 'off' ? snapshotOff : snapshotLive;
    const { marked, snapshot } = await take(this.#parts, found, want, call);
    this.#marked.set(snapshot.id, marked);
    if (found.machine.power === 'on') this.#guard.watch(marked, call);
    return snapshot;
  }

  async release(snapshot: string, call: Call): Promise<void> {
    this.#guard.end(snapshot);
    const marked = await this.#find(snapshot, call);
    if (marked?.mark.kind !== 'export') return;
    await this.#letGo(marked);
    await releaseMarked(this.#parts, marked);
    this.#marked.delete(snapshot);
  }

  async *owned(call: Call): AsyncGenerator<OwnedThing> {
    for (const { mark } of await this.#all(call))
      yield { kind: mark.kind, id: mark.id, title: mark.title, owner: mark.owner };
  }

  async removeOwned(id: string, call: Call): Promise<void> {
    this.#guard.end(id);
    const marked = await this.#find(id, call);
    if (marked === null) return;
    await this.#letGo(marked);
    if (marked.mark.how === 'made') await removeMachine(this.#parts, marked);
    else await releaseMarked(this.#parts, marked);
    this.#marked.delete(id);
  }

  async openDisk(ref: DiskRef, call: Call): Promise<DiskSource> {
    if (ref.snapshot === undefined) return await this.#openImage(ref, call);
    const { marked, disk } = await this.#exported(ref, call);
    const { mark } = marked;
    if (mark.how === 'live' && mark.socket !== null && !(await isServed(this.#parts.virsh, mark.machine, mark.socket)))
      throw new HoldfastError(
        'DISK_CHANGED',
        `the backup of ${mark.title.replace('export of ', '')} is over: it was switched off or killed, or its job was ended`,
        {
          remedy: 'run it again; nothing was committed',
          facts: { machine: mark.machine, disk: disk.key },
        },
      );
    return sourceAt(await this.#sockets.take(disk.socket ?? mark.socket ?? ''), disk);
  }

  async closeDisk(source: DiskSource, _call: Call): Promise<void> {
    if (source.kind !== 'nbd' || !('socket' in source.address)) return;
    const { socket } = source.address;
    await this.#sockets.giveBack(socket);
    await this.#tied.get(socket)?.[Symbol.asyncDispose]();
    this.#tied.delete(socket);
  }

  async *allocated(ref: DiskRef, call: Call): AsyncGenerator<Extent> {
    // A hole that reads as zeros has both flags, what is below it may hold data.
    yield* this.#extents(
      ref,
      () => 'base:allocation',
      (flags) => (flags & 2) === 0,
      call,
    );
  }

  async *changes(ref: DiskRef, since: string, call: Call): AsyncGenerator<Extent> {
    const { disk } = await this.#exported(ref, call);
    // A token of the snapshot itself, of a machine that runs: it tracks from there on.
    if (disk.token !== null && disk.token === since && disk.since !== since.split('/')[0]) return;
    yield* this.#extents(
      ref,
      (exported) => demandTracked(exported, ref, since),
      (flags) => (flags & 1) !== 0,
      call,
    );
  }

  async retainTracking(
    machine: MachineId,
    keep: { readonly site: string; readonly tokens: readonly string[] },
    call: Call,
  ): Promise<void> {
    let found: FoundDomain;
    try {
      found = await this.#parts.inventory.find(machine, call);
    } catch (thrown) {
      if (isHoldfastError(thrown, 'MACHINE_NOT_FOUND')) return;
      throw thrown;
    }
    await retainCheckpoints(this.#parts.virsh, machine, found, keep, call);
  }

  async create(spec: MachineSpec, call: Call): Promise<MachineId> {
    return await createMachine(this.#parts, spec, call);
  }

  async openDiskForWrite(ref: DiskRef, call: Call): Promise<DiskSink> {
    const marked = await this.#made(ref.machine, call);
    const { index, disk, path, driver } = diskOfMade(marked, ref);
    const { host } = this.#parts.virsh;
    const pidFile = join(marked.folder, `${marked.mark.id}-${index}.pid`);
    const socket = disk.socket ?? '';
    await endProgram(this.#parts, pidFile, socket);
    await serveImage(host, { key: disk.key, path, driver, socket, bitmap: null, isWritten: true, pidFile });
    return sourceAt(await this.#sockets.take(socket), disk);
  }

  /** Ending the program that writes makes it write out all that it has; it flushes the image and its folder's names are durable already. */
  async closeSink(sink: DiskSink, call: Call): Promise<void> {
    if (sink.kind !== 'nbd' || !('socket' in sink.address)) return;
    const remote = this.#sockets.remoteOf(sink.address.socket);
    if (remote === null) return;
    const { NbdClient } = await import('@holdfast/kit/nbd/client');
    {
      await using client = await NbdClient.connect(sink.address, { export: sink.export, signal: call.signal });
      await client.flush();
    }
    await this.#sockets.giveBack(sink.address.socket);
    for (const { mark, folder } of await this.#all(call))
      for (const [index, disk] of mark.disks.entries())
        if (mark.how === 'made' && disk.socket === remote)
          await endProgram(this.#parts, join(folder, `${mark.id}-${index}.pid`), remote);
  }

  async adopt(machine: MachineId, call: Call): Promise<void> {
    const marked = (await this.#all(call)).find(({ mark }) => mark.how === 'made' && mark.machine === machine);
    if (marked === undefined) {
      await this.#parts.inventory.find(machine, call);
      return;
    }
    await adoptMachine(this.#parts, marked);
    this.#marked.delete(marked.mark.id);
  }

  async power(machine: MachineId, wish: 'on' | 'off' | 'shutdown' | 'reset', call: Call): Promise<void> {
    const found = await this.#parts.inventory.find(machine, call);
    await switchPower(this.#parts, found.machine.id, wish);
  }

  async migrate(machine: MachineId, to: Placement, call: Call): Promise<MigrationResult> {
    const { migrateMachine } = await import('./migrate.ts');
    return await migrateMachine(this.#parts, await this.#parts.inventory.find(machine, call), to, call);
  }

  async guest(machine: MachineId, call: Call): Promise<GuestChannel> {
    const { machine: found } = await this.#parts.inventory.find(machine, call);
    return guestChannel(this.#parts.virsh, found.id, found.name);
  }

  async close(_call: Call): Promise<void> {
    this.#guard.close();
    await this.#sockets.close();
    for (const tied of this.#tied.values()) await tied[Symbol.asyncDispose]();
    this.#tied.clear();
    await this.#parts.virsh.host.close();
  }

  async *#extents(
    ref: DiskRef,
    context: (disk: ExportedDisk) => string,
    isMarked: (flags: number) => boolean,
    call: Call,
  ): AsyncGenerator<Extent> {
    const { disk } = await this.#exported(ref, call);
    const wanted = context(disk);
    const source = await this.openDisk(ref, call);
    try {
      if (source.kind === 'nbd') yield* markedExtents(source, wanted, isMarked, call);
    } finally {
      await this.closeDisk(source, call);
    }
  }

  /** The disk of a machine that is off, served until it is closed. */
  async #openImage(ref: DiskRef, call: Call): Promise<DiskSource> {
    const found = await this.#protectable(ref.machine, call);
    const image = found.images.find(({ key }) => key === ref.disk);
    if (image === undefined) throw noDisk(found.machine.name, ref);
    if (found.machine.power !== 'off')
      throw new HoldfastError('MACHINE_BUSY', `${found.machine.name} runs: its disks are read from a snapshot`, {
        facts: { machine: found.machine.id },
      });
    return await this.#serve(image);
  }

  async #serve(image: DomainImage): Promise<DiskSource> {
    const socket = await this.#parts.places.ownSocket();
    const served = await serveTied(this.#parts.virsh.host, { ...image, socket, bitmap: null, isWritten: false });
    const path = await this.#sockets.take(socket);
    this.#tied.set(path, served);
    return sourceAt(path, image);
  }

  async #protectable(machine: MachineId, call: Call): Promise<FoundDomain> {
    const found = await this.#parts.inventory.find(machine, call);
    if (found.machine.problem === undefined) return found;
    throw new HoldfastError('MACHINE_UNPROTECTABLE', `${found.machine.name}: ${found.machine.problem}`, {
      facts: { machine: found.machine.id },
    });
  }

  async #exported(ref: DiskRef, call: Call): Promise<{ readonly marked: Marked; readonly disk: ExportedDisk }> {
    const marked = ref.snapshot === undefined ? null : await this.#find(ref.snapshot, call);
    if (marked?.mark.kind !== 'export')
      throw new HoldfastError('DISK_UNREADABLE', 'the snapshot is not there any more', {
        facts: { snapshot: (ref.snapshot ?? '').slice(0, 200) },
      });
    const disk = marked.mark.disks.find(({ key }) => key === ref.disk);
    if (disk === undefined) throw noDisk(marked.mark.title, ref);
    return { marked, disk };
  }

  async #made(machine: MachineId, call: Call): Promise<Marked> {
    const marked = (await this.#all(call)).find(({ mark }) => mark.how === 'made' && mark.machine === machine);
    if (marked !== undefined) return marked;
    throw new HoldfastError('MACHINE_NOT_FOUND', `there is no machine ${machine.slice(0, 80)} that is being restored`, {
      remedy: 'only the disks of a machine that is being restored are ever written',
      facts: { machine: machine.slice(0, 200) },
    });
  }

  async #find(id: string, call: Call): Promise<Marked | null> {
    if (!isMarkId(id)) return null;
    return this.#marked.get(id) ?? (await this.#all(call)).find(({ mark }) => mark.id === id) ?? null;
  }

  async #all(call: Call): Promise<readonly Marked[]> {
    const { inventory, places, virsh } = this.#parts;
    const folders = new Set<string>();
    if (this.#parts.settings.scratch === null)
      for await (const { images } of inventory.list(call))
        if (images[0] !== undefined) folders.add(dirname(images[0].path));
    for (const { folder } of this.#marked.values()) folders.add(dirname(folder));
    return await findMarks(virsh.host, [
      ...new Set([...(await places.workFolders(folders)), ...[...folders].map((one) => join(one, '.holdfast'))]),
    ]);
  }

  async #letGo({ mark }: Marked): Promise<void> {
    for (const socket of [mark.socket, ...mark.disks.map((disk) => disk.socket)])
      if (socket !== null) await this.#sockets.end(socket);
  }
}

function noDisk(name: string, ref: DiskRef): HoldfastError {
  return new HoldfastError(
    'DISK_UNREADABLE',
    `${name} has no disk ${JSON.stringify(ref.disk.slice(0, 80))} that can be read`,
    {
      facts: { machine: ref.machine.slice(0, 200), disk: ref.disk.slice(0, 200) },
    },
  );
}
