import type { DiskSink, DiskSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { openChain } from './chain.ts';
import { RawWriter } from './raw-writer.ts';
import type { DiskReader, DiskWriter } from './reader.ts';

/**
 * Opens a disk for reading. Each worker thread opens its own; a local file is read at once, without waiting.
 * @throws `DISK_UNREADABLE`, `DISK_CHANGED` when the disk is not what the source says, `DISK_INVALID` for a damaged image,
 *   `UNSUPPORTED` for a kind or format that the kit cannot read; for a disk on the network `ENDPOINT_UNREACHABLE` as well.
 */
export async function openDiskSource(source: DiskSource): Promise<DiskReader> {
  // What speaks over a network is loaded when it is needed: most threads only ever see files.
  if (source.kind === 'nbd') return (await import('./nbd-reader.ts')).NbdReader.open(source);
  if (source.kind !== 'file') throw unsupported(`reading a disk from ${source.kind}`);
  const reader = openChain(source);
  if (reader.sizeBytes === source.sizeBytes) return reader;
  reader.close();
  throw new HoldfastError(
    'DISK_CHANGED',
    `${source.path} is a disk of ${reader.sizeBytes} bytes, not ${source.sizeBytes}`,
    { facts: { path: source.path, sizeBytes: reader.sizeBytes, expectedBytes: source.sizeBytes } },
  );
}

/**
 * Opens a disk for writing; what is not written stays zero.
 * @throws `DISK_UNWRITABLE`, `DISK_CHANGED` when it has not the size that the sink says, `UNSUPPORTED`; for a disk on the network
 *   `ENDPOINT_UNREACHABLE` as well.
 */
export async function openDiskSink(sink: DiskSink): Promise<DiskWriter> {
  if (sink.kind === 'nbd') return (await import('./nbd-writer.ts')).NbdWriter.open(sink);
  if (sink.kind !== 'file') throw unsupported(`writing a disk to ${sink.kind}`);
  return RawWriter.open(sink.path, sink.sizeBytes);
}

function unsupported(what: string): HoldfastError {
  return new HoldfastError('UNSUPPORTED', `${what} is not possible in this version`);
}
