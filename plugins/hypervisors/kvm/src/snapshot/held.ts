import { createHash } from 'node:crypto';
import type { FileSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import type { FoundMachine } from '../inventory/inspect.ts';

const prefix = 'held-';

/**
 * Identity of a state of a machine that is held by looking alone: nothing is made, so nothing can be left behind. It is the
 * hash of all its images' identities, sizes and times; a machine that no longer has them is no longer in this state.
 */
export function heldSnapshotOf(found: FoundMachine): string {
  const images = [...found.images].map(([key, { source }]) => [
    key,
    source.stamp,
    source.chain.map((link) => link.stamp),
  ]);
  return (
    prefix +
    createHash('sha256')
      .update(JSON.stringify([found.machine.id, images]))
      .digest('hex')
  );
}

export const isHeldSnapshot = (id: string): boolean => id.startsWith(prefix);

/** The source of a disk in a held state. @throws `DISK_CHANGED` when the machine has left that state. */
export function openHeldDisk(found: FoundMachine, snapshot: string, disk: string): FileSource {
  if (heldSnapshotOf(found) !== snapshot) throw leftState(found.machine.name);
  return diskOf(found, disk);
}

/** @throws `DISK_UNREADABLE` when the machine has no such disk. */
export function diskOf(found: FoundMachine, disk: string): FileSource {
  const image = found.images.get(disk);
  if (image !== undefined) return image.source;
  throw new HoldfastError('DISK_UNREADABLE', `machine ${found.machine.name} has no disk ${disk} that can be read`, {
    facts: { machine: found.machine.id, disk },
  });
}

export function leftState(name: string): HoldfastError {
  return new HoldfastError('DISK_CHANGED', `a disk of ${name} changed since its state was taken`, {
    remedy: 'leave the machine switched off while it is read, then run it again; nothing was committed',
  });
}
