import { randomBytes } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import {
  type DiskRef,
  type Extent,
  HoldfastError,
  type Hypervisor,
  type Machine,
  type OpenHypervisor,
  type OwnedThing,
  type OwnerMark,
} from '@holdfast/api';
import { obey } from './faults.ts';

interface Described {
  readonly name: string;
  readonly power?: Machine['power'];
  readonly problem?: string;
}

const blockBytes = 65_536;

/**
 * A hypervisor made of folders, whose state survives its process: `machines/<id>/machine.json` and `<disk>.raw`, `snapshots/<id>`, and `tokens/<id>`
 * where it tracks changes. `faults.json` makes its methods fail.
 */
export const openFleet: OpenHypervisor = async ({ settings }) => {
  const root = String(settings.path);
  const at = (...parts: string[]) => join(root, ...parts);
  for (const folder of ['machines', 'snapshots', 'tokens']) mkdirSync(at(folder), { recursive: true });
  const json = <T>(file: string): T => JSON.parse(readFileSync(file, 'utf8')) as T;
  const markOf = (folder: string): OwnerMark | null =>
    existsSync(join(folder, 'mark.json')) ? json<OwnerMark>(join(folder, 'mark.json')) : null;
  const disksOf = (folder: string) =>
    readdirSync(folder)
      .filter((file) => file.endsWith('.raw'))
      .toSorted()
      .map((file) => ({
        key: file.slice(0, -4),
        path: join(folder, file),
        sizeBytes: statSync(join(folder, file)).size,
      }));
  const folderOf = (machine: string): string => {
    const folder = at('machines', machine);
    if (!existsSync(join(folder, 'machine.json')))
      throw new HoldfastError('MACHINE_NOT_FOUND', `no machine ${machine} is in ${root}`);
    return folder;
  };
  const describe = (id: string): Machine => {
    const folder = folderOf(id);
    const { name, power = 'off', problem } = json<Described>(join(folder, 'machine.json'));
    const disks = disksOf(folder).map(({ key, path, sizeBytes }) => ({
      key,
      sizeBytes,
      format: 'raw' as const,
      kind: 'virtual' as const,
      location: path,
    }));
    return { id, name, power, place: root, tags: [], disks, ...(problem === undefined ? {} : { problem }) };
  };
  const pathOf = (ref: DiskRef): string => {
    const folder = ref.snapshot === undefined ? folderOf(ref.machine) : at('snapshots', ref.snapshot);
    const path = join(folder, `${ref.disk}.raw`);
    if (!existsSync(path)) throw new HoldfastError('DISK_UNREADABLE', `${path} is not there`);
    return path;
  };
  const drop = (folder: string) => rmSync(folder, { recursive: true, force: true });

  const fleet: Hypervisor = {
    async check() {
      return [];
    },
    async *machines(call) {
      await obey(root, 'machines', call);
      for (const id of readdirSync(at('machines')).toSorted())
        if (existsSync(at('machines', id, 'machine.json'))) yield describe(id);
    },
    async snapshot(machine, want, call) {
      await obey(root, 'snapshot', call);
      const from = folderOf(machine);
      const id = randomBytes(6).toString('hex');
      const draft = at('snapshots', `.${id}`);
      mkdirSync(draft);
      writeFileSync(join(draft, 'mark.json'), JSON.stringify(want.owner));
      for (const { path, key } of disksOf(from)) cpSync(path, join(draft, `${key}.raw`));
      renameSync(draft, at('snapshots', id));
      await obey(root, 'snapshot-made', call);
      const disks = disksOf(at('snapshots', id)).map(({ key, sizeBytes }) => ({
        key,
        sizeBytes,
        changeToken: settings.tracks === true ? id : null,
      }));
      return { id, machine, takenAt: want.owner.createdAt, consistency: 'crash', frozenMs: 3, disks };
    },
    async release(snapshot, call) {
      await obey(root, 'release', call);
      const folder = at('snapshots', snapshot);
      if (!existsSync(folder)) return;
      if (settings.tracks === true) cpSync(folder, at('tokens', snapshot), { recursive: true });
      drop(folder);
    },
    async *owned(call) {
      await obey(root, 'owned', call);
      for (const kind of ['snapshot', 'machine'] as const)
        for (const id of readdirSync(at(`${kind}s`))) {
          const owner = markOf(at(`${kind}s`, id));
          if (owner !== null) yield { kind, id: `${kind}s/${id}`, title: `${kind} ${id}`, owner } satisfies OwnedThing;
        }
    },
    async removeOwned(id, call) {
      await obey(root, 'removeOwned', call);
      if (markOf(at(id)) !== null) drop(at(id));
    },
    async openDisk(ref, call) {
      await obey(root, 'openDisk', call);
      const path = pathOf(ref);
      return { kind: 'file', path, format: 'raw', chain: [], sizeBytes: statSync(path).size };
    },
    async closeDisk(_source, call) {
      await obey(root, 'closeDisk', call);
    },
    async *changes(ref, since, call) {
      await obey(root, 'changes', call);
      const before = at('tokens', since, `${ref.disk}.raw`);
      if (!existsSync(before)) throw new HoldfastError('TRACKING_LOST', 'the tracking of changes was reset');
      yield* differences(readFileSync(before), readFileSync(pathOf(ref)));
    },
    async create(spec, call) {
      await obey(root, 'create', call);
      const id = randomBytes(6).toString('hex');
      const folder = at('machines', id);
      mkdirSync(folder);
      writeFileSync(join(folder, 'mark.json'), JSON.stringify(spec.owner));
      writeFileSync(join(folder, 'machine.json'), JSON.stringify({ name: spec.name }));
      for (const { key, sizeBytes } of spec.disks) writeFileSync(join(folder, `${key}.raw`), Buffer.alloc(sizeBytes));
      await obey(root, 'create-made', call);
      return id;
    },
    async openDiskForWrite(ref, call) {
      await obey(root, 'openDiskForWrite', call);
      const path = pathOf(ref);
      return { kind: 'file', path, format: 'raw', sizeBytes: statSync(path).size };
    },
    async closeSink(_sink, call) {
      await obey(root, 'closeSink', call);
    },
    async adopt(machine, call) {
      await obey(root, 'adopt', call);
      rmSync(join(folderOf(machine), 'mark.json'), { force: true });
      await obey(root, 'adopted', call);
    },
    async close() {},
  };
  return fleet;
};

function* differences(before: Buffer, after: Buffer): Iterable<Extent> {
  for (let offset = 0; offset < after.length; offset += blockBytes) {
    const length = Math.min(blockBytes, after.length - offset);
    if (!after.subarray(offset, offset + length).equals(before.subarray(offset, offset + length)))
      yield { offset, length };
  }
}
