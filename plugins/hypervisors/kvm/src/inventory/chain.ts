import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve, sep } from 'node:path';
import type { DiskFormat, FileSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { inspectImage } from '@holdfast/kit/disk/inspect';
import type { ImageLocks } from './locks.ts';

/** As many images as a chain may have; the kit reads no more. */
const mostImages = 64;

/** An image with everything below it, found and looked at. */
export interface FoundImage {
  readonly source: FileSource;
  /** Bytes that the top image takes on its storage. */
  readonly allocatedBytes: number;
  /** Whether a QEMU of this host has the top image open for writing. */
  readonly inUse: boolean;
}

/**
 * Finds an image and the chain below it. Names in headers and domain definitions are other people's words: whatever they say,
 * nothing outside of the endpoint's folder is ever opened.
 * @param folder The endpoint's folder, with all links resolved.
 * @throws `DISK_UNREADABLE`, `DISK_INVALID`, `UNSUPPORTED`, `PERMISSION_DENIED` for what leads out of the folder.
 */
export function findImage(path: string, format: DiskFormat, folder: string, locks: ImageLocks): FoundImage {
  const chain: { path: string; format: DiskFormat; stamp: string }[] = [];
  const seen = new Set<string>();
  let top: { readonly sizeBytes: number; readonly allocatedBytes: number; readonly inUse: boolean } | null = null;
  for (let next: { path: string; format: DiskFormat } | null = { path, format }; next !== null; ) {
    const real = insideOf(folder, next.path);
    if (seen.has(real))
      throw new HoldfastError('DISK_INVALID', `${basename(path)}: its chain of images comes back to itself`);
    if (seen.size >= mostImages)
      throw new HoldfastError('DISK_INVALID', `${basename(path)}: its chain has more than ${mostImages} images`);
    seen.add(real);
    const facts = inspectImage(real, next.format);
    chain.push({ path: real, format: next.format, stamp: facts.stamp });
    top ??= {
      sizeBytes: facts.sizeBytes,
      allocatedBytes: facts.allocatedBytes,
      inUse: locks.isWritten(statSync(real, { bigint: true })),
    };
    next = facts.backing === null ? null : belowOf(real, facts.backing);
  }
  const [first, ...below] = chain;
  if (first === undefined || top === null) throw new RangeError('a chain has no image');
  const source: FileSource = { kind: 'file', ...first, chain: below, sizeBytes: top.sizeBytes };
  return { source, allocatedBytes: top.allocatedBytes, inUse: top.inUse };
}

/** Resolves all links of a path, and refuses it when it leads out of the folder. */
export function insideOf(folder: string, path: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch (cause) {
    throw new HoldfastError('DISK_UNREADABLE', `${path} is not there`, { facts: { path }, cause });
  }
  if (real.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return real;
  throw new HoldfastError('PERMISSION_DENIED', `${path} lies outside of ${folder}`, {
    remedy: 'move the image into the folder of the endpoint',
    facts: { path, folder },
  });
}

/** Formats as libvirt and QEMU name them. */
const formats: Readonly<Record<string, DiskFormat>> = {
  raw: 'raw',
  qcow2: 'qcow2',
  vmdk: 'vmdk',
  vpc: 'vhd',
  vhdx: 'vhdx',
};

/** The format of a QEMU driver name. @throws `UNSUPPORTED` */
export function formatOf(name: string): DiskFormat {
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (format !== undefined) return format;
  throw new HoldfastError('UNSUPPORTED', `images of format ${name.slice(0, 32)} cannot be read in this version`);
}

function belowOf(image: string, backing: { readonly name: string; readonly format: string | null }) {
  if (/^[a-z0-9+.-]+:/i.test(backing.name)) {
    throw new HoldfastError(
      'UNSUPPORTED',
      `${basename(image)} lies over ${backing.name.slice(0, 200)}, which is no file`,
    );
  }
  if (backing.format === null) {
    throw new HoldfastError('DISK_INVALID', `${basename(image)} does not say of which format the image below it is`, {
      remedy: 'write it down with `qemu-img rebase -u -b BACKING -F FORMAT IMAGE`',
    });
  }
  return { path: resolve(dirname(image), backing.name), format: formatOf(backing.format) };
}
