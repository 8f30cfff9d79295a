import type { DiskFormat, DiskSink, DiskSource, FileSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { ImageFile } from './image-file.ts';
import { RawReader } from './raw-reader.ts';
import { RawWriter } from './raw-writer.ts';
import type { DiskReader, DiskWriter } from './reader.ts';

/**
 * Opens a disk for reading. Each worker thread opens its own; a local file is read at once, without waiting.
 * @throws `DISK_UNREADABLE`, `DISK_CHANGED` when the disk is not what the source says, `DISK_INVALID` for a damaged image,
 *   `UNSUPPORTED` for a kind or format that the kit cannot read.
 */
export async function openDiskSource(source: DiskSource): Promise<DiskReader> {
  if (source.kind !== 'file') throw unsupported(`reading a disk from ${source.kind}`);
  const reader = openFile(source);
  if (reader.sizeBytes === source.sizeBytes) return reader;
  await reader.close();
  throw new HoldfastError(
    'DISK_CHANGED',
    `${source.path} is a disk of ${reader.sizeBytes} bytes, not ${source.sizeBytes}`,
    {
      facts: { path: source.path, sizeBytes: reader.sizeBytes, expectedBytes: source.sizeBytes },
    },
  );
}

/**
 * Opens a disk for writing; what is not written stays zero.
 * @throws `DISK_UNWRITABLE`, `DISK_CHANGED` when the file has not the size that the sink says, `UNSUPPORTED`.
 */
export async function openDiskSink(sink: DiskSink): Promise<DiskWriter> {
  if (sink.kind !== 'file') throw unsupported(`writing a disk to ${sink.kind}`);
  return RawWriter.open(sink.path, sink.sizeBytes);
}

function openFile(source: FileSource): DiskReader {
  if (source.format === 'raw') return new RawReader(ImageFile.open(source.path, { stamp: source.stamp }));
  throw unsupported(`reading ${nameOf(source.format)} images`);
}

const nameOf = (format: DiskFormat): string => format.toUpperCase();

function unsupported(what: string): HoldfastError {
  return new HoldfastError('UNSUPPORTED', `${what} is not possible in this version`);
}
