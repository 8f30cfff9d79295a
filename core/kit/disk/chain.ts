import { basename } from 'node:path';
import type { DiskFormat, FileSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { ImageFile } from './image-file.ts';
import type { ImageReader } from './image-reader.ts';
import { readQcow2Header } from './qcow2/header.ts';
import { Qcow2Reader } from './qcow2/reader.ts';
import { RawReader } from './raw-reader.ts';

/** QEMU itself has no limit, but nobody works with more. */
const mostImages = 64;

interface Link {
  readonly path: string;
  readonly format: DiskFormat;
  readonly stamp?: string | undefined;
}

/**
 * Opens an image and the chain below it. The chain is the descriptor's, never the header's: a header is written by whoever
 * wrote the image, and could name any file of this machine. It must agree with the descriptor, though.
 */
export function openChain(source: FileSource): ImageReader {
  const links: readonly Link[] = [source, ...source.chain];
  if (links.length > mostImages) throw new HoldfastError('DISK_INVALID', `${source.path} has too long a chain`);
  if (new Set(links.map((link) => link.path)).size !== links.length) {
    throw new HoldfastError('DISK_INVALID', `${source.path} has a chain that comes back to itself`);
  }
  return openLink(links, 0);
}

function openLink(links: readonly Link[], index: number): ImageReader {
  const link = links[index];
  if (link === undefined) throw new RangeError('a chain has no such image');
  const below = links[index + 1];
  const file = ImageFile.open(link.path, { stamp: link.stamp });
  try {
    if (link.format === 'raw') {
      if (below !== undefined)
        throw new HoldfastError('DISK_INVALID', `${link.path} is raw and can have nothing below it`);
      return new RawReader(file);
    }
    if (link.format !== 'qcow2') {
      throw new HoldfastError(
        'UNSUPPORTED',
        `reading ${link.format.toUpperCase()} images is not possible in this version`,
      );
    }
    const header = readQcow2Header(file);
    refuseOtherBacking(file, header.backing?.name ?? null, below);
    return new Qcow2Reader(file, header, below === undefined ? null : openLink(links, index + 1));
  } catch (cause) {
    file.close();
    throw cause;
  }
}

/** The names must agree, not the folders: a snapshot of the chain may lie elsewhere. */
function refuseOtherBacking(file: ImageFile, name: string | null, below: Link | undefined): void {
  if (name === null && below === undefined) return;
  if (name !== null && below !== undefined && basename(name) === basename(below.path)) return;
  const told = below === undefined ? 'none was named' : `${basename(below.path)} was named`;
  throw new HoldfastError('DISK_CHANGED', `${file.path} says that ${name ?? 'nothing'} is below it, but ${told}`, {
    remedy: 'list the machine again: its chain of images has changed',
    facts: { path: file.path },
  });
}
