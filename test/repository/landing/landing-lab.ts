import type { DedupeMode, MoveOptions } from '@holdfast/api';
import type { Repository } from '../../../core/repository/contract.ts';
import type { DeduplicateOptions, DeduplicateReport } from '../../../core/repository/landing/contract.ts';
import { type CollectLab, call } from '../collect/collect-lab.ts';
import { protect } from '../lab.ts';
import type { MemoryStore } from '../stores.ts';

/** Protects a disk in a mode; what it must give back is noted. */
export async function land(
  one: CollectLab,
  machine: string,
  disk: Buffer,
  dedupe: DedupeMode = 'deferred',
  repository: Repository = one.lab.repository,
  move: MoveOptions = {},
) {
  const how = { takenAt: one.clock.now++, dedupe, move: { vda: move } };
  const point = await protect(one.lab, repository, machine, { vda: disk }, how);
  one.expected.set(point.point, disk);
  return point;
}

export const deduplicate = (one: CollectLab, how: DeduplicateOptions = {}): Promise<DeduplicateReport> =>
  one.lab.repository.deduplicate(how, call);

/** Bytes of all packs. */
export function packBytes(one: CollectLab): number {
  return one.store
    .names()
    .filter((name) => name.startsWith('packs/'))
    .reduce((sum, name) => sum + (one.store.objects.get(name)?.length ?? 0), 0);
}

/** Data that compresses to about a third and differs with the seed. */
export function text(seed: string, sizeBytes: number): Buffer {
  const bytes = Buffer.alloc(sizeBytes);
  for (let at = 0, line = 0; at < sizeBytes; line++)
    at += bytes.write(`${seed} ${line} ${(line * 7919) % 10_007}\n`, at);
  return bytes;
}

/** Flips a bit of an object. */
export function flip(store: MemoryStore, name: string, at: number): void {
  const bytes = store.objects.get(name);
  if (bytes === undefined) throw new Error(`${name} is not there`);
  bytes[at] = (bytes[at] ?? 0) ^ 1;
}
