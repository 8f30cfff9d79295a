import { constants, open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CommandHandler, FileSource } from '@holdfast/api';
import { HoldfastError } from '@holdfast/api';
import { inspectImage } from '@holdfast/kit/disk/inspect';
import { openDiskSource } from '@holdfast/kit/disk/open';
import type { DiskReader } from '@holdfast/kit/disk/reader';
import { compareBytes, compareFiles } from '../disk/compare.ts';
import { textOf } from './arguments.ts';
import type { Field } from './views.ts';
import { bytes, count, detail, text, verdict } from './views.ts';

/** `lab.compare`: are two disk images equal, byte for byte and file for file? */
export const compareCommand: CommandHandler = async (args, call) => {
  const left = await openImage(textOf(args, 'left', ''));
  try {
    const right = await openImage(textOf(args, 'right', ''));
    try {
      call.progress({ phase: 'comparing byte for byte' });
      const inBytes = await compareBytes(left, right, call.signal);
      call.progress({ phase: 'comparing file for file' });
      const inFiles = await compareFiles(left, right, call.signal);
      const equal = inBytes.equal && (inFiles === null || inFiles.equal);
      const fields: Field[] = [
        ['bytes', 'byte for byte', verdict(inBytes.equal, 'equal', `differ from offset ${inBytes.firstDifference}`)],
        ['comparedBytes', 'compared', bytes(inBytes.comparedBytes)],
      ];
      if (inFiles === null) fields.push(['files', 'file for file', text('no file system that can be read')]);
      else {
        const differ = `${inFiles.differingCount} differ, for example ${inFiles.differing[0] ?? 'none'}`;
        fields.push(['files', 'file for file', verdict(inFiles.equal, 'equal', differ)]);
        fields.push(['fileCount', `files (${inFiles.fileSystem})`, count(inFiles.files)]);
        fields.push(['fileBytes', 'bytes in files', bytes(inFiles.bytes)]);
      }
      return {
        data: { equal, bytes: { ...inBytes }, files: inFiles === null ? null : { ...inFiles } },
        view: detail(equal ? 'the disks are equal' : 'the disks differ', fields),
        ...(equal ? {} : { partial: true }),
      };
    } finally {
      await right.close();
    }
  } finally {
    await left.close();
  }
};

/** Opens a raw or qcow2 image that stands alone. */
async function openImage(given: string): Promise<DiskReader> {
  const path = resolve(given);
  const head = Buffer.alloc(32);
  await using handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw new HoldfastError('DISK_UNREADABLE', `${path} cannot be read`, { facts: { path }, cause });
  });
  if (!(await handle.stat()).isFile()) throw new HoldfastError('DISK_UNREADABLE', `${path} is not a file`);
  await handle.read(head, 0, head.length, 0);
  // What ends in .raw is raw, whatever a guest has written into its first sector.
  const format = head.readUInt32BE(0) === 0x514649fb && !path.endsWith('.raw') ? 'qcow2' : 'raw';
  const { sizeBytes, backing } = inspectImage(path, format);
  if (backing !== null) {
    throw new HoldfastError('UNSUPPORTED', `${path} lies over another image`, {
      remedy: 'make one image of the two first, with `qemu-img convert`',
    });
  }
  const source: FileSource = { kind: 'file', path, format, chain: [], sizeBytes };
  return await openDiskSource(source);
}
