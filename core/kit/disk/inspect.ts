import type { DiskFormat } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { ImageFile } from './image-file.ts';
import { beginsLikeQcow2, readQcow2Header } from './qcow2/header.ts';

/** What an image says of itself. */
export interface ImageFacts {
  /** Size of the virtual disk in bytes. */
  readonly sizeBytes: number;
  /** Bytes that the file takes on its storage. */
  readonly allocatedBytes: number;
  /** For `FileSource.stamp`. */
  readonly stamp: string;
  /** Name and format of the image below, as written in the header: untrusted, unresolved. `null` when it stands alone. */
  readonly backing: { readonly name: string; readonly format: string | null } | null;
  /** Whether the file begins as a qcow2 image does, whatever it was taken for. */
  readonly looksLikeQcow2: boolean;
}

/**
 * Looks at the header of an image, without following what it names.
 * @throws `DISK_UNREADABLE`, `DISK_INVALID`, `UNSUPPORTED` for a format or a feature that the kit cannot read.
 */
export function inspectImage(path: string, format: DiskFormat): ImageFacts {
  const file = ImageFile.open(path);
  try {
    const { allocatedBytes, stamp } = file;
    const head = new Uint8Array(Math.min(4, file.sizeBytes));
    file.read(head, 0);
    const looksLikeQcow2 = beginsLikeQcow2(head);
    if (format === 'raw') return { sizeBytes: file.sizeBytes, allocatedBytes, stamp, backing: null, looksLikeQcow2 };
    if (format !== 'qcow2') {
      throw new HoldfastError('UNSUPPORTED', `${path}: ${format.toUpperCase()} images cannot be read in this version`);
    }
    const { sizeBytes, backing } = readQcow2Header(file);
    return { sizeBytes, allocatedBytes, stamp, backing, looksLikeQcow2 };
  } finally {
    file.close();
  }
}
