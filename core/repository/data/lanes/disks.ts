import type { DiskSink, DiskSource } from '@holdfast/api';
import type { DiskReader, DiskWriter } from '@holdfast/kit/disk/reader';
import { servedReader } from './served-disks.ts';
import type { Wire } from './wire.ts';

// What reads and writes disks is loaded with the first disk: most threads only ever see packs.

/** @param wire To the main thread, which reads what lies in another repository. */
export async function openSource(source: DiskSource, wire: Wire): Promise<DiskReader> {
  if (source.kind === 'repository') return servedReader(source, wire);
  const { openDiskSource } = await import('@holdfast/kit/disk/open');
  return openDiskSource(source);
}

export async function openSink(sink: DiskSink): Promise<DiskWriter> {
  const { openDiskSink } = await import('@holdfast/kit/disk/open');
  return openDiskSink(sink);
}
