import { type MoveOptions, makeCall } from '@holdfast/api';
import type { CheckReport, Repository } from '../../../core/repository/contract.ts';
import type { RepairAct, RepairPlan } from '../../../core/repository/repair/contract.ts';
import { type Lab, openLab, protect, restoreDisk } from '../lab.ts';
import { sampleDisk } from '../sample-disks.ts';
import { MemoryStore } from '../stores.ts';

export const call = makeCall();
export const MIB = 1024 * 1024;

/** A repository with one machine, whose disk lies in several packs. */
export interface RepairLab extends AsyncDisposable {
  readonly lab: Lab;
  readonly store: MemoryStore;
  readonly repository: Repository;
  readonly disk: Buffer;
  readonly point: string;
  /** Packs of the first restore point, the one with the beginning of the disk first. */
  readonly packs: readonly string[];
  /** Protects the machine once more, told that nothing has changed since the restore point. */
  again(takenAt: number, move?: MoveOptions, disk?: Buffer): Promise<string>;
}

export async function openRepairLab(): Promise<RepairLab> {
  const store = new MemoryStore();
  const lab = await openLab(store, { packBytes: 128 * 1024 });
  const disk = sampleDisk('to be repaired', 2 * MIB);
  const { point } = await protect(lab, lab.repository, 'm1', { vda: disk }, { takenAt: 1 });
  const again = async (takenAt: number, move?: MoveOptions, now = disk): Promise<string> => {
    const how = { takenAt, move: { vda: move ?? { extents: [], base: point } } };
    return (await protect(lab, lab.repository, 'm1', { vda: now }, how)).point;
  };
  const packs = [...store.objects.keys()].filter((name) => name.startsWith('packs/'));
  const { repository } = lab;
  return { lab, store, repository, disk, point, packs, again, [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose]() };
}

export function bytesOf(store: MemoryStore, name: string): Buffer {
  const bytes = store.objects.get(name);
  if (bytes === undefined) throw new Error(`${name} is not there`);
  return Buffer.from(bytes);
}

/** Flips a bit. */
export function flip(store: MemoryStore, name: string, at: number): void {
  const bytes = bytesOf(store, name);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  store.objects.set(name, bytes);
}

export const actOn = ({ acts }: RepairPlan, object: string): RepairAct | undefined =>
  acts.find((act) => act.object === object);

export const damagedObjects = ({ damage }: CheckReport): string[] => damage.map(({ object }) => object);

/** Whether a disk comes back byte for byte. */
export async function isWhole(
  { lab, repository }: Pick<RepairLab, 'lab' | 'repository'>,
  point: string,
  disk: Buffer,
): Promise<boolean> {
  const { failure, bytes } = await restoreDisk(lab, repository, point, 'vda');
  if (failure === null && !bytes.equals(disk)) throw new Error('a disk was restored wrong, without an error');
  return failure === null;
}
