import type { DiskSink, DiskSource } from '@holdfast/api';
import type { DiskReader, DiskWriter } from '@holdfast/kit/disk/reader';

// What reads and writes disks is loaded with the first disk: most threads only ever see packs.

export async function openSource(source: DiskSource): Promise<DiskReader> {
  const { openDiskSource } = await import('@holdfast/kit/disk/open');
  return openDiskSource(source);
}

export async function openSink(sink: DiskSink): Promise<DiskWriter> {
  const { openDiskSink } = await import('@holdfast/kit/disk/open');
  return openDiskSink(sink);
}
